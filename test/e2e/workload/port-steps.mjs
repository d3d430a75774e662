/**
 * Holds localports against ss, step by step, in a network namespace of its own, which is gone afterwards.
 *   port-steps.mjs COMMAND PROBE PORTS_PROGRAM '{"range":"20000 20999","args":[],"steps":[["listen",8080],["open",300,8080],["compare"]]}'
 * Steps: those of ports.c; ["trace"] starts the tracer, at first if it is not said; ["compare"] waits until both say the same (or 20 s have passed) and prints what they say; ["measure", n] prints what n
 * readings cost in comparison with ss and with /proc/net/tcp; ["pause", seconds]; ["sysctl", "name=value"].
 * "addresses": those that the program listens at and connects to.
 * Prints a JSON object a line; the last has what the tracer printed beside its readings.
 */
import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [command, probe, program, plan] = process.argv.slice(2);
const { range, args = [], addresses = [], steps, inside = false, interval = "0.2" } = JSON.parse(plan);
const name = `tsprobe-${process.pid}`;
const [low, high] = range.split(" ").map(Number);
/** Connections of a process: two files each, of the 20,000 that it may have open at least. */
const MOST = 9000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const run = (...argv) => execFileSync(argv[0], argv.slice(1), { encoding: "utf8", maxBuffer: 1 << 28 });
const inNamespace = (...argv) => ["nsenter", `--net=/run/netns/${name}`, ...argv];
const say = (line) => console.log(JSON.stringify(line));

class Worker {
  connections = 0;
  #answers = [];
  #waiting = [];
  constructor() {
    const [file, ...rest] = inNamespace(program, ...addresses);
    this.child = spawn(file, rest, { stdio: ["pipe", "pipe", "inherit"] });
    this.child.once("exit", () => {
      for (const waiting of this.#waiting.splice(0)) waiting("ended");
    });
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#answers.push(line);
      else waiting(line);
    });
  }
  async tell(...words) {
    this.child.stdin.write(`${words.join(" ")}\n`);
    const answer = this.#answers.shift() ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
    if (answer === "ended") throw new Error(`the process of the connections has ended at "${words.join(" ")}"`);
    return answer;
  }
}

const STATES = { ESTAB: "ESTABLISHED", "TIME-WAIT": "TIME_WAIT", "FIN-WAIT-1": "FIN_WAIT1", "FIN-WAIT-2": "FIN_WAIT2" };

/** Ports of the range that ss shows, and the sockets that have them by state. */
function readSs() {
  const states = {};
  const ports = new Set();
  for (const line of run(...inNamespace("ss", "-Htan")).split("\n")) {
    const [state, , , local] = line.split(/\s+/);
    const port = Number(local?.split(":").at(-1));
    if (!(port >= low && port <= high)) continue;
    ports.add(port);
    const known = STATES[state] ?? state.replaceAll("-", "_");
    states[known] = (states[known] ?? 0) + 1;
  }
  const even = [...ports].filter((port) => port % 2 === 0).length;
  return { inUse: ports.size, even, odd: ports.size - even, states: sorted(states) };
}
const sorted = (object) => Object.fromEntries(Object.entries(object).sort());

/** Nanoseconds that all threads of a process have run (/proc/PID/task/TID/schedstat). */
const cpuNs = (pid) =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, tid) => sum + Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, "utf8").split(" ")[0]),
    0,
  );
/** Bytes that a process has read. */
const bytesRead = (pid) => Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))[1]);
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const spread = (values) => ({ median: median(values), least: Math.min(...values), most: Math.max(...values) });

function timed(count, action) {
  return spread(
    Array.from({ length: count }, () => {
      const start = process.hrtime.bigint();
      action();
      return Number(process.hrtime.bigint() - start) / 1e6;
    }),
  );
}

