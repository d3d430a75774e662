import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { RunningProcess, withTracefs } from "./harness/process.js";
import { readJsonLines } from "./harness/read-json.js";
import { describeWhere, requireBuild, requireRoot, requireTracefs, tsprobeEntry } from "./harness/requirements.js";

const script = new URL("scripts/flood.ts", import.meta.url).pathname;
const CALLS = 200_000;

/** Makes exactly CALLS getuid(2) calls after a line on its standard input, and says when it is done. */
const workload = `process.stdin.once("data", () => { for (let i = 0; i < ${CALLS}; i++) process.getuid(); console.log("done"); process.stdin.destroy(); });`;

interface Line {
  readonly type: string;
  readonly data?: { readonly number: number };
  readonly count?: number;
  readonly delivered?: number;
  readonly lost?: number;
  readonly where?: string;
}

/** @param last what is waited for on standard output before Ctrl-C, which cuts short what is delivered then */
async function flood(flags: readonly string[], last?: string) {
  const child = spawn(process.execPath, ["-e", workload], { stdio: ["pipe", "pipe", "inherit"] });
  const argv = [process.execPath, tsprobeEntry, "run", script, "--format", "json", ...flags, "--pid", String(child.pid)];
  const tracer = new RunningProcess(withTracefs(argv));
  await tracer.until(() => /^attached/m.test(tracer.stderr), "tsprobe to attach");
  child.stdin?.write("go\n");
  await once(child.stdout as NodeJS.ReadableStream, "data");
  await once(child, "exit");
  if (last !== undefined) await tracer.until(() => tracer.stdout.endsWith(last), "the last event", 30_000);
  const ended = await tracer.stop("SIGINT");
  const lines = readJsonLines(ended.stdout) as Line[];
  return {
    ended,
    lines,
    numbers: lines.filter((line) => line.type === "event").map((line) => line.data?.number as number),
    summary: lines.at(-1) as Line,
  };
}

describeWhere([requireRoot, requireTracefs, requireBuild], "loss is counted, never silent", () => {
  it("with a ring of 4 KiB: events received and events counted as lost make up exactly the calls made", async () => {
    const { ended, lines, numbers, summary } = await flood(["--ring-size", "4K"]);
    const reported = lines.filter((line) => line.type === "lost").reduce((sum, line) => sum + (line.count as number), 0);
    expect(summary.type).toBe("summary");
    expect(summary.lost).toBeGreaterThan(0);
    expect(numbers.length + (summary.lost as number)).toBe(CALLS);
    expect(reported).toBe(summary.lost);
    expect(ended.stderr).toContain(`onLost said ${summary.lost}`);
    expect(ended.stderr).toMatch(/lost \d+ events of "numbered"/);
    expect(lines.find((line) => line.type === "lost")?.where).toMatch(/flood\.ts:18:3$/);
    // In order, and each at most once.
    expect(numbers.every((number, i) => i === 0 || number > (numbers[i - 1] as number))).toBe(true);
  });

  it("with the default ring: every event, in order, and the summary says 0 lost", async () => {
    const { ended, numbers, summary } = await flood([], `${CALLS}}}\n`);
    expect(summary.lost).toBe(0);
    expect(numbers.length).toBe(CALLS);
    expect(numbers[0]).toBe(1);
    expect(numbers.at(-1)).toBe(CALLS);
    expect(ended.stderr).toContain("0 lost");
  });
});
