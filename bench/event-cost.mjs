// What an event costs the traced system call: tsprobe beside bpftrace on sock:inet_sock_set_state.
//
//   npm run build && sudo node bench/event-cost.mjs [rounds] [events a round]
//
// A C program (event-cost.c) opens and closes a listener in a loop; each of its system calls is one event. Every round
// measures it bare, under tsprobe and under bpftrace, in turning order; the cost of an event is traced less bare. A
// round's figure is the median of its batches. Both tools print every event, and we read what they print; what a tool
// lost it did not pay for in full, so its losses stand beside.
// The loop is pinned to one CPU and the tool to another, where there are two, so that the tool's own work is not counted.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { formatSummary, printColumns, summarize } from "./summary.mjs";
import { ensureTracefs } from "./tracefs.mjs";

const rounds = Number(process.argv[2] ?? 5);
const events = Number(process.argv[3] ?? 20_000);
const batch = 500;
const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const [loopCpu, toolCpu] = cpus().length > 1 ? ["1", "0"] : ["0", "0"];

const bpftraceProgram = `
tracepoint:sock:inet_sock_set_state {
  $now = nsecs; $before = @since[args->skaddr];
  if (args->newstate == 7) { delete(@since[args->skaddr]); } else { @since[args->skaddr] = $now; }
  printf("%llx %d %s %s %d %s %d %d -> %d %llu us\\n", args->skaddr, pid, comm, ntop(args->saddr), args->sport,
    ntop(args->daddr), args->dport, args->oldstate, args->newstate, $before ? ($now - $before) / 1000 : 0);
}`;
const tools = [
  { name: "bare" },
  { name: "tsprobe", argv: [process.execPath, root("dist/cli/main.js"), "run", root("probes/tcpstates.ts")] },
  { name: "bpftrace", argv: ["bpftrace", "-B", "line", "-e", bpftraceProgram] },
];

function compile(directory) {
  const output = join(directory, "event-cost");
  for (const compiler of ["cc", "gcc", "clang", "clang-19", "clang-16"]) {
    try {
      execFileSync(compiler, ["-O2", "-o", output, root("bench/event-cost.c")], { stdio: "pipe", env });
      return output;
    } catch {
      // The next one may be there.
    }
  }
  throw new Error("needs a C compiler and the C library's headers: apt-get install gcc libc6-dev");
}

async function closedPort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Starts a tool and waits for its first event, which knocking at `port` makes; the function returned ends the tool and
 * tells how many lines it printed about `loopPort`.
 */
async function startTool({ name, argv }, port, loopPort) {
  if (argv === undefined) return async () => 0;
  const child = spawn("taskset", ["-c", toolCpu, ...argv], { env, stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  let rest = "";
  let lines = 0;
  const ofLoop = new RegExp(` ${loopPort} `);
  let loopLines = 0;
  const exited = once(child, "close");
  const seen = new Promise((resolve) => {
    child.stdout.setEncoding("latin1").on("data", (text) => {
      const complete = (rest + text).split("\n");
      rest = complete.pop();
      for (const line of complete) if (ofLoop.test(line)) loopLines++;
      lines += complete.length;
      if (lines > 2) resolve();
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
  });
  const knocking = setInterval(() => net.connect(port, "127.0.0.1").on("error", () => {}), 5);
  await Promise.race([seen, exited.then(() => Promise.reject(new Error(`${name} ended: ${stderr}`)))]);
  clearInterval(knocking);
  return async () => {
    // Time to print what it has: bpftrace 0.17 leaves unread what is in its buffers when it is told to end.
    for (let before = -1; loopLines !== before; ) {
      before = loopLines;
      await sleep(300);
    }
    const again = setInterval(() => child.kill("SIGINT"), 1000);
    child.kill("SIGINT");
    await exited;
    clearInterval(again);
    return loopLines;
  };
}

ensureTracefs();
const directory = mkdtempSync(join(tmpdir(), "tsprobe-bench-"));
const results = new Map(tools.map(({ name }) => [name, []]));
const printed = new Map(tools.map(({ name }) => [name, 0]));
try {
  const program = compile(directory);
  const [port, loopPort] = [await closedPort(), await closedPort()];
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < tools.length; turn++) {
      const tool = tools[(round + turn) % tools.length];
      const stop = await startTool(tool, port, loopPort);
      const output = await new Promise((resolve, reject) => {
        const child = spawn(
          "taskset",
          ["-c", loopCpu, program, String(loopPort), String(Math.ceil(events / batch)), String(batch)],
          { stdio: ["ignore", "pipe", "inherit"] },
        );
        let text = "";
        child.stdout.on("data", (chunk) => {
          text += chunk;
        });
        child.once("error", reject);
        child.once("close", () => resolve(text));
      });
      printed.set(tool.name, printed.get(tool.name) + (await stop()));
      results.get(tool.name).push(summarize(output.trim().split("\n").map(Number)).median);
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

const bare = results.get("bare");
console.log(`ns, median (least–greatest) of ${rounds} interleaved rounds of ${events} events\n`);
printColumns([
  ["", "a call", "cost of an event", "printed"],
  ...tools.map(({ name }) => {
    const own = results.get(name);
    const cost = formatSummary(summarize(own.map((ns, round) => ns - bare[round])));
    const share = (100 * printed.get(name)) / (rounds * Math.ceil(events / batch) * batch);
    return [name, formatSummary(summarize(own)), ...(name === "bare" ? ["", ""] : [cost, `${share.toFixed(1)} %`])];
  }),
]);
