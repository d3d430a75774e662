/**
 * localports: how many of the ports that connect() chooses from are in use, per network namespace, and what the search for a free one
 * costs. What exists is read once, at the start; after that the account is kept from what the kernel does with sockets, so that a reading
 * costs the same with ten of them and with thirty thousand.
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
  type KernelStruct,
  kprobe,
  kptr,
  kretprobe,
  ktimeNs,
  lruHash,
  onStart,
  opt,
  options,
  outputFormat,
  pid,
  rawTracepoint,
  rows,
  stop,
  table,
  tid,
  tracepoint,
  usage,
} from "tsprobe";
import {
  IPPROTO_TCP,
  TCP_CLOSE,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_TIME_WAIT,
} from "tsprobe/kernel";
import {
  type Destination,
  inetSock,
  ntohs,
  PORT_CHANGE,
  PORT_MOVE,
  type PortCounts,
  PortFollower,
  type PortWarning,
  sockAddrs,
  tcpSock,
} from "tsprobe/net";

usage({
  about:
    "Use of the local ports that connect() chooses from (net.ipv4.ip_local_port_range), per network namespace: in use, by parity and state, opened and released, what the search for a port takes, and how often it found none.",
  examples: [
    ["", "a line a second for each namespace that has sockets there"],
    ["--destinations 5 --owners 5", "where the connections go, and whose they are, as well"],
    ["--warn 25,50,75", "say so on standard error when a quarter, half, three quarters of the ports are in use"],
    ["--netns blue --interval 10s", "only the namespace blue, every ten seconds"],
    ["--once --format json", "one reading for a program"],
  ],
  noTaskFilters: "sockets change in whichever process is running, and the account would be wrong; choose by --netns",
});

export const opts = options({
  interval: opt.duration({
    flag: "-i, --interval <s>",
    help: "seconds between two readings",
    unit: "s",
    min: "1ms",
    max: "596h",
    default: "1s",
  }),
  netns: opt.netns({ flag: "--netns <name>", help: "only this network namespace: a name, a path, or its inode number" }),
  destinations: opt.u16({
    flag: "--destinations <n>",
    help: "the n destinations with the most ports, too; they are warned of as well",
    default: 0,
  }),
  owners: opt.u16({ flag: "--owners <n>", help: "the n processes with the most ports, too", default: 0 }),
  warn: opt.u16Set({ flag: "--warn <list>", help: "shares in percent to warn at (default: 40,50,90); 0 for none" }),
  once: opt.flag({ flag: "--once", help: "one reading, then end" }),
});

// ---- In the kernel: what happens to sockets, in order, and of sockets whose port is in the range only.

/** By namespace; the host fills it in. Of a namespace that is not in it yet, everything is sent. */
const ranges = hash({ key: "u32", value: { low: "u16", high: "u16" }, max: 4096 });
/** Connects that are looking for a port, by thread. */
const searching = lruHash({ key: "u32", value: { sk: "ptr", at: "u64" }, max: 16_384 });
const searches = hist({ unit: "ns", shown: false }).by("u32", { max: 256 });

/** SOCK_DONE of enum sock_flags (include/net/sock.h): the peer's FIN has come. */
const SOCK_DONE = 1n;

const ends = { at: "u64", netns: "u32", laddr: "ip", lport: "u16", raddr: "ip", rport: "u16" } as const;
const connects = event({ ...ends, sk: "ptr", before: "u16", pid: "u32", comm: "comm" });
const changes = event({ ...ends, sk: "ptr", what: "u8", from: "u8", to: "u8", how: "u8" });

const isFollowed = fn((netns: number, port: number): boolean => {
  const range = ranges.get(netns);
  return range === undefined || (port >= range.low && port <= range.high);
});

const send = fn((what: number, sk: KernelStruct<"sock">, lport: number, from: number, to: number, how: number) => {
  const { netns, laddr, raddr, rport } = sockAddrs(sk);
  changes.emit({ at: ktimeNs(), netns, laddr, lport, raddr, rport, sk: addressOf(sk), what, from, to, how });
});

