/**
 * tcpconnlat: how long each TCP connect took, from connect() to the first reply of the peer, and how it ended.
 * The first columns are those of the tools of BCC and libbpf-tools; docs/tools/tcpconnlat.md says what is beyond.
 *
 * A connect begins in the process, in tcp_v4_connect() or tcp_v6_connect(), and ends when the socket leaves SYN_SENT, which is mostly in
 * an interrupt. So process and filters are looked at where it begins.
 */
import {
  addressOf,
  comm,
  event,
  every,
  fentry,
  fexit,
  firstOf,
  fn,
  hash,
  hist,
  ip,
  isWantedTask,
  type KernelStruct,
  kprobe,
  kptr,
  kretprobe,
  ktimeNs,
  log2Text,
  lruHash,
  nothing,
  onExit,
  opt,
  options,
  outputFormat,
  pid,
  refuseUsage,
  rows,
  table,
  tid,
  tracepoint,
  uid,
  usage,
  type ValueOf,
  visibleText,
} from "tsprobe";
import { AF_INET, AF_INET6, errno, errnoName, IPPROTO_TCP, TCP_CLOSE, TCP_SYN_SENT } from "tsprobe/kernel";
import { fdSock, localAddr, localPort, remoteAddr, remotePort, sockaddr, sockNetns, tcpSock, userSockaddr } from "tsprobe/net";

usage({
  about: "How long each TCP connect took until the peer's first reply, how it ended, and how often the SYN was sent again.",
  examples: [
    ["", "every connect of the machine"],
    ["-t -L 100", "those of 100 ms and more, with their time and local port"],
    ["-p 1234 --failed", "failed ones of a process"],
    ["--raddr 10.0.0.0/8 --remoteport 443", "to port 443 of a network"],
    ["-c 'curl -s example.org'", "of a command and the processes it starts"],
    ["--histogram --interval 10", "each 10 s: latencies as a histogram for each outcome"],
    ["--histogram --by raddr,outcome", "for each destination, at Ctrl-C"],
  ],
});

export const opts = options({
  least: opt.duration({ flag: "<min-ms>", help: "only connects that took at least so many milliseconds", unit: "ms" }),
  timestamp: opt.flag({ flag: "-t, --timestamp", help: "a first column with the seconds since the first row" }),
  lport: opt.flag({ flag: "-L, --lport", help: "a column with the local port" }),
  ipv4: opt.flag({ flag: "-4, --ipv4", help: "only IPv4 sockets" }),
  ipv6: opt.flag({ flag: "-6, --ipv6", help: "only IPv6 sockets" }),
  localPorts: opt.u16Set({ flag: "--localport <list>", help: "only from these local ports, such as 1024-2048" }),
  remotePorts: opt.u16Set({ flag: "--remoteport <list>", help: "only to these ports, such as 80,443" }),
  laddr: opt.cidrSet({ flag: "--laddr <list>", help: "only from these addresses and networks" }),
  raddr: opt.cidrSet({ flag: "--raddr <list>", help: "only to these addresses and networks" }),
  failed: opt.flag({ flag: "--failed", help: "only those that did not succeed" }),
  histogram: opt.flag({ flag: "--histogram", help: "latencies as histograms instead of a row for each connect" }),
  by: opt.string({ flag: "--by <list>", help: "with --histogram: one for each outcome (default), raddr, rport, comm" }),
  interval: opt.duration({
    flag: "--interval <s>",
    help: "with --histogram: this often, not at the end",
    unit: "s",
    min: "1ms",
    max: "596h",
  }),
});

for (const flag of ["by", "interval"] as const)
  if (opts[flag] !== undefined && !opts.histogram) refuseUsage(`--${flag} is for --histogram`, "give --histogram too");
const by = new Set((opts.by ?? "outcome").split(","));
const unknown = [...by].find((word) => !["outcome", "raddr", "rport", "comm"].includes(word));
if (unknown !== undefined) refuseUsage(`--by: there is no "${unknown}"`, "choose of: outcome, raddr, rport, comm");
const [byOutcome, byRaddr, byRport, byComm] = [by.has("outcome"), by.has("raddr"), by.has("rport"), by.has("comm")];

