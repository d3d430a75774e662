/** Helpers that handlers share, from another file: kernel code that is written once and imported like anything else. */
import { table, tracepoint } from "tsprobe";
import { IPPROTO_TCP, tcpState } from "tsprobe/kernel";
import { isLoopback, isWellKnown } from "./shared/addresses.js";

export const moves = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (ctx.protocol !== IPPROTO_TCP) return;
  if (!isLoopback(ctx.family, ctx.daddr)) return;
  return { port: ctx.dport, known: isWellKnown(ctx.dport), to: tcpState(ctx.newstate) };
});

table(moves, ["port", "known", "to"]);
