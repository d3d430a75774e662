/**
 * tcprtt: round-trip times of TCP connections as histograms, or one line for each connection.
 * Flags and text are those of the tool of libbpf-tools; docs/tools/tcprtt.md says what is beyond.
 *
 * The kernel keeps a smoothed round-trip time for each socket. It is looked at whenever a packet arrives at a socket that is
 * established, as in those tools: busy connections have more samples than quiet ones. The view by connection has not that bias.
 */
import {
  addressOf,
  every,
  fentry,
  firstOf,
  fn,
  type Histogram,
  hash,
  hist,
  ip,
  type KernelStruct,
  kprobe,
  ktimeNs,
  log2Text,
  networkText,
  onExit,
  onStart,
  opt,
  options,
  outputFormat,
  rawTracepoint,
  redraw,
  refuseUsage,
  rows,
  stop,
  table,
  usage,
} from "tsprobe";
import { IPPROTO_TCP, TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN, TCP_SYN_RECV, TCP_SYN_SENT } from "tsprobe/kernel";
import { isOverIpv6, localAddr, localPort, remoteAddr, remotePort, sockInCgroup, sockNetns, tcpInfo, tcpSock } from "tsprobe/net";

usage({
  about: "Round-trip times of TCP connections: histograms of what the sockets measure, sampled at each packet that arrives.",
  examples: [
    ["", "one histogram of all, at Ctrl-C"],
    ["-i 1 -d 10", "one each second, ten times"],
    ["-p 443 -B -e", "of local port 443, by remote address, with averages"],
    ["-A 10.0.0.0/8,fd00::/8", "only peers in these networks"],
    ["--bycidr 10.0.0.0/8,10.1.0.0/16,0.0.0.0/0", "by network; the smallest that fits counts"],
    ["--per-connection -P 5432", "a line for each connection to port 5432, when it closes"],
    ["--live", "the slowest connections, redrawn each second"],
  ],
  noTaskFilters:
    "packets arrive in whichever process is running; choose by --lport, --rport, --laddr, --raddr, or by the socket's --cgroup, --uid or --netns",
});

export const opts = options({
  interval: opt.duration({
    flag: "-i, --interval <s>",
    help: "a summary each so many seconds (else one at the end)",
    unit: "s",
    min: "1ms",
    max: "596h",
  }),
  duration: opt.duration({ flag: "-d, --duration <s>", help: "end after so many seconds", unit: "s", min: "1ms", max: "596h" }),
  timestamp: opt.flag({ flag: "-T, --timestamp", help: "the time of day before each summary" }),
  milliseconds: opt.flag({ flag: "-m, --milliseconds, --millisecond", help: "histograms in milliseconds, not microseconds" }),
  lport: opt.u16Set({ flag: "-p, --lport <list>", help: "only these local ports, such as 80,443 or 8000-8010" }),
  rport: opt.u16Set({ flag: "-P, --rport <list>", help: "only these remote ports" }),
  laddr: opt.cidrSet({ flag: "-a, --laddr <list>", help: "only these local addresses and networks" }),
  raddr: opt.cidrSet({ flag: "-A, --raddr <list>", help: "only these remote addresses and networks" }),
  ipv4: opt.flag({ flag: "-4, --ipv4", help: "only connections over IPv4, those of IPv6 sockets too" }),
  ipv6: opt.flag({ flag: "-6, --ipv6", help: "only connections over IPv6" }),
  netns: opt.netns({ flag: "--netns <name>", help: "only sockets of this network namespace: a name, a path or an inode number" }),
  cgroup: opt.cgroup({ flag: "--cgroup <path>", help: "only sockets made in this cgroup (v2) or one below it" }),
  uid: opt.u32({ flag: "--uid <uid>", help: "only sockets that this user owns" }),
  byladdr: opt.flag({ flag: "-b, --byladdr", help: "a histogram for each local address" }),
  byraddr: opt.flag({ flag: "-B, --byraddr", help: "a histogram for each remote address" }),
  bylport: opt.flag({ flag: "--bylport", help: "a histogram for each local port" }),
  byrport: opt.flag({ flag: "--byrport", help: "a histogram for each remote port" }),
  bynetns: opt.flag({ flag: "--bynetns", help: "a histogram for each network namespace" }),
  byconnection: opt.flag({ flag: "--byconnection", help: "a histogram for each connection" }),
  bycidr: opt.cidrSet({ flag: "--bycidr <list>", help: "a histogram for each of these networks, by remote address" }),
  keys: opt.u32({ flag: "--keys <n>", help: "most histograms at a time", min: 1, max: 65_536, default: 1024 }),
  extension: opt.flag({ flag: "-e, --extension", help: "the average beside each heading" }),
  percentiles: opt.flag({ flag: "--percentiles", help: "a line with percentiles, least and largest value below each histogram" }),
  min: opt.flag({ flag: "--min", help: "of the sockets' minimum instead of their smoothed time" }),
  mdev: opt.flag({ flag: "--mdev", help: "of the sockets' mean deviation instead" }),
  perConnection: opt.flag({ flag: "--per-connection", help: "a line for each connection when it closes" }),
  live: opt.flag({ flag: "--live", help: "a table of connections, redrawn at each interval (1 s)" }),
  busiest: opt.flag({ flag: "--busiest", help: "in the table: those with most packets first, not the slowest" }),
  top: opt.u32({ flag: "--top <n>", help: "lines of the table", default: 20 }),
  // Packets arrive in whichever process is running, so a filter on that one would pick connections at random.
});

