/** TCP segments that are sent again, with the connection and its state. */
import { ip, table, tracepoint, wallNs } from "tsprobe";
import { AF_INET, tcpState } from "tsprobe/kernel";

export const retransmits = tracepoint("tcp:tcp_retransmit_skb", (ctx) => ({
  time: wallNs(),
  laddr: ctx.family === AF_INET ? ip(ctx.saddr) : ip(ctx.saddr_v6),
  lport: ctx.sport,
  raddr: ctx.family === AF_INET ? ip(ctx.daddr) : ip(ctx.daddr_v6),
  rport: ctx.dport,
  state: tcpState(ctx.state),
}));

table(retransmits, [
  { TIME: (e) => new Date(Number(e.time / 1_000_000n)).toISOString().slice(11, 23) },
  { LADDR: { value: "laddr", width: 15 }, LPORT: "lport" },
  { RADDR: { value: "raddr", width: 15 }, RPORT: "rport" },
  "state",
]);
