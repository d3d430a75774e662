/**
 * tcpstates: every state change of every TCP socket, with how long it was in the old state and whose socket it is.
 * Columns, flags and field names are those of BCC's and libbpf-tools' tools of the same name; docs/tools/tcpstates.md says where not.
 */
import {
  addressOf,
  array,
  comm,
  count,
  curtask,
  event,
  every,
  fexit,
  firstOf,
  fn,
  inInterrupt,
  ip,
  journal,
  kptr,
  kretprobe,
  ktimeNs,
  lruHash,
  onExit,
  opt,
  options,
  outputFormat,
  pid,
  quantiles,
  refuseUsage,
  rows,
  table,
  tid,
  tracepoint,
  usage,
} from "tsprobe";
import {
  AF_INET,
  AF_INET6,
  errno,
  IPPROTO_TCP,
  TCP_CLOSE,
  TCP_FIN_WAIT1,
  TCP_LAST_ACK,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  tcpState,
} from "tsprobe/kernel";
import { fdSock, sockInCgroup } from "tsprobe/net";

usage({
  about: "Every state change of TCP sockets: who owns the socket, its addresses, and how long it was in the old state.",
  examples: [
    ["-T -L 443", "with the time of day, only of local port 443"],
    ["-w -A 10.0.0.0/8", "wide, with whole addresses, only connections with this network"],
    ["--comm nginx --csv", "sockets that nginx opened or accepted, as CSV"],
    ["--summary --interval 10s", "no rows: every ten seconds the time spent in each state, as percentiles"],
  ],
  noTaskFilters: "states change in whichever process is running; choose by the socket's --pid, --comm, --cgroup or --netns",
});

export const opts = options({
  time: opt.flag({ flag: "-T, --time", help: "a first column with the time of day" }),
  timestamp: opt.flag({ flag: "-t, --timestamp", help: "a column with the seconds since the first change" }),
  wide: opt.flag({ flag: "-w, --wide", help: "room for whole names and IPv6 addresses, and who ran when the state changed" }),
  csv: opt.flag({ flag: "-s, --csv", help: "comma-separated values, as --format csv" }),
  localPort: opt.u16Set({ flag: "-L, --localport <list>", help: "only these local ports, such as 80,443 or 8000-8010" }),
  remotePort: opt.u16Set({ flag: "-D, --remoteport <list>", help: "only these remote ports" }),
  localAddress: opt.cidrSet({ flag: "-a, --laddr <list>", help: "only these local addresses and networks" }),
  remoteAddress: opt.cidrSet({ flag: "-A, --raddr <list>", help: "only these remote addresses and networks" }),
  ipv4: opt.flag({ flag: "-4, --ipv4", help: "only IPv4 sockets" }),
  ipv6: opt.flag({ flag: "-6, --ipv6", help: "only IPv6 sockets" }),
  pid: opt.u32({ flag: "-p, --pid <pid>", help: "only sockets that this process owns" }),
  comm: opt.comm({ flag: "--comm <name>", help: "only sockets whose owner has this name" }),
  cgroup: opt.cgroup({ flag: "--cgroup <path>", help: "only sockets of this cgroup (v2) and those below it" }),
  netns: opt.netns({ flag: "--netns <name>", help: "only sockets of this network namespace" }),
  journal: opt.flag({ flag: "-Y, --journal", help: "also a record of each change in systemd's journal" }),
  summary: opt.flag({ flag: "--summary", help: "no rows: at the end the time spent in each state, as percentiles" }),
  interval: opt.duration({
    flag: "-i, --interval <s>",
    help: "with --summary: this often, and anew each time",
    unit: "s",
    min: "1ms",
    max: "596h",
  }),
});
if (opts.interval !== undefined && !opts.summary) refuseUsage("--interval is for --summary", "give --summary too");

/** What a handler sends of a change; 0 is a process that is not known. */
const moves = event({
  sk: "ptr",
  at: "u64",
  us: "u64",
  laddr: "ip",
  lport: "u16",
  raddr: "ip",
  rport: "u16",
  from: "u8",
  to: "u8",
  pid: "u32",
  comm: "comm",
  cpid: "u32",
  ccomm: "comm",
});

/** Each socket's present state, and when it entered it. LRU, since a socket can vanish without a last transition. */
const present = lruHash({ key: "ptr", value: { state: "u8", since: "u64" }, max: 65_536 });
/** Changes that must have happened, and that the kernel did not tell: it skips a probe while another one runs on that CPU. */
export const unseen = count();
/** The process that opened or accepted a socket. */
const owners = lruHash({ key: "ptr", value: { pid: "u32", comm: "comm" }, max: 65_536 });
/**
 * Sockets that connect and have no local port yet: the kernel chooses it after the change to SYN_SENT (tcp_v4_connect). `before`: the
 * port of the socket's connection before this one.
 */
