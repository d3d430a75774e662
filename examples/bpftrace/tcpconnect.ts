/** Connections that processes open. One fact, three hooks: the best that this kernel has is used (`-v` says which). */

import type { KernelStruct } from "tsprobe";
import { comm, fentry, firstOf, fn, ip, kprobe, pid, table, tracepoint } from "tsprobe";
import { AF_INET, IPPROTO_TCP, TCP_SYN_SENT } from "tsprobe/kernel";
import { sockAddrs } from "tsprobe/net";

const connection = fn((sk: KernelStruct<"sock">) => {
  const { raddr, rport } = sockAddrs(sk);
  return { pid: pid(), comm: comm(), raddr, rport };
});

export const connects = firstOf(
  fentry("tcp_connect", ({ sk }) => connection(sk)),
  kprobe("tcp_connect", ({ sk }) => connection(sk)),
  tracepoint("sock:inet_sock_set_state", (ctx) => {
    if (ctx.protocol !== IPPROTO_TCP || ctx.newstate !== TCP_SYN_SENT) return;
    return { pid: pid(), comm: comm(), raddr: ctx.family === AF_INET ? ip(ctx.daddr) : ip(ctx.daddr_v6), rport: ctx.dport };
  }),
);

table(connects, ["pid", "comm", "raddr", "rport"]);
