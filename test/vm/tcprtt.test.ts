import { expect, it } from "vitest";
import { readExactJson } from "../e2e/harness/read-json.js";
import { tsprobeEntry } from "../e2e/harness/requirements.js";
import { describeInVms, runInVm, scriptPath, TOOL_KERNELS } from "./harness/vm.js";

/** The parts of the script's output, by their names. */
function sectionsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(/^== /m).map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1)]),
  );
}

function jsonOf<T>(text: string | undefined, mark: string): T {
  const line = text?.split("\n").find((each) => each.startsWith("{") && each.includes(mark));
  if (line === undefined) throw new Error(`no ${mark} in ${text}`);
  return readExactJson(line) as T;
}

interface Connection {
  readonly data: {
    readonly rport: number;
    readonly samples: number;
    readonly leastUs: number;
    readonly mostUs: number;
    readonly srttUs: number;
    readonly minUs: number;
  };
}
interface Reading {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly buckets: readonly unknown[];
}

describeInVms((version) => {
  it("tcprtt's hooks agree with each other, with the original and with netem", { timeout: 620_000 }, async () => {
    const { stdout, status } = await runInVm(
      version,
      [
        scriptPath("tcprtt.sh"),
        tsprobeEntry,
        scriptPath("../../probes/tcprtt.ts"),
        scriptPath("../e2e/tcprtt-traffic.mjs"),
        scriptPath("scripts/tcprtt-hooks.ts"),
      ],
      600_000,
    );
    const all = stdout;
    expect(status, all).toBe(0);
    expect(all.match(/^run ended with 130$/gm), all).toHaveLength(3);
    const sections = sectionsOf(stdout);

    // fentry, kprobe and tracepoint: the same packets, the same times.
    const { hooks } = jsonOf<{ hooks: readonly Reading[] }>(sections.hooks, '"hooks"');
    expect(hooks[0]?.count).toBeGreaterThanOrEqual(150);
    expect(hooks[1]).toEqual(hooks[0]);
    expect(hooks[2]).toEqual(hooks[0]);

    // The original beside it: the same text.
    expect(sections["best.err"]).toContain("attached to fentry:tcp_rcv_established");
    expect(sections.original).toMatch(/^All Addresses = \*{6} \[AVG \d+\]$/m);
    expect(sections.best).toBe(sections.original);

    // Where there is only the tracepoint: the same connection, by itself.
    expect(sections["tracepoint.err"]).toContain("attached to rawTracepoint:tcp_probe");
    const { data } = jsonOf<Connection>(sections.tracepoint, '"rport":5301');
    expect(data).toMatchObject({ samples: hooks[0]?.count, leastUs: hooks[0]?.min, mostUs: hooks[0]?.max });

    // 10 ms on each way. What the emulated machine itself takes comes on top, least of all in the minimum.
    expect(data.minUs).toBeGreaterThanOrEqual(20_000);
    expect(data.minUs).toBeLessThan(22_000);
    expect(hooks[0]?.min).toBeGreaterThanOrEqual(20_000);
    expect(hooks[0]?.min).toBeLessThan(24_000);
    expect(data.srttUs).toBeGreaterThanOrEqual(20_000);

    // Why the tracepoint's arguments are read, and not its record.
    expect(Number(sections.record) > 0).toBe(version !== "6.1");
  });
}, TOOL_KERNELS);