const waiting = lruHash({
  key: "ptr",
  value: { at: "u64", before: "u16", laddr: "ip", raddr: "ip", rport: "u16", pid: "u32", comm: "comm" },
  max: 8192,
});
/** When the first change was seen, for --timestamp: its row may wait for a port and come after others. */
const started = array({ value: "u64", length: 1 });
/** The socket that a thread is connecting. */
const connecting = lruHash({ key: "u32", value: "ptr", max: 8192 });
/** How long sockets were in each state, for --summary. */
export const times = quantiles({ at: [0.5, 0.9, 0.99], error: 0.02, unit: "us" }).by("u8", { max: 16 });

/** Sends a socket's first row, once its port is known. Sent before it is deleted: whoever comes next on another CPU either sends it first, too, or finds it sent. */
const sendWaiting = fn((sk: bigint, lport: number) => {
  const first = waiting.get(sk);
  if (first === undefined) return;
  if (opts.localPort.size > 0 && !opts.localPort.has(lport))
    present.delete(sk); // -L hides all that is to come of it
  else if (!opts.summary)
    moves.emit({
      sk,
      at: first.at,
      us: 0n,
      laddr: first.laddr,
      lport,
      raddr: first.raddr,
      rport: first.rport,
      from: TCP_CLOSE,
      to: TCP_SYN_SENT,
      pid: first.pid,
      comm: first.comm,
      cpid: first.pid,
      ccomm: first.comm,
    });
  waiting.delete(sk);
});

/**
 * The local port at a change. inet_sport, which the tracepoint has, stays when the port is given back: it is of an earlier connection
 * as long as skc_num is 0, and to the end where no port was found. What a packet ended (sk_err) had one; ECONNRESET is what a
 * connection leaves that connect(AF_UNSPEC) has dissolved (tcp_disconnect, net/ipv4/tcp.c).
 */
const portAt = fn((at: bigint, sport: number, opens: boolean, newstate: number): number => {
  const sk = kptr("sock", at);
  if (opens) return sk.__sk_common.skc_num;
  const { sk_err: error } = sk;
  if (newstate !== TCP_CLOSE || (error !== 0 && error !== errno.ECONNRESET)) return sport;
  return sport === waiting.get(at)?.before ? 0 : sport;
});

/** A flag of kernel threads (include/linux/sched.h): they also close what processes have left. */
const PF_KTHREAD = 0x20_0000;

export const changes = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (ctx.protocol !== IPPROTO_TCP) return;
  // Both flags together mean both families, as without any.
  if (opts.ipv4 && !opts.ipv6 && ctx.family !== AF_INET) return;
  if (opts.ipv6 && !opts.ipv4 && ctx.family !== AF_INET6) return;
  if (opts.remotePort.size > 0 && !opts.remotePort.has(ctx.dport)) return;
  const laddr = ctx.family === AF_INET ? ip(ctx.saddr) : ip(ctx.saddr_v6);
  const raddr = ctx.family === AF_INET ? ip(ctx.daddr) : ip(ctx.daddr_v6);
  if (opts.localAddress.size > 0 && !opts.localAddress.has(laddr)) return;
  if (opts.remoteAddress.size > 0 && !opts.remoteAddress.has(raddr)) return;
  if (opts.netns !== undefined && kptr("sock", ctx.skaddr).__sk_common.skc_net.net?.ns.inum !== opts.netns) return;
  if (opts.cgroup !== undefined && !sockInCgroup(kptr("sock", ctx.skaddr), opts.cgroup)) return;

  const connects = ctx.oldstate === TCP_CLOSE && ctx.newstate === TCP_SYN_SENT;
  const opens = connects || (ctx.oldstate === TCP_CLOSE && ctx.newstate === TCP_LISTEN);
  const lport = portAt(ctx.skaddr, ctx.sport, opens, ctx.newstate);
  // Its first row may still wait for the port, and comes before this one.
  if (ctx.oldstate !== TCP_CLOSE) sendWaiting(ctx.skaddr, lport);
  const waits = connects && lport === 0;
  if (!waits && opts.localPort.size > 0 && !opts.localPort.has(lport)) return;

  const now = ktimeNs();
  // A socket begins in CLOSE, or as the child of a listener. What the maps hold then is of an earlier socket at this address.
  const isChild = ctx.oldstate === TCP_LISTEN && ctx.newstate === TCP_SYN_RECV;
  const before = ctx.oldstate === TCP_CLOSE || isChild ? undefined : present.get(ctx.skaddr);
  // The time of a state whose beginning was not seen is not known, as if it were a socket's first.
  const known = before !== undefined && before.state === ctx.oldstate;
  const us = before !== undefined && known ? (now - before.since) / 1000n : 0n;
  if (ctx.newstate === TCP_CLOSE) present.delete(ctx.skaddr);
  else present.set(ctx.skaddr, { state: ctx.newstate, since: now });

  // connect() and listen() are calls of the owner's. Who shuts down or closes holds the socket, too, unless an interrupt came between.
  const cpid = inInterrupt() ? 0 : pid();
  if (isChild) owners.delete(ctx.skaddr);
  const ends =
    ctx.newstate === TCP_FIN_WAIT1 ||
    ctx.newstate === TCP_LAST_ACK ||
    (ctx.oldstate === TCP_LISTEN && ctx.newstate === TCP_CLOSE);
  const holds = ends && cpid !== 0 && (curtask().flags & PF_KTHREAD) === 0 && !owners.has(ctx.skaddr);
  if (opens || holds) owners.set(ctx.skaddr, { pid: pid(), comm: comm() });
  const owner = owners.get(ctx.skaddr) ?? { pid: 0, comm: "" };
  if (ctx.newstate === TCP_CLOSE) owners.delete(ctx.skaddr);
  if (opts.pid !== undefined && owner.pid !== opts.pid) return;
  if (opts.comm !== undefined && owner.comm !== opts.comm) return;

  if (before !== undefined && !known) unseen.add();
  if (opts.timestamp && (started.get(0) ?? 0n) === 0n) started.set(0, now);
  // With --summary, too: -L has to see the port.
  if (waits) {
    waiting.set(ctx.skaddr, { at: now, before: ctx.sport, laddr, raddr, rport: ctx.dport, pid: owner.pid, comm: owner.comm });
    connecting.set(tid(), ctx.skaddr);
    return;
  }
  if (opts.summary) {
    if (known) times.add(ctx.oldstate, us);
    return;
  }
  moves.emit({
    sk: ctx.skaddr,
    at: now,
    us,
    laddr,
    lport,
    raddr,
    rport: ctx.dport,
    from: ctx.oldstate,
    to: ctx.newstate,
    pid: owner.pid,
    comm: owner.comm,
    cpid,
    ccomm: comm(),
  });
});