rawTracepoint("inet_sock_set_state", ({ sk, oldstate, newstate }) => {
  if (sk.sk_protocol !== IPPROTO_TCP) return;
  const { netns, laddr, lport: bound, raddr, rport } = sockAddrs(sk);
  if (opts.netns !== undefined && netns !== opts.netns) return;
  // A child that still has its listener's ends: it is seen when the handshake is done.
  if (oldstate === TCP_LISTEN && newstate === TCP_SYN_RECV) return;
  // close() of a socket that had ended before (tcp_close).
  if (oldstate === TCP_CLOSE && newstate === TCP_CLOSE) return;
  // skc_num is 0 as soon as the port is released; inet_sport stays.
  const port = ntohs(inetSock(sk).inet_sport);
  if (newstate === TCP_SYN_SENT || (newstate === TCP_LISTEN && bound === 0)) {
    // The state is set right before the search (tcp_v4_connect): its time is the search's beginning.
    if (bound === 0) searching.set(tid(), { sk: addressOf(sk), at: ktimeNs() });
    if (newstate === TCP_LISTEN) return;
    connects.emit({
      at: ktimeNs(),
      netns,
      laddr,
      lport: bound,
      raddr,
      rport,
      sk: addressOf(sk),
      before: port,
      pid: pid(),
      comm: comm(),
    });
    return;
  }
  if (oldstate !== TCP_SYN_SENT && !isFollowed(netns, port)) return;
  const done = ((sk.__sk_common.skc_flags >> SOCK_DONE) & 1n) === 1n;
  // TCP_LINGER2 below zero: no waiting for the peer's FIN (tcp_close).
  const failed = sk.sk_err !== 0 || (oldstate === TCP_FIN_WAIT2 && !done && tcpSock(sk).linger2 < 0);
  send(PORT_CHANGE.moved, sk, port, oldstate, newstate, (failed ? PORT_MOVE.failed : 0) | (done ? PORT_MOVE.finCame : 0));
});

/** The search is over, or the call that it was part of. */
const portChosen = fn((isSearch: boolean) => {
  const search = searching.get(tid());
  if (search === undefined) return;
  searching.delete(tid());
  const sk = kptr("sock", search.sk);
  const { netns, lport } = sockAddrs(sk);
  const state = sk.__sk_common.skc_state;
  if (isSearch) searches.add(netns, ktimeNs() - search.at);
  if (lport !== 0 && (state === TCP_SYN_SENT || state === TCP_LISTEN) && isFollowed(netns, lport))
    send(PORT_CHANGE.chosen, sk, lport, TCP_CLOSE, state, 0);
});

firstOf(
  fexit("__inet_hash_connect", () => portChosen(true)),
  kretprobe("__inet_hash_connect", () => portChosen(true)),
  tracepoint("syscalls:sys_exit_connect", () => portChosen(false)),
);
tracepoint("syscalls:sys_exit_listen", () => portChosen(false));

/** A small socket waits in the place of a whole one: in TIME_WAIT, or in FIN_WAIT2 that nobody has open any more. */
const waiting = fn((what: number, sk: KernelStruct<"sock">, state: number) => {
  const { netns, lport } = sockAddrs(sk);
  if (opts.netns !== undefined && netns !== opts.netns) return;
  if (isFollowed(netns, lport)) send(what, sk, lport, TCP_CLOSE, state, 0);
});