// -- What is under way --------------------------------------------------------------------------------------------------------

/** Threads inside connect(), by thread id. `step`: how far the socket has come. */
const calls = lruHash({
  key: "u32",
  value: { since: "u64", sk: "ptr", daddr: "ip", dport: "u16", step: "u32" },
  max: 16_384,
});
const STEP = { begun: 0, synSent: 1, closed: 2 };

/** Who connects, and what to. `ipv`: 4 or 6, as the socket is; `netns`: the socket's. */
const WHO = {
  pid: "u32",
  comm: "comm",
  uid: "u32",
  netns: "u32",
  ipv: "u8",
  saddr: "ip",
  lport: "u16",
  daddr: "ip",
  dport: "u16",
} as const;

/** Sockets in SYN_SENT, by address. A hash: each leaves that state again, and one that finds no room shall be counted. */
const opening = hash({ key: "ptr", value: { ...WHO, since: "u64", sent: "u64" }, max: 32_768 });
/** How long the search for a port took, by socket: where it can be measured. */
const searches = lruHash({ key: "ptr", value: "u64", max: 32_768 });

/** Connects that are over. Times are in ns; `search` is 0n where it was not measured. */
const END = { ...WHO, at: "u64", ns: "u64", search: "u64", outcome: "s32", retrans: "u32" } as const;
const ends = event(END);
const latency = hist({ unit: "us" }).by({ outcome: "s32", daddr: "ip", dport: "u16", comm: "comm" });

// Outcomes are numbers of errors, 0 for success. What they do not tell has a number of its own.
const OUTCOME = { cancelled: -1, noAddress: -2, icmp: -3 };

/** Whether the flags ask for a connect. In Node it is asked of those that are not over. */
const isWanted = fn((ns: bigint, ipv: number, saddr: string, lport: number, daddr: string, dport: number): boolean => {
  if (opts.least !== undefined && ns < opts.least) return false;
  // Both flags together mean both families, as without any.
  if (opts.ipv4 !== opts.ipv6 && opts.ipv6 !== (ipv === 6)) return false;
  if (opts.localPorts.size > 0 && !opts.localPorts.has(lport)) return false;
  if (opts.remotePorts.size > 0 && !opts.remotePorts.has(dport)) return false;
  if (opts.laddr.size > 0 && !opts.laddr.has(saddr)) return false;
  return opts.raddr.size === 0 || opts.raddr.has(daddr);
});

type End = ValueOf<typeof END>;

const send = fn((end: End) => {
  ends.emit(end);
});
const gather = fn(({ ns, outcome, daddr, dport, comm }: End) => {
  const [raddr, rport, name] = [byRaddr ? daddr : ip(0), byRport ? dport : 0, byComm ? comm : ""];
  latency.add({ outcome: byOutcome ? outcome : 0, daddr: raddr, dport: rport, comm: name }, ns / 1000n);
});
const tell = opts.histogram ? gather : send;

const finish = fn((sk: bigint, who: ValueOf<typeof WHO>, since: bigint, lport: number, outcome: number, retrans: number) => {
  const at = ktimeNs();
  const ns = at - since;
  const search = searches.get(sk) ?? 0n;
  searches.delete(sk);
  const { pid, comm, uid, netns, ipv, saddr, daddr, dport } = who;
  if (!isWanted(ns, ipv, saddr, lport, daddr, dport) || (opts.failed && outcome === 0)) return;
  tell({ at, ns, search, pid, comm, uid, netns, ipv, saddr, lport, daddr, dport, outcome, retrans });
});

/** The current task, and a socket of its. */
const whoOf = fn((sk: KernelStruct<"sock">, daddr: string, dport: number) => ({
  pid: pid(),
  comm: comm(),
  uid: uid(),
  netns: sockNetns(sk),
  ipv: sk.__sk_common.skc_family === AF_INET6 ? 6 : 4,
  saddr: localAddr(sk),
  lport: sk.__sk_common.skc_num,
  daddr,
  dport,
}));

// -- connect() is called, and returns -----------------------------------------------------------------------------------------

const begin = fn((sk: bigint, daddr: string, dport: number) => {
  if (isWantedTask()) calls.set(tid(), { since: ktimeNs(), sk, daddr, dport, step: STEP.begun });
});

