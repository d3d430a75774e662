import { expect, it } from "vitest";
import { describeInVms, scriptPath, tsprobeInVm } from "./harness/vm.js";

describeInVms((version) => {
  it("iterators run beside other hooks, when the script asks, also at its end", { timeout: 600_000 }, async () => {
    const { stdout, status } = await tsprobeInVm(version, ["run", "--no-check", scriptPath("scripts/iter.ts"), "--for", "60s"]);
    expect(status, stdout).toBe(0);
    const [first, second] = stdout
      .trim()
      .split("\n")
      // The machine has one console: words are among the data.
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as unknown);
    expect(first, stdout).toEqual({
      found: [{ state: 10, uid: 0 }],
      last: { before: 10, to: 7 },
      missing: 0,
      threads: true,
      twice: true,
    });
    expect(second).toEqual({ atExit: true });
    expect(stdout).toContain("0 lost");
  });

  it("a script of nothing but iterators is run once and shown", { timeout: 600_000 }, async () => {
    const { stdout, status } = await tsprobeInVm(version, [
      "run",
      "--no-check",
      scriptPath("scripts/tasks.ts"),
      "--format",
      "csv",
    ]);
    expect(status, stdout).toBe(0);
    const [heading, ...rows] = stdout.trim().split("\n");
    expect(heading).toBe("PID,COMM");
    expect(rows).toContain("1,init");
    expect(rows.filter((row) => row === "2,kthreadd")).toHaveLength(1);
  });
});
