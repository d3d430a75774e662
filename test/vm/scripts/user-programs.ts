import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { comm, cpu, onStart, perfEvent, pid, profile, stop, uprobe, uretprobe, usdt } from "tsprobe";

/** The program that test/vm/user-programs.test.ts has compiled. */
const program = process.env.TSP_PROGRAM as string;
const counts = { calls: 0, sum: 0n, results: 0, resultSum: 0, steps: 0, stepSum: 0, parents: 0, faults: 0 };
const samples: { cpu: number; pid: number }[] = [];

export const calls = uprobe(
  program,
  "work",
  { args: { a: "s32", b: "u64", c: "u8", d: "u8", e: "u8", f: "u8", g: "s64" } },
  ({ a, b, g }) => ({
    a,
    b,
    g,
  }),
);
calls.on(({ a, b, g }) => {
  counts.calls++;
  counts.sum += BigInt(a) + b + g;
});
export const results = uretprobe(program, "work", { returns: "s32" }, ({ ret }) => ({ ret }));
results.on(({ ret }) => {
  counts.results++;
  counts.resultSum += ret;
});
export const steps = usdt(program, "tsptest:step", { args: { n: "s32" } }, ({ n }) => ({ n }));
steps.on(({ n }) => {
  counts.steps++;
  counts.stepSum += n;
});
export const parents = uprobe("libc", "getppid", () => (comm() === "tsp-vm-user" ? { pid: pid() } : undefined));
parents.on(() => counts.parents++);
export const faults = perfEvent("page-faults", { period: 1 }, () => (comm() === "tsp-vm-user" ? { pid: pid() } : undefined));
faults.on(() => counts.faults++);
export const sampled = profile(49, () => ({ cpu: cpu(), pid: pid() }));
sampled.on((sample) => samples.push(sample));

onStart(async () => {
  const began = performance.now();
  const child = spawnSync(program, ["200"], { encoding: "utf8" });
  const busy = spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" });
  await sleep(4000);
  const seconds = (performance.now() - began) / 1000;
  const fields = readFileSync(`/proc/${busy.pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
  const own = samples.filter((sample) => sample.pid === busy.pid).length;
  const perCpu = [0, 1].map((one) => samples.filter((sample) => sample.cpu === one).length / seconds);
  busy.kill("SIGKILL");
  console.log(
    JSON.stringify({
      ...counts,
      sum: String(counts.sum),
      said: child.stdout.trim(),
      busy: { own, expected: cpuSeconds * 49 },
      perCpu,
    }),
  );
  stop();
});