/** `address`: a struct sockaddr in kernel memory. To an address of IPv4 an IPv6 socket connects through both functions: the first counts. */
const beginIn = fn((sk: KernelStruct<"sock">, address: bigint, family: number) => {
  const to = sockaddr(address);
  if (to !== undefined && sk.__sk_common.skc_family === family) begin(addressOf(sk), to.addr, to.port);
});

const [SS_UNCONNECTED, IPPROTO_MPTCP] = [1, 262]; // include/uapi/linux/net.h, in.h

/** The TCP socket of a descriptor, if it is one that connect() will open: not one that is connecting or connected. */
const freshSocket = fn((fd: number): bigint => {
  const at = fdSock(fd);
  if (at === 0n) return 0n;
  const sk = kptr("sock", at);
  const { skc_family: family, skc_state: state } = sk.__sk_common;
  const isTcp =
    (family === AF_INET || family === AF_INET6) && (sk.sk_protocol === IPPROTO_TCP || sk.sk_protocol === IPPROTO_MPTCP);
  return isTcp && state === TCP_CLOSE && sk.sk_socket?.state === SS_UNCONNECTED ? at : 0n;
});

/** The same where functions cannot be hooked: of an address in memory of the process. */
const beginCall = fn((fd: number, address: bigint, family: number) => {
  const to = userSockaddr(address);
  if (to === undefined || to.family !== family) return;
  const sk = freshSocket(fd);
  if (sk !== 0n) begin(sk, to.addr, to.port);
});

firstOf(
  fentry("tcp_v4_connect", ({ sk, uaddr }) => beginIn(sk, addressOf(uaddr), AF_INET)),
  kprobe("tcp_v4_connect", ({ sk, uaddr }) => beginIn(sk, addressOf(uaddr), AF_INET)),
  tracepoint("syscalls:sys_enter_connect", ({ fd, uservaddr }) => beginCall(fd, uservaddr, AF_INET)),
);
firstOf(
  fentry("tcp_v6_connect", ({ sk, uaddr }) => beginIn(sk, addressOf(uaddr), AF_INET6)),
  kprobe("tcp_v6_connect", ({ sk, uaddr }) => beginIn(sk, addressOf(uaddr), AF_INET6)),
  tracepoint("syscalls:sys_enter_connect", ({ fd, uservaddr }) => beginCall(fd, uservaddr, AF_INET6)),
);

/** What connect() itself says is only needed where no packet decided: no route, no port, no memory. */
const returned = fn((ret: number) => {
  const call = calls.get(tid());
  if (call === undefined) return;
  calls.delete(tid());
  const error = -ret;
  // Not decided yet; beyond 511 are those by which the kernel restarts system calls (include/linux/errno.h).
  if (error <= 0 || error > 511 || error === errno.EINPROGRESS || error === errno.EINTR) return;
  const { since, sk: at, daddr, dport, step } = call;
  if (step === STEP.closed) {
    const connect = opening.get(at);
    opening.delete(at);
    if (connect !== undefined) finish(at, connect, connect.since, connect.lport, error, 0);
  } else if (step === STEP.begun) {
    const sk = kptr("sock", at);
    const outcome = error === errno.EADDRNOTAVAIL ? OUTCOME.noAddress : error;
    finish(at, whoOf(sk, daddr, dport), since, sk.__sk_common.skc_num, outcome, 0);
  }
});

firstOf(
  fexit("tcp_v4_connect", ({ ret }) => returned(ret)),
  kretprobe("tcp_v4_connect", ({ ret }) => returned(ret)),
  tracepoint("syscalls:sys_exit_connect", ({ ret }) => returned(Number(ret))),
);
firstOf(
  fexit("tcp_v6_connect", ({ ret }) => returned(ret)),
  kretprobe("tcp_v6_connect", ({ ret }) => returned(ret)),
  nothing("the tracepoint above sees connect() of both families"),
);

// -- The socket enters SYN_SENT, has a port, leaves SYN_SENT ------------------------------------------------------------------