if (opts.live && opts.perConnection) refuseUsage("--live and --per-connection exclude each other", "give one of them");
if (opts.min && opts.mdev) refuseUsage("--min and --mdev exclude each other", "give one of them");

type Sock = KernelStruct<"sock">;

/** Whether the flags ask for a socket. What was not given costs nothing: the verifier removes it. */
const isWanted = fn((sk: Sock): boolean => {
  if (opts.ipv4 !== opts.ipv6 && isOverIpv6(sk) !== opts.ipv6) return false;
  if (opts.lport.size > 0 && !opts.lport.has(localPort(sk))) return false;
  if (opts.rport.size > 0 && !opts.rport.has(remotePort(sk))) return false;
  if (opts.laddr.size > 0 && !opts.laddr.has(localAddr(sk))) return false;
  if (opts.raddr.size > 0 && !opts.raddr.has(remoteAddr(sk))) return false;
  if (opts.netns !== undefined && sockNetns(sk) !== opts.netns) return false;
  if (opts.cgroup !== undefined && !sockInCgroup(sk, opts.cgroup)) return false;
  return opts.uid === undefined || sk.sk_uid.val === opts.uid;
});

// -- Histograms ---------------------------------------------------------------------------------------------------------------

const unit = opts.milliseconds ? "msecs" : "usecs";
/** What is not asked for is 0 in each key. */
const rtt = hist({ unit }).by(
  { laddr: "ip", raddr: "ip", lport: "u16", rport: "u16", netns: "u32", network: "s8" },
  { max: opts.keys },
);

const gather = fn((sk: Sock) => {
  if (!isWanted(sk)) return;
  const tp = tcpSock(sk);
  // The kernel keeps eight times the smoothed time and four times its deviation. The minimum is 2^32 - 1 as long as there is none.
  const us = opts.min ? (tp.rtt_min.s[0]?.v ?? 0) : opts.mdev ? tp.mdev_us >>> 2 : tp.srtt_us >>> 3;
  if (opts.min && us === 0xffffffff) return;
  const all = opts.byconnection;
  const key = {
    laddr: opts.byladdr || all ? localAddr(sk) : ip(0),
    raddr: opts.byraddr || all ? remoteAddr(sk) : ip(0),
    lport: opts.bylport || all ? localPort(sk) : 0,
    rport: opts.byrport || all ? remotePort(sk) : 0,
    netns: opts.bynetns || all ? sockNetns(sk) : 0,
    network: opts.bycidr.size > 0 ? opts.bycidr.find(remoteAddr(sk)) : 0,
  };
  rtt.add(key, opts.milliseconds ? Math.trunc(us / 1000) : us);
});