// It begins (tcp_time_wait).
firstOf(
  fexit("inet_twsk_alloc", ({ sk, state, ret }) => {
    if (ret !== null) waiting(PORT_CHANGE.waits, sk, state);
  }),
  kprobe("inet_twsk_alloc", ({ sk, state }) => waiting(PORT_CHANGE.waits, sk, state)),
  // Where functions cannot be hooked, the host infers it from the states. What is not known there either is the port of a connect() that did
  // not come through the system call: if nobody answers, it is sent again after a second.
  tracepoint("tcp:tcp_retransmit_skb", ({ state, skaddr, sport }) => {
    if (state === TCP_SYN_SENT) send(PORT_CHANGE.chosen, kptr("sock", skaddr), sport, TCP_CLOSE, TCP_SYN_SENT, 0);
  }),
);
// The peer's FIN makes TIME_WAIT of FIN_WAIT2, and sets the timer again (tcp_timewait_state_process).
firstOf(
  fentry("__inet_twsk_schedule", ({ tw, rearm }) => {
    if (rearm) waiting(PORT_CHANGE.waits, kptr("sock", tw), tw.tw_substate);
  }),
  kprobe("__inet_twsk_schedule", ({ tw, rearm }) => {
    if (rearm) waiting(PORT_CHANGE.waits, kptr("sock", tw), tw.tw_substate);
  }),
  // Else that can be seen only where the peer is a socket of this host's.
  rawTracepoint("inet_sock_set_state", ({ sk, oldstate, newstate }) => {
    if (newstate !== TCP_LAST_ACK || sk.sk_protocol !== IPPROTO_TCP) return;
    const { netns, laddr, lport, raddr, rport } = sockAddrs(sk);
    const isHere = laddr === raddr || (sk.__sk_common.skc_daddr & 0xff) === 127;
    if (isHere && isFollowed(netns, rport)) send(PORT_CHANGE.peerEnds, sk, lport, oldstate, newstate, 0);
  }),
);
// It is over.
firstOf(
  fentry("inet_twsk_kill", ({ tw }) => waiting(PORT_CHANGE.waited, kptr("sock", tw), TCP_CLOSE)),
  kprobe("inet_twsk_kill", ({ tw }) => waiting(PORT_CHANGE.waited, kptr("sock", tw), TCP_CLOSE)),
  // It is given up when it answers with RST (tcp_v4_rcv); that it is after 60 seconds, the host knows.
  tracepoint("tcp:tcp_send_reset", ({ state, skaddr }) => {
    if (state === TCP_TIME_WAIT) waiting(PORT_CHANGE.waited, kptr("sock", skaddr), TCP_CLOSE);
  }),
);

// ---- On the host: the account, kept by a PortFollower, and what is shown of it.

export const warnings = rows<PortWarning>("warnings");

/** For scripts that import this one: calls back each time the share of ports in use crosses one of the thresholds of --warn. */
export function onWarning(callback: (warning: PortWarning) => void): void {
  warnings.on(callback);
}

const follower = new PortFollower({
  netns: opts.netns,
  owners: opts.owners > 0,
  warnAt: opts.warn.size === 0 ? [40, 50, 90] : opts.warn.values().filter((percent) => percent > 0),
  warnOfDestinations: opts.destinations > 0,
  onRange: (netns, { low, high }) => ranges.set(netns, { low, high }),
  onWarning(warning) {
    const { netns, destination: to, percent, inUse, size } = warning;
    const where = to === undefined ? "" : ` from ${to.laddr} to ${to.raddr} port ${to.rport}`;
    console.error(`warning: ${percent} % of the local ports are in use: ${inUse} of ${size}${where}, namespace ${netns}`);
    warnings.push(warning);
  },
});
connects.on((e) => follower.connect(e)).onLost((count) => follower.lose(count));
changes.on((e) => follower.change(e)).onLost((count) => follower.lose(count));

interface Reading extends Omit<PortCounts, "range" | "opened" | "closed" | "failed" | "failedBy"> {
  readonly low: number;
  readonly high: number;
  readonly size: number;
  /** A second. */
  readonly opened: number;
  readonly closed: number;
  /** connect() calls that found no port (EADDRNOTAVAIL), and whose they were. */
  readonly noPort: number;
  readonly noPortBy: readonly { readonly owner: string; readonly count: number }[];
  /** Searches for a port, and what they took, in nanoseconds. */
  readonly search: { readonly count: number; readonly p50: number; readonly p90: number; readonly p99: number } | undefined;
}

export const readings = rows<Reading>("readings");
export const destinations = rows<Destination & { netns: number; inUse: number; percent: number }>("destinations");
export const owners = rows<{ netns: number; owner: string; inUse: number }>("owners");

