/**
 * What a reading of localports costs with 1,000 to 30,000 open connections, beside `ss -Htan` and reading /proc/net/tcp, in one run.
 *   node bench/localports.mjs          (root, gcc, ss, nsenter; needs the build)
 * localports: CPU time of all its threads while nothing happens, by reading, 25 a second. The others: from start to end, with the process that does it.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatSummary, printColumns, summarize } from "./summary.mjs";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tsprobe-bench-"));
const counts = [1000, 5000, 10_000, 30_000];
try {
  execFileSync("gcc", ["-O2", "-o", join(folder, "ports"), at("test/e2e/workload/ports.c")], { stdio: "inherit" });
  const steps = counts.flatMap((count, i) => [
    ["open", count - (counts[i - 1] ?? 0), 800],
    ["compare"],
    ...Array.from({ length: 5 }, () => ["measure", 50]),
  ]);
  const plan = { range: "1024 65535", inside: true, interval: "0.04", args: ["--warn", "0"], steps: [["listen", 800], ...steps] };
  const argv = [
    at("test/e2e/workload/port-steps.mjs"),
    at("dist/cli/main.js"),
    at("probes/localports.ts"),
    join(folder, "ports"),
  ];
  const { stdout, status } = spawnSync(process.execPath, [...argv, JSON.stringify(plan)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`the steps ended with ${status}`);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const wrong = lines.filter(({ step, equal }) => step === "compare" && !equal);
  if (wrong.length > 0) throw new Error(`not what ss says: ${JSON.stringify(wrong[0])}`);
  const measured = lines.filter(({ step }) => step === "measure");
  const costs = {
    localports: ({ cpuUs }) => cpuUs / 1000,
    "ss -Htan": ({ ssMs }) => ssMs.median,
    "cat /proc/net/tcp tcp6": ({ procMs }) => procMs.median,
  };
  const cost = (count, name) => summarize(measured.filter(({ sockets }) => sockets === count).map(costs[name]));
  console.log("milliseconds a reading: median (least–most) of 5; × against 1,000 sockets\n");
  const names = Object.keys(costs);
  printColumns([
    ["sockets", ...names.flatMap((name) => [name, "×"]), "ss / localports"],
    ...counts.map((count) => [
      count,
      ...names.flatMap((name) => [
        formatSummary(cost(count, name), 2),
        (cost(count, name).median / cost(counts[0], name).median).toFixed(1),
      ]),
      (cost(count, "ss -Htan").median / cost(count, "localports").median).toFixed(0),
    ]),
  ]);
} finally {
  rmSync(folder, { recursive: true });
}