// -- Connections --------------------------------------------------------------------------------------------------------------

/**
 * By socket: its ends, when it was established (0 if that was before this tool), and what its packets showed. A hash and not an LRU:
 * every socket comes to CLOSE, and what finds no room shall be counted.
 */
const connections = hash({
  key: "ptr",
  value: {
    ends: { laddr: "ip", lport: "u16", raddr: "ip", rport: "u16", netns: "u32" },
    since: "u64",
    seen: { samples: "u64", sum: "u64", least: "u32", most: "u32" },
    last: { srtt: "u32", min: "u32", mdev: "u32" },
  },
  max: 32_768,
});

const begin = fn((sk: Sock, since: bigint) => ({
  ends: { laddr: localAddr(sk), lport: localPort(sk), raddr: remoteAddr(sk), rport: remotePort(sk), netns: sockNetns(sk) },
  since,
  seen: { samples: 0n, sum: 0n, least: 0xffffffff, most: 0 },
  last: { srtt: 0, min: 0, mdev: 0 },
}));

/** The socket is locked meanwhile, so that two packets of one connection never do this at once. */
const follow = fn((sk: Sock) => {
  if (!isWanted(sk)) return;
  const tp = tcpSock(sk);
  const srtt = tp.srtt_us >>> 3;
  const { ends, since, seen } = connections.get(addressOf(sk)) ?? begin(sk, 0n);
  const { samples, sum, least, most } = seen;
  connections.set(addressOf(sk), {
    ends,
    since,
    seen: { samples: samples + 1n, sum: sum + BigInt(srtt), least: Math.min(least, srtt), most: Math.max(most, srtt) },
    last: { srtt, min: tp.rtt_min.s[0]?.v ?? 0, mdev: tp.mdev_us >>> 2 },
  });
});

/** Takes a connection out when it closes: what is known of it, or undefined for a socket that was none. */
const take = fn((sk: Sock, oldstate: number, newstate: number) => {
  if (sk.sk_protocol !== IPPROTO_TCP || !isWanted(sk)) return;
  if (newstate === TCP_ESTABLISHED) connections.set(addressOf(sk), begin(sk, ktimeNs()));
  if (newstate !== TCP_CLOSE) return;
  const known = connections.get(addressOf(sk)) ?? begin(sk, 0n);
  connections.delete(addressOf(sk));
  const wasOpen = oldstate !== TCP_SYN_SENT && oldstate !== TCP_SYN_RECV && oldstate !== TCP_LISTEN && oldstate !== TCP_CLOSE;
  return wasOpen ? known : undefined;
});

// -- Hooks --------------------------------------------------------------------------------------------------------------------

const sample = opts.perConnection || opts.live ? follow : gather;

// All three see the same packets: the tracepoint is the first thing that the function does (net/ipv4/tcp_input.c).
firstOf(
  fentry("tcp_rcv_established", ({ sk }) => sample(sk)),
  kprobe("tcp_rcv_established", ({ sk }) => sample(sk)),
  rawTracepoint("tcp_probe", ({ sk }) => sample(sk)),
);

if (opts.live)
  rawTracepoint("inet_sock_set_state", ({ sk, oldstate, newstate }) => {
    take(sk, oldstate, newstate);
  });