run("ip", "netns", "add", name);
let tracer;
const workers = [];
try {
  run("ip", "-n", name, "link", "set", "lo", "up");
  run(...inNamespace("sysctl", "-q", "-w", `net.ipv4.ip_local_port_range=${range}`));
  const readings = [];
  const others = [];
  let words = "";
  let ended;
  const until = async (condition, seconds) => {
    for (let left = seconds * 20; left > 0 && !condition(); left--) await pause(50);
    return condition();
  };

  const doing = {
    async trace() {
      const flags = ["run", probe, "--format", "json", "--no-check", "--interval", interval, "--netns", name, ...args];
      const plain = [process.execPath, command, ...flags];
      const argv = inside ? inNamespace(...plain) : plain;
      tracer = spawn(argv[0], argv.slice(1), { env: { ...process.env, NO_COLOR: "1" }, stdio: ["ignore", "pipe", "pipe"] });
      ended = new Promise((resolve) => tracer.on("close", resolve));
      tracer.stderr.setEncoding("utf8").on("data", (text) => {
        words += text;
      });
      createInterface({ input: tracer.stdout }).on("line", (line) => {
        const record = JSON.parse(line);
        if (record.name === "readings") readings.push(record.data);
        else others.push(record);
      });
      if (!(await until(() => words.includes("attached to") || tracer.exitCode !== null, 120)) || tracer.exitCode !== null)
        throw new Error(words);
    },
    /** A further listening socket of the first process: another destination. */
    async also(port) {
      await workers[0].tell("listen", port);
    },
    /** Connects that nobody answers, but for the first. */
    async try(count, port) {
      await workers[0].tell("try", count, port);
    },
    share: (count, port) => workers[0].tell("share", count, port),
    bound: (count, port) => workers[0].tell("bound", count, port),
    again: (how, port) => workers[0].tell("again", how, port),
    end: (count) => workers[0].tell("end", count),
    cancel: (local, port) => workers[0].tell("cancel", local, port),
    async listen(port) {
      workers.push(new Worker());
      await workers.at(-1).tell("listen", port);
    },
    async open(count, port) {
      let [opened, error] = [0, 0];
      while (opened < count && error === 0) {
        let worker = workers.find(({ connections }) => connections < MOST);
        if (worker === undefined) {
          worker = new Worker();
          workers.push(worker);
          // A port of its own for each process.
          await worker.tell("listen", port + workers.length - 1);
        }
        const to = port + workers.indexOf(worker);
        const wanted = Math.min(count - opened, MOST - worker.connections);
        const answer = (await worker.tell("open", wanted, to)).split(" ").map(Number);
        worker.connections += answer[1];
        opened += answer[1];
        error = answer[2];
      }
      say({ step: "open", opened, error });
    },
    async release(word, count) {
      for (const worker of workers) {
        const some = Math.min(count, worker.connections);
        if (some > 0) await worker.tell(word, some);
        worker.connections -= some;
        count -= some;
      }
    },
    close: (count) => doing.release("close", count),
    shut: (count) => doing.release("shut", count),
    abort: (count) => doing.release("abort", count),
    pause: (seconds) => pause(seconds * 1000),
    async sysctl(text) {
      run(...inNamespace("sysctl", "-q", "-w", text));
    },
    async compare(what = "") {
      let [ss, reading] = [];
      const equal = () =>
        reading !== undefined &&
        [ss.inUse, ss.even, ss.odd].join() === [reading.inUse, reading.even, reading.odd].join() &&
        JSON.stringify(ss.states) === JSON.stringify(sorted(reading.states));
      for (let left = 40; left > 0 && !equal(); left--) {
        const before = readings.length;
        // A reading that began after what ss shows, and ss again after it: nothing changes between steps but time-wait sockets.
        await until(() => readings.length > before + 1, 5);
        [ss, reading] = [readSs(), readings.at(-1)];
      }
      say({ step: "compare", what, equal: equal(), ss, reading, readings: readings.length });
    },
    async measure(count) {
      // Readings from while this process was busy come at once: they are not to be counted.
      await pause(500);
      const from = readings.length;
      const [cpu, bytes] = [cpuNs(tracer.pid), bytesRead(tracer.pid)];
      await until(() => readings.length >= from + count, 120);
      const done = readings.length - from;
      const files = () => run(...inNamespace("cat", "/proc/net/tcp", "/proc/net/tcp6"));
      say({
        step: "measure",
        sockets: Object.values(readings.at(-1).states).reduce((a, b) => a + b, 0),
        cpuUs: (cpuNs(tracer.pid) - cpu) / done / 1000,
        bytes: Math.round((bytesRead(tracer.pid) - bytes) / done),
        ssMs: timed(5, () => run(...inNamespace("ss", "-Htan"))),
        procMs: timed(5, files),
        procBytes: files().length,
      });
    },
  };
  const begins = steps.some(([word]) => word === "trace") ? [] : [["trace"]];
  for (const [word, ...rest] of [...begins, ...steps]) await doing[word](...rest);
  const most = readings.reduce((a, b) => (b.noPort > a.noPort ? b : a), readings[0]);
  const opened = readings.filter(({ opened }) => opened > 0);
  tracer.kill("SIGINT");
  await ended;
  say({
    step: "end",
    words,
    others,
    noPort: most?.noPort,
    noPortBy: most?.noPortBy,
    searches: opened.map(({ inUse, search }) => ({ inUse, search })),
  });
} finally {
  for (const { child } of workers) child.stdin.end();
  tracer?.kill("SIGKILL");
  run("ip", "netns", "del", name);
}