let last = process.hrtime.bigint();

async function read(): Promise<void> {
  const lost = follower.refresh();
  if (lost > 0) console.error(`${lost} events were lost: the sockets have been read anew`);
  const now = process.hrtime.bigint();
  const seconds = Number(now - last) / 1e9;
  last = now;
  const found = new Map(await searches.readAndReset());
  const all = [...follower.use.namespaces];
  const own = opts.netns ?? all[0];
  for (const netns of all) {
    const counts = follower.use.read(netns, Number(now) / 1e6);
    if (counts === undefined || (opts.netns !== undefined && netns !== opts.netns)) continue;
    const { range, opened, closed, failed, failedBy, ...rest } = counts;
    // The tool's own namespace is the first, and always shown; of the others those in which something is going on.
    if (netns !== own && rest.inUse === 0 && opened === 0 && failed === 0) continue;
    const { count = 0, p50 = 0, p90 = 0, p99 = 0 } = found.get(netns) ?? {};
    readings.push({
      ...rest,
      low: range.low,
      high: range.high,
      size: range.size,
      opened: opened / seconds,
      closed: closed / seconds,
      noPort: failed,
      noPortBy: [...failedBy].map(([owner, count]) => ({ owner, count })),
      search: count === 0 ? undefined : { count, p50, p90, p99 },
    });
    const space = follower.use.space(netns);
    for (const { destination, inUse } of space.topDestinations(opts.destinations))
      if (destination !== undefined) destinations.push({ netns, ...destination, inUse, percent: (100 * inUse) / range.size });
    for (const { name, inUse } of space.topOwners(opts.owners)) owners.push({ netns, owner: name, inUse });
  }
  if (opts.once) stop();
}

onStart(() => {
  follower.start();
  if (opts.once) return read();
  return;
});
if (!opts.once) every(Number(opts.interval) / 1e9, read);

const state = (name: string) => (e: Reading) => e.states[name] ?? 0;
const micros = (of: "p50" | "p99") => (e: Reading) => (e.search === undefined ? undefined : e.search[of] / 1000);
table(readings, [
  { NETNS: { value: "netns", width: 10 } },
  { PORTS: { value: "size", width: 5 } },
  { USED: { value: "inUse", width: 5 } },
  { FREE: { value: "available", width: 5 } },
  { "USE%": { value: "percent", width: 5, decimals: 1 } },
  { EVEN: { value: "even", width: 5 } },
  { ODD: { value: "odd", width: 5 } },
  { SYNSENT: { value: state("SYN_SENT"), width: 7 } },
  { ESTAB: { value: state("ESTABLISHED"), width: 5 } },
  { TIMEWAIT: { value: state("TIME_WAIT"), width: 8 } },
  { SOCKETS: { value: (e) => Object.values(e.states).reduce((sum, sockets) => sum + sockets, 0), width: 7 } },
  { "OPEN/s": { value: "opened", width: 7, decimals: 1 } },
  { "CLOSE/s": { value: "closed", width: 7, decimals: 1 } },
  { "HELD(ms)": { value: "meanHeldMs", width: 9, decimals: 1 } },
  { NOPORT: { value: "noPort", width: 6 } },
  { "P50(us)": { value: micros("p50"), width: 8, decimals: 1 } },
  { "P99(us)": { value: micros("p99"), width: 8, decimals: 1 } },
]);
// People have been told on standard error.
if (outputFormat() === "json") table(warnings, ["netns", "percent", "inUse", "size"]);
if (opts.destinations > 0)
  table(destinations, [
    "netns",
    "laddr",
    { "RADDR:RPORT": ({ raddr, rport }) => `${raddr.includes(":") ? `[${raddr}]` : raddr}:${rport}` },
    { USED: "inUse" },
    { "USE%": { value: "percent", decimals: 1 } },
  ]);
if (opts.owners > 0) table(owners, ["netns", "owner", { USED: "inUse" }]);