/** With --per-connection: connections that have closed. */
export const closed = opts.perConnection
  ? rawTracepoint("inet_sock_set_state", ({ sk, oldstate, newstate }) => {
      const known = take(sk, oldstate, newstate);
      if (known === undefined) return;
      const { laddr, lport, raddr, rport, netns } = known.ends;
      const { samples, sum, least, most } = known.seen;
      const { rttUs, rttvarUs, minRttUs, bytesAcked, bytesReceived, totalRetrans } = tcpInfo(sk);
      return {
        laddr,
        lport,
        raddr,
        rport,
        netns,
        lifeNs: known.since === 0n ? undefined : ktimeNs() - known.since,
        samples,
        srttUs: rttUs,
        avgUs: samples > 0n ? sum / samples : undefined,
        leastUs: samples > 0n ? least : undefined,
        mostUs: samples > 0n ? most : undefined,
        minUs: minRttUs === 0xffffffff ? undefined : minRttUs,
        mdevUs: rttvarUs,
        sent: bytesAcked,
        received: bytesReceived,
        retransmits: totalRetrans,
      };
    })
  : undefined;

// -- Output -------------------------------------------------------------------------------------------------------------------

const isText = outputFormat() === "table";
const clock = () => new Date().toTimeString().slice(0, 8);
const endText = (address: string, port: number) => `${address.includes(":") ? `[${address}]` : address}:${port}`;

type Key = typeof rtt extends { get(key: infer K): unknown } ? K : never;
const networks = opts.bycidr.networks().map(networkText);
/** What tells the histograms apart: its name in JSON and CSV, the originals' words for it, and its value. */
const parts = [
  { name: "laddr", words: "Local Address", asked: opts.byladdr || opts.byconnection, of: (key: Key) => key.laddr },
  { name: "lport", words: "Local Port", asked: opts.bylport || opts.byconnection, of: (key: Key) => key.lport },
  { name: "raddr", words: "Remote Address", asked: opts.byraddr || opts.byconnection, of: (key: Key) => key.raddr },
  { name: "rport", words: "Remote Port", asked: opts.byrport || opts.byconnection, of: (key: Key) => key.rport },
  { name: "network", words: "Remote Network", asked: opts.bycidr.size > 0, of: (key: Key) => networks[key.network] ?? "other" },
  { name: "netns", words: "Network Namespace", asked: opts.bynetns || opts.byconnection, of: (key: Key) => key.netns },
].filter(({ asked }) => asked);

function textOf(key: Key, reading: Histogram): string {
  const { count, sum, p50, p90, p99, min, max } = reading;
  const names = parts.map(({ words, of }) => `${words} = ${of(key)}`).join(", ");
  const average = opts.extension ? `[AVG ${sum / BigInt(count)}]` : "";
  const heading = `${names === "" ? "All Addresses = ******" : names} ${average}`;
  const below = `p50 = ${p50}, p90 = ${p90}, p99 = ${p99}, min = ${min}, max = ${max} ${unit}`;
  // Rows as in those tools, which have 27.
  return [heading, log2Text(reading, { unit, rows: 27 }), ...(opts.percentiles ? [below] : [])].join("\n");
}

const summaries = isText || opts.perConnection || opts.live ? undefined : rows<Record<string, unknown>>("rtt");
if (summaries !== undefined)
  table(summaries, ["time", ...parts.map(({ name }) => name), "unit", "count", "min", "p50", "p90", "p99", "max", "avg"]);

async function summarize(): Promise<void> {
  const time = clock();
  if (isText) console.log(opts.timestamp ? `\n${time}` : "");
  for (const [key, reading] of (await rtt.readAndReset()).topN(opts.keys)) {
    const { count, min, p50, p90, p99, max, avg, buckets } = reading;
    const named = Object.fromEntries(parts.map(({ name, of }) => [name, of(key)]));
    summaries?.push({ time, ...named, unit, count, min, p50, p90, p99, max, avg, buckets });
    if (isText) console.log(textOf(key, reading));
  }
}

