import { expect, it } from "vitest";
import { readJsonLines } from "../e2e/harness/read-json.js";
import { describeInVms, scriptPath, tsprobeInVm } from "./harness/vm.js";

interface Line {
  readonly type: string;
  readonly name?: string;
  readonly data?: { readonly stack: readonly string[]; readonly user: readonly string[] };
  readonly key?: readonly string[];
  readonly value?: number;
  readonly lost?: number;
  readonly counters?: readonly unknown[];
}

describeInVms((version) => {
  it("stacks in events and as keys, from tracepoints and samples", { timeout: 600_000 }, async () => {
    const command = "sleep 0.3; sleep 0.3; sleep 0.3";
    const { stdout, status } = await tsprobeInVm(version, [
      "run",
      scriptPath("scripts/stacks.ts"),
      "--no-check",
      "--quiet", // words for people come through the same console
      "--format",
      "json",
      "-c",
      command,
    ]);
    expect(status, stdout).toBe(0);
    const json = stdout.split("\n").filter((line) => line.startsWith("{"));
    const lines = readJsonLines(`${json.join("\n")}\n`) as Line[];
    const stacks = lines
      .filter(({ type }) => type === "event")
      .map(({ data }) => data?.stack.map((frame) => frame.replace(/\+.*/, "")));
    const asleep = stacks.filter((names) => names?.includes("hrtimer_nanosleep"));
    expect(asleep.length, stdout).toBeGreaterThan(0);
    for (const names of asleep) expect(names).toEqual(expect.arrayContaining(["__schedule", "schedule", "do_syscall_64"]));
    const keys = lines.filter(({ type, name }) => type === "count" && name === "places");
    expect(keys.length).toBeGreaterThan(1);
    expect(keys.some(({ key }) => key?.length === 4 && key[1]?.startsWith("schedule+0x"))).toBe(true);
    expect(lines.at(-1)).toMatchObject({ type: "summary", lost: 0, counters: [] });
  });
});