/** In connect(), or where data are sent that open the connection (TCP Fast Open). */
const enters = fn((sk: KernelStruct<"sock">) => {
  if (!isWantedTask()) return;
  const at = addressOf(sk);
  const call = calls.get(tid());
  const since = call?.since ?? ktimeNs();
  const { pid, comm, uid, netns, ipv, saddr, lport, daddr, dport } = whoOf(sk, remoteAddr(sk), remotePort(sk));
  // With MPTCP the socket is another one than that of connect().
  if (call !== undefined) calls.set(tid(), { since, sk: at, daddr, dport, step: STEP.synSent });
  opening.set(at, { since, sent: ktimeNs(), pid, comm, uid, netns, ipv, saddr, lport, daddr, dport });
});

/** The search for a port is what comes next after that, in the same function (net/ipv4/tcp_ipv4.c, net/ipv6/tcp_ipv6.c). */
const searched = fn((at: bigint) => {
  const connect = opening.get(at);
  if (connect !== undefined) searches.set(at, ktimeNs() - connect.sent);
});

firstOf(
  fexit("inet_hash_connect", ({ sk }) => searched(addressOf(sk))),
  kretprobe("inet_hash_connect", () => searched(calls.get(tid())?.sk ?? 0n)),
  nothing("the search for a port is not measured"),
);
firstOf(
  fexit("inet6_hash_connect", ({ sk }) => searched(addressOf(sk))),
  kretprobe("inet6_hash_connect", () => searched(calls.get(tid())?.sk ?? 0n)),
  nothing("the search for a port is not measured"),
);

/**
 * What a program that gives up may have been told: an ICMP error that came while it had the socket locked is kept as a soft error,
 * and as a message that wakes poll() (tcp_v4_err, net/ipv4/tcp_ipv4.c; ip_icmp_error, net/ipv4/ip_sockglue.c).
 */
const softError = fn((sk: KernelStruct<"sock">): number =>
  sk.sk_err_soft === 0 && sk.sk_error_queue.qlen > 0 ? OUTCOME.icmp : sk.sk_err_soft,
);

const leaves = fn((sk: KernelStruct<"sock">, newstate: number) => {
  const at = addressOf(sk);
  const connect = opening.get(at);
  if (connect === undefined) return;
  const isClosed = newstate === TCP_CLOSE;
  const { sk_err: hard } = sk;
  const error = !isClosed ? 0 : hard !== 0 ? hard : softError(sk);
  if (isClosed && error === 0) {
    const call = calls.get(tid());
    // connect() takes it back itself and will say why.
    if (call !== undefined && call.sk === at) {
      calls.set(tid(), { since: call.since, sk: at, daddr: call.daddr, dport: call.dport, step: STEP.closed });
      return;
    }
  }
  opening.delete(at);
  // inet_sport stays when the port is given back.
  const lport = localPort(sk);
  const silent = lport === 0 ? errno.EADDRNOTAVAIL : OUTCOME.cancelled;
  finish(at, connect, connect.since, lport, isClosed && error === 0 ? silent : error, tcpSock(sk).total_retrans);
});

tracepoint("sock:inet_sock_set_state", ({ protocol, skaddr, oldstate, newstate }) => {
  if (protocol !== IPPROTO_TCP) return;
  const sk = kptr("sock", skaddr);
  if (newstate === TCP_SYN_SENT) enters(sk);
  else if (oldstate === TCP_SYN_SENT) leaves(sk, newstate);
});

// -- Output -------------------------------------------------------------------------------------------------------------------

/** Other errors have their name. */
const OUTCOME_WORDS: Readonly<Record<number, string>> = {
  0: "ok",
  [errno.ECONNREFUSED]: "refused",
  [errno.ETIMEDOUT]: "timed out",
  [errno.EHOSTUNREACH]: "unreachable",
  [errno.ENETUNREACH]: "unreachable",
  [OUTCOME.icmp]: "unreachable",
  [errno.EADDRNOTAVAIL]: "no port",
  [OUTCOME.noAddress]: "no address",
  [OUTCOME.cancelled]: "cancelled",
};
const outcomeText = (outcome: number) => OUTCOME_WORDS[outcome] ?? errnoName(outcome);