const number = <const V extends string>(value: V, width = 8) => ({ value, width, align: "right" }) as const;
if (closed !== undefined)
  table(closed, [
    ...(opts.timestamp ? [{ "TIME(s)": { value: clock, width: 8 } }] : []),
    ...(["laddr", "lport", "raddr", "rport"] as const),
    { MS: { value: ({ lifeNs }) => (lifeNs === undefined ? undefined : Number(lifeNs) / 1e6), decimals: 1, width: 9 } },
    {
      SAMPLES: number("samples"),
      SRTT_US: number("srttUs"),
      AVG_US: number("avgUs"),
      MIN_US: number("minUs"),
      MAX_US: number("mostUs"),
    },
    { MDEV_US: number("mdevUs"), SENT: number("sent", 10), RECEIVED: number("received", 10), RETR: number("retransmits", 4) },
  ]);

// -- Connections that are open, since the last reading ------------------------------------------------------------------------

/** Names a connection: a socket's place in memory may hold another one at the next reading. */
const nameOf = (sk: bigint, { since, ends }: Pick<ReturnType<typeof begin>, "since" | "ends">) =>
  [sk, since, ...Object.values(ends)].join(" ");

/** What the last reading saw, by connection. */
let before = new Map<string, { readonly samples: bigint; readonly sum: bigint }>();

function readConnections() {
  const time = clock();
  const now = [...connections];
  const active = now.map(([sk, { ends, since, seen, last }]) => {
    const { samples, sum } = before.get(nameOf(sk, { since, ends })) ?? { samples: 0n, sum: 0n };
    const packets = seen.samples - samples;
    const avgUs = packets === 0n ? 0n : (seen.sum - sum) / packets;
    return { time, ...ends, packets, srttUs: last.srtt, avgUs, minUs: last.min, mdevUs: last.mdev };
  });
  before = new Map(now.map(([sk, known]) => [nameOf(sk, known), known.seen]));
  const order = opts.busiest ? "packets" : "srttUs";
  const ordered = active.filter(({ packets }) => packets > 0n).sort((a, b) => Number(b[order]) - Number(a[order]));
  return ordered.slice(0, opts.top);
}

const LIVE = ["packets", "srttUs", "avgUs", "minUs", "mdevUs"] as const;
const liveRows = opts.live && !isText ? rows<ReturnType<typeof readConnections>[number]>("connections") : undefined;
if (liveRows !== undefined) table(liveRows, ["time", "laddr", "lport", "raddr", "rport", ...LIVE]);

const lineOf = (local: string, remote: string, numbers: readonly unknown[]) =>
  `${local.padEnd(28)} ${remote.padEnd(28)} ${numbers.map((cell) => String(cell).padStart(8)).join(" ")}`;

function draw(): void {
  const found = readConnections();
  for (const row of found) liveRows?.push(row);
  const heading = lineOf("LOCAL", "REMOTE", ["PACKETS", "SRTT_US", "AVG_US", "MIN_US", "MDEV_US"]);
  const lines = found.map((row) => {
    const [local, remote] = [endText(row.laddr, row.lport), endText(row.raddr, row.rport)];
    return lineOf(
      local,
      remote,
      LIVE.map((name) => row[name]),
    );
  });
  if (isText) redraw([clock(), heading, ...lines]);
}

// -- The run ------------------------------------------------------------------------------------------------------------------

const show = opts.live ? draw : summarize;
const seconds = (ns: bigint) => Number(ns) / 1e9;
const interval = opts.interval ?? (opts.live ? 1_000_000_000n : undefined);
/** The last of so many turns is the summary at the end. */
const turns =
  interval === undefined || opts.duration === undefined ? Infinity : Math.ceil(Number(opts.duration) / Number(interval));
let turn = 0;

const until = opts.duration === undefined ? "... Hit Ctrl-C to end." : ` for ${seconds(opts.duration)} secs.`;
if (isText && !opts.perConnection && !opts.live) onStart(() => console.log(`Tracing TCP RTT${until}`));
if (interval !== undefined && !opts.perConnection)
  every(seconds(interval), async () => {
    if (++turn < turns) await show();
  });
if (opts.duration !== undefined) every(seconds(opts.duration), stop);
if (!opts.perConnection) onExit(show);
