import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { requireTool, tsprobeEntry } from "../e2e/harness/requirements.js";
import { type CProgram, compileC } from "../fixtures/c-program.js";
import { describeInVms, runInVm, scriptPath, TOOL_KERNELS } from "./harness/vm.js";

interface Line {
  readonly step: string;
  readonly what?: string;
  readonly equal?: boolean;
  readonly ss?: { readonly inUse: number; readonly states: Readonly<Record<string, number>> };
  readonly reading?: unknown;
  readonly words?: string;
  readonly noPort?: number;
  readonly searches?: readonly { readonly inUse: number; readonly search?: { readonly count: number; readonly p50: number } }[];
}

const PLAN = {
  range: "20000 20999",
  interval: "0.5",
  steps: [
    ["sysctl", "net.ipv4.tcp_fin_timeout=5"],
    ["listen", 8080],
    ["open", 200, 8080],
    ["compare", "200"],
    ["open", 300, 8080],
    ["compare", "half"],
    ["open", 100, 8080],
    ["compare", "600"],
    ["open", 500, 8080],
    ["compare", "all"],
    ["close", 100],
    ["compare", "waiting"],
    ["shut", 10],
    ["compare", "half-closed"],
    ["pause", 10],
    ["compare", "tcp_fin_timeout is over"],
    ["abort", 20],
    ["compare", "reset"],
    ["pause", 65],
    ["compare", "TIME_WAIT is over"],
  ],
};

describeInVms((version) => {
  let program: CProgram;
  beforeAll(() => {
    const missing = requireTool("gcc")();
    if (missing !== undefined) throw new Error(missing);
    program = compileC(readFileSync(new URL("../e2e/workload/ports.c", import.meta.url), "utf8"));
  });
  afterAll(() => program?.remove());

  it("localports says what ss says, times the search for ports, and sees the end of TIME_WAIT", {
    timeout: 600_000,
  }, async () => {
    const { stdout, status } = await runInVm(
      version,
      [
        "node",
        scriptPath("../e2e/workload/port-steps.mjs"),
        tsprobeEntry,
        scriptPath("../../probes/localports.ts"),
        program.path,
        JSON.stringify(PLAN),
      ],
      580_000,
    );
    const all = stdout;
    expect(status, all).toBe(0);
    const lines = all
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Line);
    const compared = lines.filter(({ step }) => step === "compare");
    for (const { what, equal, ss, reading } of compared) expect(equal, `${what}: ${JSON.stringify({ ss, reading })}`).toBe(true);
    const seen = new Map(compared.map(({ what, ss }) => [what, ss?.states]));
    expect(seen.get("all")).toEqual({ ESTABLISHED: 1000 });
    expect(seen.get("waiting")).toEqual({ ESTABLISHED: 900, TIME_WAIT: 100 });
    expect(seen.get("half-closed")).toEqual({ ESTABLISHED: 890, FIN_WAIT2: 10, TIME_WAIT: 100 });
    expect(seen.get("tcp_fin_timeout is over")).toEqual({ ESTABLISHED: 890, TIME_WAIT: 100 });
    expect(seen.get("reset")).toEqual({ ESTABLISHED: 870, TIME_WAIT: 100 });
    expect(seen.get("TIME_WAIT is over")).toEqual({ ESTABLISHED: 870 });
    const end = lines.at(-1);
    expect(end?.words).toContain("fexit:__inet_hash_connect");
    expect(end?.words).toContain("inet_twsk_kill");
    expect(end?.noPort).toBe(1);
    // The knee: up to half of the range a free port is found at once, beyond it half of the ports are tried first.
    const timed = (end?.searches ?? []).flatMap(({ inUse, search }) => (search === undefined ? [] : [{ inUse, ...search }]));
    const p50 = (when: (inUse: number) => boolean) =>
      Math.max(...timed.filter(({ inUse }) => when(inUse)).map((each) => each.p50));
    expect(timed.reduce((sum, { count }) => sum + count, 0)).toBe(1001);
    console.log(`Linux ${version}: ${timed.map((each) => `${each.inUse} ports: p50 ${each.p50} ns`).join(", ")}`);
    expect(p50((inUse) => inUse > 500)).toBeGreaterThan(4 * p50((inUse) => inUse <= 200));
  });
}, TOOL_KERNELS);
