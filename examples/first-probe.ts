/**
 * A probe: who opens TCP connections, and where to.
 * The function runs in the kernel at each change of a socket's state; the object it returns is the event.
 */
import { comm, ip, pid, table, tracepoint } from "tsprobe";
import { AF_INET, IPPROTO_TCP, TCP_SYN_SENT } from "tsprobe/kernel";

export const connects = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (ctx.protocol !== IPPROTO_TCP || ctx.newstate !== TCP_SYN_SENT) return;
  return { pid: pid(), comm: comm(), to: ctx.family === AF_INET ? ip(ctx.daddr) : ip(ctx.daddr_v6), port: ctx.dport };
});

table(connects, ["pid", "comm", "to", "port"]);
