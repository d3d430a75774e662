// How long from Enter to tracing: `tsprobe run probes/tcpstates.ts` beside bpftrace on the same tracepoint.
//
//   npm run build && sudo node bench/start.mjs [rounds]
//
// "First event" is the same for both: from the start of the process until its first line of an event is in our hands,
// while a connection is refused every millisecond. bpftrace 0.17 tells no other way when it is attached: it prints
// "Attaching 1 probe..." before, and runs BEGIN before it attaches the other probes. "Attached" is tsprobe's own message.
// Cold means an empty cache directory of tsprobe's; the page cache stays warm for all. Each round runs every variant
// once, in turning order, so that a slow spell of the machine hits all alike; ratios are taken within a round.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatSummary, printColumns, summarize } from "./summary.mjs";
import { ensureTracefs } from "./tracefs.mjs";

const rounds = Number(process.argv[2] ?? 10);
const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

// The columns of tcpstates, as a bpftrace user would write them.
const bpftraceProgram = `
tracepoint:sock:inet_sock_set_state {
  $now = nsecs; $before = @since[args->skaddr];
  if (args->newstate == 7) { delete(@since[args->skaddr]); } else { @since[args->skaddr] = $now; }
  printf("%llx %d %s %s %d %s %d %d -> %d %llu us\\n", args->skaddr, pid, comm, ntop(args->saddr), args->sport,
    ntop(args->daddr), args->dport, args->oldstate, args->newstate, $before ? ($now - $before) / 1000 : 0);
}`;

const caches = mkdtempSync(join(tmpdir(), "tsprobe-bench-"));
const warmCache = join(caches, "warm");
let coldRuns = 0;
const tsprobe = (...flags) => [process.execPath, root("dist/cli/main.js"), "run", root("probes/tcpstates.ts"), "-v", ...flags];
const variants = [
  { name: "tsprobe, cold", argv: tsprobe(), cache: () => join(caches, `cold-${coldRuns++}`) },
  { name: "tsprobe, warm", argv: tsprobe(), cache: () => warmCache },
  { name: "tsprobe, warm, --no-check", argv: tsprobe("--no-check"), cache: () => warmCache },
  { name: "bpftrace", argv: ["bpftrace", "-B", "line", "-e", bpftraceProgram], cache: () => undefined },
];

/** A port at which nobody listens: each connect makes two state changes at once. */
async function closedPort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs one variant until its first event, then ends it; all times in milliseconds from just before the start. */
async function measure({ argv, cache }, port) {
  const directory = cache();
  const env = {
    ...process.env,
    PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
    ...(directory ? { TSPROBE_CACHE_DIR: directory } : {}),
  };
  const result = { firstEvent: undefined, attached: undefined, stages: {} };
  let stdout = "";
  let stderr = "";
  const began = performance.now();
  const child = spawn(argv[0], argv.slice(1), { env, stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "close");
  const seen = new Promise((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      // Both print "127.0.0.1" and then the port we knock at.
      if (result.firstEvent === undefined && new RegExp(`127\\.0\\.0\\.1 +${port} .*\\n`).test(stdout)) {
        result.firstEvent = performance.now() - began;
        resolve();
      }
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
      if (result.attached === undefined && /^attached/m.test(stderr)) result.attached = performance.now() - began;
    });
  });
  const knocking = setInterval(() => net.connect(port, "127.0.0.1").on("error", () => {}), 1);
  try {
    const outcome = await Promise.race([seen.then(() => "seen"), exited.then(() => "ended")]);
    if (outcome === "ended") throw new Error(`${argv.slice(0, 4).join(" ")} ended before an event:\n${stderr}`);
  } finally {
    clearInterval(knocking);
    // bpftrace 0.17 can miss a signal in its first moments; a tool that ends is not hurt by another.
    const again = setInterval(() => child.kill("SIGINT"), 500);
    child.kill("SIGINT");
    await exited;
    clearInterval(again);
  }
  for (const [, stage, ms] of stderr.matchAll(/^time (\w+) ([\d.]+) ms/gm)) result.stages[stage] = Number(ms);
  return result;
}

ensureTracefs();
const port = await closedPort();
const results = new Map(variants.map(({ name }) => [name, []]));
try {
  // Fills the warm cache and the page cache.
  for (const variant of variants) await measure(variant, port);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < variants.length; turn++) {
      const variant = variants[(round + turn) % variants.length];
      results.get(variant.name).push(await measure(variant, port));
    }
  }
} finally {
  rmSync(caches, { recursive: true, force: true });
}

const reference = results.get("bpftrace").map(({ firstEvent }) => firstEvent);
console.log(`ms, median (least–greatest) of ${rounds} interleaved rounds\n`);
printColumns([
  ["", "first event", "of bpftrace's", "attached"],
  ...variants.map(({ name }) => {
    const own = results.get(name);
    const ratio = summarize(own.map(({ firstEvent }, round) => firstEvent / reference[round]));
    const attached = own.map((one) => one.attached).filter((ms) => ms !== undefined);
    return [
      name,
      formatSummary(summarize(own.map((one) => one.firstEvent))),
      name === "bpftrace" ? "" : `× ${formatSummary(ratio, 2)}`,
      attached.length === 0 ? "" : formatSummary(summarize(attached)),
    ];
  }),
]);
const ours = variants.filter(({ name }) => name.startsWith("tsprobe"));
const stages = [...new Set(ours.flatMap(({ name }) => results.get(name).flatMap((one) => Object.keys(one.stages))))];
console.log("\nstages, as tsprobe -v tells them (some overlap)\n");
printColumns([
  ["", ...ours.map(({ name }) => name.replace("tsprobe, ", ""))],
  ...stages.map((stage) => [
    stage,
    ...ours.map(({ name }) => {
      const values = results.get(name).flatMap((one) => (stage in one.stages ? [one.stages[stage]] : []));
      return values.length === 0 ? "" : formatSummary(summarize(values), 1);
    }),
  ]),
]);