interface Row extends Omit<ValueOf<typeof END>, "lport" | "search" | "outcome" | "retrans"> {
  readonly lport: number | undefined;
  readonly search: bigint | undefined;
  readonly outcome: string;
  readonly error: string | undefined;
  readonly retrans: number | undefined;
}
const connects = rows<Row>("connects");
ends.on(({ search, outcome, ...end }) => {
  const error = outcome > 0 ? errnoName(outcome) : outcome === OUTCOME.noAddress ? "EADDRNOTAVAIL" : undefined;
  connects.push({ ...end, search: search === 0n ? undefined : search, outcome: outcomeText(outcome), error });
});

let first: bigint | undefined;
const secondsSinceFirst = ({ at }: { readonly at: bigint }) => {
  first ??= at;
  return Math.max(0, Number(at - first) / 1e9); // rows of two CPUs may come in the other order
};

if (!opts.histogram)
  table(connects, [
    ...(opts.timestamp ? [{ "TIME(s)": { value: secondsSinceFirst, width: 9, decimals: 3, align: "left" } as const }] : []),
    { PID: { value: "pid", width: 6, align: "left" } },
    { COMM: { value: "comm", width: 12, cut: true } },
    { IP: { value: "ipv", width: 2, align: "left" } },
    { SADDR: { value: "saddr", width: 16 } },
    ...(opts.lport ? [{ LPORT: { value: "lport", width: 6, align: "left" } as const }] : []),
    { DADDR: { value: "daddr", width: 16 } },
    { DPORT: { value: "dport", width: 5, align: "left" } },
    { "LAT(ms)": { value: ({ ns }) => Number(ns) / 1e6, width: 9, decimals: 2, align: "left" } },
    { OUTCOME: { value: "outcome", width: 11 } },
    { RETRANS: { value: "retrans", width: 7, align: "left" } },
    { "SEARCH(us)": { value: ({ search }) => search && Number(search) / 1e3, width: 10, decimals: 1, align: "left" } },
    { "SEARCH%": { value: ({ search, ns }) => search && (100 * Number(search)) / Number(ns), decimals: 1, align: "left" } },
  ]);

/** Connects that nothing has decided yet, with their time so far. */
function pending() {
  const at = process.hrtime.bigint(); // the clock of ktimeNs()
  return [...opening]
    .map(([sk, { sent, since, ...connect }]) => ({ ...connect, at, ns: at - since, search: searches.get(sk) }))
    .sort((one, other) => Number(other.ns - one.ns))
    .filter(({ ns, ipv, saddr, lport, daddr, dport }) => isWanted(ns, ipv, saddr, lport, daddr, dport))
    .map((row) => ({ ...row, lport: row.lport || undefined, outcome: "pending", error: undefined, retrans: undefined }));
}

const isText = outputFormat() === "table";
const readings = opts.histogram && !isText ? rows<Record<string, unknown>>("latency") : undefined;
if (readings !== undefined) table(readings, ["time", ...by, "unit", "count", "min", "p50", "p90", "p99", "max", "avg"] as never);

async function summarize(): Promise<void> {
  const time = new Date().toTimeString().slice(0, 8);
  if (isText) console.log(time);
  for (const [{ outcome, daddr, dport, comm }, { count, min, p50, p90, p99, max, avg, buckets }] of (
    await latency.readAndReset()
  ).topN(1024)) {
    const all = { outcome: outcomeText(outcome), raddr: daddr, rport: dport, comm };
    const key = Object.fromEntries(Object.entries(all).filter(([name]) => by.has(name)));
    readings?.push({ time, ...key, unit: "us", count, min, p50, p90, p99, max, avg, buckets });
    if (!isText) continue;
    const heading = Object.entries(key).map(([name, value]) => `${name} = ${visibleText(String(value))}`);
    console.log(`\n${heading.join(", ")}\n${log2Text({ buckets }, { unit: "usecs" })}`);
    console.log(`count = ${count}, p50 = ${p50}, p90 = ${p90}, p99 = ${p99}, min = ${min}, max = ${max} usecs`);
  }
}

if (opts.histogram && opts.interval !== undefined) every(Number(opts.interval) / 1e9, summarize);
onExit(async () => {
  if (opts.histogram) await summarize();
  if (opts.histogram) console.error(`pending: ${pending().length}`);
  else for (const row of pending()) connects.push(row);
});