/** After the kernel has chosen a port, or failed to, in the thread that connects. */
const portChosen = fn(() => {
  const sk = connecting.get(tid());
  if (sk === undefined) return;
  const lport = kptr("sock", sk).__sk_common.skc_num;
  if (lport === 0) return; // the next change tells
  connecting.delete(tid());
  sendWaiting(sk, lport);
});
firstOf(
  fexit("inet_hash_connect", () => portChosen()),
  kretprobe("inet_hash_connect", () => portChosen()),
  tracepoint("syscalls:sys_exit_connect", () => portChosen()),
);
firstOf(
  fexit("inet6_hash_connect", () => portChosen()),
  kretprobe("inet6_hash_connect", () => portChosen()),
  tracepoint("syscalls:sys_exit_connect", () => portChosen()),
);
// A connect() that nobody answers, where neither of these was seen (io_uring has no system call of its own for it).
tracepoint("tcp:tcp_retransmit_skb", (ctx) => sendWaiting(ctx.skaddr, ctx.sport));

const accepted = fn((sk: bigint) => {
  if (sk === 0n || kptr("sock", sk).sk_protocol !== IPPROTO_TCP) return;
  owners.set(sk, { pid: pid(), comm: comm() });
});
firstOf(
  fexit("inet_csk_accept", ({ ret }) => accepted(ret === null ? 0n : addressOf(ret))),
  kretprobe("inet_csk_accept", ({ ret }) => accepted(ret === null ? 0n : addressOf(ret))),
  tracepoint("syscalls:sys_exit_accept*", (ctx) => {
    if (ctx.ret >= 0n) accepted(fdSock(Number(ctx.ret)));
  }),
);

/** First rows that two CPUs sent at once: shown once. */
const begun = new Map<bigint, bigint>();
function isRepeated({ sk, at, from, to }: Parameters<typeof moves.emit>[0]): boolean {
  if (from === TCP_CLOSE && to === TCP_SYN_SENT) {
    if (begun.get(sk) === at) return true;
    begun.set(sk, at);
  } else if (to === TCP_CLOSE) begun.delete(sk);
  return false;
}

/** A change as it is shown: a process that is not known is left out. */
function describeChange({ pid, comm, cpid, ccomm, from, to, ...rest }: Parameters<typeof moves.emit>[0]) {
  const owner = pid === 0 ? { pid: undefined, comm: undefined } : { pid, comm };
  const current = cpid === 0 ? { cpid: undefined, ccomm: undefined } : { cpid, ccomm };
  return { ...rest, ...owner, from: tcpState(from), to: tcpState(to), ...current };
}
type Change = ReturnType<typeof describeChange>;
export const states = rows<Change>("states");

