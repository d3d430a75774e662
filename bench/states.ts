/**
 * tcpstates: every state transition of every TCP socket, with how long the socket was in the old state.
 * The columns are those of BCC's tool of the same name.
 */
import { comm, ip, ktimeNs, lruHash, opt, options, pid, table, tracepoint } from "tsprobe";
import { AF_INET, AF_INET6, IPPROTO_TCP, TCP_CLOSE, TCP_LISTEN, TCP_SYN_RECV, tcpState } from "tsprobe/kernel";

export const opts = options({
  ipv4: opt.flag({ flag: "-4, --ipv4", help: "only IPv4 sockets" }),
  ipv6: opt.flag({ flag: "-6, --ipv6", help: "only IPv6 sockets" }),
  localPort: opt.u16Set({ flag: "-L, --localport <list>", help: "only these local ports, such as 80,443 or 8000-8010" }),
  remotePort: opt.u16Set({ flag: "-D, --remoteport <list>", help: "only these remote ports" }),
  timestamp: opt.flag({ flag: "-T, --timestamp", help: "a first column with the time of day" }),
});

/** When each socket entered its present state. LRU, since a socket can vanish without a last transition. */
const since = lruHash({ key: "ptr", value: "u64", max: 65_536 });

export const states = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (ctx.protocol !== IPPROTO_TCP) return;
  // Both flags together mean both families, as without any.
  if (opts.ipv4 && !opts.ipv6 && ctx.family !== AF_INET) return;
  if (opts.ipv6 && !opts.ipv4 && ctx.family !== AF_INET6) return;
  if (opts.localPort.size > 0 && !opts.localPort.has(ctx.sport)) return;
  if (opts.remotePort.size > 0 && !opts.remotePort.has(ctx.dport)) return;

  const now = ktimeNs();
  // A socket begins in CLOSE, or as the child of a listener. What the map holds then is of an earlier socket at this address.
  const begins = ctx.oldstate === TCP_CLOSE || (ctx.oldstate === TCP_LISTEN && ctx.newstate === TCP_SYN_RECV);
  const before = begins ? undefined : since.get(ctx.skaddr);
  if (ctx.newstate === TCP_CLOSE) since.delete(ctx.skaddr);
  else since.set(ctx.skaddr, now);

  return {
    sk: ctx.skaddr,
    pid: pid(),
    comm: comm(),
    laddr: ctx.family === AF_INET ? ip(ctx.saddr) : ip(ctx.saddr_v6),
    lport: ctx.sport,
    raddr: ctx.family === AF_INET ? ip(ctx.daddr) : ip(ctx.daddr_v6),
    rport: ctx.dport,
    from: tcpState(ctx.oldstate),
    to: tcpState(ctx.newstate),
    us: before === undefined ? 0n : (now - before) / 1000n,
  };
});

const time = () => new Date().toTimeString().slice(0, 8);

table(states, [
  ...(opts.timestamp ? [{ "TIME(s)": { value: time, width: 8 } }] : []),
  { SKADDR: "sk" },
  "pid",
  { COMM: { value: "comm", width: 10, cut: true } },
  "laddr",
  "lport",
  "raddr",
  "rport",
  { OLDSTATE: { value: "from", width: 11 } },
  { NEWSTATE: { value: "to", width: 11, before: "-> " } },
  { MS: { value: (e) => Number(e.us) / 1000, decimals: 3 } },
]);
