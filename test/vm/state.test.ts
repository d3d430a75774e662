import { expect, it } from "vitest";
import { describeInVms, scriptPath, tsprobeInVm } from "./harness/vm.js";

/** getpgid(1) to getpgid(300), once each. */
const WORKLOAD = `python3 -c 'import os
for i in range(1, 301):
  try: os.getpgid(i)
  except OSError: pass'`;

describeInVms((version) => {
  it("maps, aggregations, long loops, loops over maps and switches give what Node gives", { timeout: 600_000 }, async () => {
    const { stdout, status } = await tsprobeInVm(version, [
      "run",
      "--no-check",
      scriptPath("scripts/state.ts"),
      "-c",
      WORKLOAD,
      "--for",
      "120s",
    ]);
    expect(status, stdout).toBe(0);
    const last = stdout
      .trim()
      .split("\n")
      .findLast((line) => line.startsWith("{"));
    expect(JSON.parse(last ?? "null"), stdout).toEqual({
      right: 300,
      events: 300,
      calls: [100, 100, 100],
      slots: [75, 75, 75, 75],
      total: 300,
      sizes: 300,
      stats: [45_150, 1, 300, 300],
    });
    expect(stdout).toContain("0 lost");
  });
});