moves.on((move) => {
  if (isRepeated(move)) return;
  const change = describeChange(move);
  if (opts.journal) writeJournal(change);
  states.push(change);
});

/** The time of day of a moment on the kernel's clock, which is Node's hrtime. */
function dateOf(at: bigint): Date {
  return new Date(Date.now() - Number(process.hrtime.bigint() - at) / 1e6);
}

let first: bigint | undefined;
function secondsSinceFirst(at: bigint): string {
  first ??= started.get(0) || at;
  // Two CPUs that see their first change at once read the clock before either has noted it.
  return Math.max(0, Number(at - first) / 1e9).toFixed(6);
}

/** Field names as BCC's tcpstates has them. */
function writeJournal({ at, pid, comm, laddr, lport, raddr, rport, from, to, us }: Change): void {
  const family = laddr.includes(":") ? "IPV6" : "IPV4";
  journal({
    MESSAGE: `${comm ?? "-"}[${pid ?? "-"}] ${laddr} ${lport} -> ${raddr} ${rport}: ${from} -> ${to} after ${Number(us) / 1000} ms`,
    PRIORITY: 6,
    SYSLOG_IDENTIFIER: "tcpstates",
    OBJECT_REALTIME_TIMESTAMP: dateOf(at).getTime() * 1000,
    OBJECT_PID: pid,
    OBJECT_COMM: comm,
    [`OBJECT_${family}_SOURCE_ADDRESS`]: laddr,
    OBJECT_TCP_SOURCE_PORT: lport,
    [`OBJECT_${family}_DESTINATION_ADDRESS`]: raddr,
    OBJECT_TCP_DESTINATION_PORT: rport,
    OBJECT_TCP_OLD_STATE: from,
    OBJECT_TCP_NEW_STATE: to,
    OBJECT_TCP_SPAN_TIME: us,
  });
}

const isCsv = outputFormat(opts.csv ? "csv" : undefined) === "csv";
const [name, address] = opts.wide ? [16, 39] : [10, 15];
const owner = [{ PID: { value: "pid", width: 7 } }, { COMM: { value: "comm", width: name, cut: true } }] as const;
const current = [{ "C-PID": { value: "cpid", width: 7 } }, { "C-COMM": { value: "ccomm", width: name, cut: true } }] as const;
const whole = opts.wide || isCsv;

if (!opts.summary)
  table(states, [
    ...(opts.time ? [{ TIME: { value: (e: Change) => dateOf(e.at).toTimeString().slice(0, 8), width: 8 } }] : []),
    ...(opts.timestamp ? [{ "TIME(s)": { value: (e: Change) => secondsSinceFirst(e.at), width: 9 } }] : []),
    { SKADDR: { value: (e) => e.sk.toString(16), width: 16 } },
    // BCC's CSV has who ran here; readers count columns.
    ...(isCsv ? current : owner),
    ...(whole ? [{ IP: { value: (e: Change) => (e.laddr.includes(":") ? 6 : 4), width: 2 } }] : []),
    { LADDR: { value: "laddr", width: address } },
    { LPORT: { value: "lport", width: 5 } },
    { RADDR: { value: "raddr", width: address } },
    { RPORT: { value: "rport", width: 5 } },
    { OLDSTATE: { value: "from", width: 11 } },
    { NEWSTATE: { value: "to", width: 11, before: "-> " } },
    { MS: { value: (e) => Number(e.us) / 1000, decimals: 3 } },
    ...(isCsv ? owner : whole ? current : []),
  ]);

/** What --summary shows of a state, in milliseconds. */
const summary = rows<{ state: string } & Record<"count" | "p50" | "p90" | "p99" | "max", number | undefined>>("summary");
const ms = (us: number | bigint | undefined) => (us === undefined ? undefined : Number(us) / 1000);

async function summarise(): Promise<void> {
  const entries = [...(await times.readAndReset())].sort(([a], [b]) => a - b);
  if (!opts.summary) return;
  for (const [state, { count, p50, p90, p99, max }] of entries)
    summary.push({ state: tcpState(state), count, p50: ms(p50), p90: ms(p90), p99: ms(p99), max: ms(max) });
}
if (opts.summary) {
  const column = (value: "p50" | "p90" | "p99" | "max") => ({ value, width: 10, decimals: 3 });
  table(summary, [
    { STATE: { value: "state", width: 11 } },
    { COUNT: { value: "count", width: 8 } },
    { "P50(ms)": column("p50"), "P90(ms)": column("p90"), "P99(ms)": column("p99"), "MAX(ms)": column("max") },
  ]);
  if (opts.interval !== undefined) every(Number(opts.interval) / 1e9, summarise);
}
onExit(async () => {
  await summarise();
  const missing = await unseen.read();
  if (missing > 0) console.error(`changes of state not seen: ${missing}; how long the state after each lasted is not known`);
});
