import { readdirSync, readlinkSync } from "node:fs";
import { release } from "node:os";
import { describe, expect, test } from "vitest";
import type { Program, ProgramProbe } from "../../compiler/program.js";
import { type Diagnostic, DiagnosticError } from "../../diagnostics/diagnostic.js";
import { openTracefs } from "../../kernel/tracefs.js";
import { CounterReader } from "../../runtime/counters.js";
import { EINVAL } from "../../runtime/ffi/errno.js";
import { attachProbe } from "../../runtime/libbpf/attach/index.js";
import { openLibbpf } from "../../runtime/libbpf/library.js";
import { BpfObject, COUNTERS_MAP } from "../../runtime/libbpf/object.js";
import { readDataSection } from "../../runtime/libbpf/rodata.js";
import { openSession, ringSizeFor, type SessionInput } from "../../runtime/session.js";
import { buildObject } from "../fixtures/bpf/build.js";
import { callsProgram, GETPGID, GETSID } from "../fixtures/bpf/calls.js";
import { CANNOT_TRACE, getpgid, traceCalls } from "../fixtures/bpf/tracing.js";
import { collect } from "./harness/collect.js";

function refusal(run: () => unknown): Diagnostic | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0];
    throw error;
  }
  return undefined;
}

/** Programs, maps, links and perf events this process has open. */
function kernelObjects(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return /bpf|perf_event|btf/.test(target) ? [target] : [];
    } catch {
      return []; // the directory's own descriptor
    }
  });
}

function isOlderThan(major: number, minor: number): boolean {
  const [runningMajor = 0, runningMinor = 0] = release().split(".").map(Number);
  return runningMajor < major || (runningMajor === major && runningMinor < minor);
}

function input(overrides: Partial<SessionInput> & { program: Program; object: Uint8Array }): SessionInput {
  return { streams: [], decoders: [], log: () => {}, ...overrides };
}

describe.skipIf(CANNOT_TRACE !== undefined)("loading", () => {
  test("says which libbpf it uses, how long it took, and leaves nothing open", async () => {
    const lines: string[] = [];
    const { session } = traceCalls({ log: (line) => lines.push(line) });
    expect(lines[0]).toMatch(/^libbpf 1\.\d+ \((system|bundled|environment)\): \/.*libbpf/);
    expect(kernelObjects().filter((target) => target.includes("bpf-prog")).length).toBe(2); // both programs of calls.c
    session.attach();
    expect(session.timings.loadMs).toBeGreaterThan(0);
    expect(session.timings.attachMs).toBeGreaterThan(0);
    console.log(`load ${session.timings.loadMs.toFixed(1)} ms, attach ${session.timings.attachMs.toFixed(1)} ms`);
    await session.stop();
    expect(kernelObjects()).toEqual([]);
  });

  test("bytes that are no BPF object", () => {
    const diagnostic = refusal(() => openSession(input({ program: callsProgram(1), object: Buffer.from("no object at all") })));
    expect(diagnostic).toMatchObject({ code: "TSP6007", failure: "load" });
    expect(diagnostic?.message).toMatch(/^libbpf cannot read the compiled program \(/);
    expect(kernelObjects()).toEqual([]);
  });

  test("object and program that do not belong together", () => {
    const object = buildObject("calls.c");
    const program = callsProgram(1);
    const slot = (variable: string, size: number): Program => ({
      ...program,
      options: [{ variable, bytes: Buffer.alloc(size) }],
    });
    const message = (program: Program) => refusal(() => openSession(input({ program, object })))?.message;
    expect(message(slot("no_such_option", 4))).toBe('the compiled program has no option variable "no_such_option"');
    expect(message(slot("target_pid", 8))).toBe('option variable "target_pid" has 4 bytes in the compiled program, not 8');
    expect(message({ ...program, probes: [{ ...GETPGID, functionName: "absent" }] })).toBe(
      'the compiled object has no program "absent"',
    );
    expect(message({ ...program, counters: Array.from({ length: 4 }, () => program.counters[0] as never) })).toBe(
      "the compiled program has too few counters in tsp_counters",
    );
    expect(kernelObjects()).toEqual([]);
  });

  test("a map the kernel does not create is told at its place in the script", () => {
    const program: Program = {
      ...callsProgram(1),
      maps: [
        {
          cName: "since",
          name: "bornAt",
          span: GETPGID.span,
          index: 0,
          key: { size: 4, layout: { kind: "int", size: 4, signed: false, as: "number" } },
          value: { size: 8, layout: { kind: "int", size: 8, signed: false, as: "bigint" } },
          writeOnly: false,
          tally: undefined,
        },
      ],
      events: [],
      counters: [],
      options: [],
    };
    const diagnostic = refusal(() => openSession(input({ program, object: buildObject("bad-map.c") })));
    expect(diagnostic).toMatchObject({
      code: "TSP6006",
      failure: "load",
      message: 'the kernel did not take map "bornAt" (EINVAL)',
      span: GETPGID.span,
      hints: [expect.stringMatching(/^libbpf says: map 'since': failed to create/)],
    });
    expect(kernelObjects()).toEqual([]);
  });

  test("the ring's size is the next power of two", () => {
    expect([1, 4096, 4097, 12_288, 1 << 20].map(ringSizeFor)).toEqual([4096, 4096, 8192, 16_384, 1 << 20]);
  });

  test("options are found where libbpf's symbol table puts them", () => {
    const libbpf = openLibbpf();
    const object = BpfObject.open({ libbpf, object: buildObject("calls.c"), program: callsProgram(1), log: () => {} });
    const variables = readDataSection(libbpf.api, object.handle, ".rodata");
    object.close();
    expect([...variables.keys()].sort()).toEqual(["filler", "mark", "target_pid"]);
    expect(variables.get("filler")?.size).toBe(1);
    expect((variables.get("target_pid")?.offset ?? 1) % 4).toBe(0);
    expect((variables.get("mark")?.offset ?? 1) % 8).toBe(0);
    expect(new Set([...variables.values()].map(({ offset }) => offset)).size).toBe(3);
  });

  test("a program type this kernel lets nobody load", (context) => {
    const probe: ProgramProbe = { ...GETPGID, functionName: "probe" };
    const program: Program = { ...callsProgram(1), probes: [probe], events: [], counters: [], options: [] };
    const diagnostic = refusal(() => {
      const object = BpfObject.load({ libbpf: openLibbpf(), object: buildObject("forbidden.c"), program, log: () => {} });
      object.close();
    });
    if (diagnostic === undefined) context.skip("this kernel allows programs of type TRACING");
    expect(diagnostic).toMatchObject({
      code: "TSP6004",
      failure: "kernel",
      message: "this kernel does not let anybody load BPF programs (EPERM), although the process has all capabilities",
    });
  });
});

describe.skipIf(CANNOT_TRACE !== undefined)("attaching", () => {
  test("a tracepoint that this kernel does not have is told at its hook, and nothing stays attached or loaded", () => {
    const absent: ProgramProbe = {
      ...GETSID,
      attach: { kind: "tracepoint", events: [{ category: "syscalls", event: "sys_enter_no_such_call" }] },
    };
    const { session } = traceCalls({ probes: [GETPGID, absent] });
    const diagnostic = refusal(() => session.attach());
    expect(diagnostic).toMatchObject({
      code: "TSP7002",
      failure: "attach",
      message: "this kernel has no tracepoint syscalls:sys_enter_no_such_call",
      span: absent.span,
      hints: [expect.stringMatching(/^see what it has: `ls \/.*\/events\/syscalls`$/)],
    });
    expect(kernelObjects()).toEqual([]);
  });

  test("more programs than a tracepoint has room for: told at the one too many, and nothing stays attached", async () => {
    const names = Array.from({ length: 65 }, (_, i) => `calls${i}`);
    const handlers = names.map(
      (name) => `export const ${name} = tracepoint("syscalls:sys_enter_getpgid", () => ({ pid: pid() }));`,
    );
    const source = `import { pid, tracepoint } from "tsprobe";\n${handlers.join("\n")}\n`;
    const [diagnostic] = await collect(source, async () => {}).then(
      () => [],
      (error: DiagnosticError) => error.diagnostics,
    );
    expect(diagnostic).toMatchObject({
      code: "TSP7006",
      message: "the kernel did not attach the program to syscalls:sys_enter_getpgid (E2BIG)",
      hints: [expect.stringContaining("room for 64 programs, those of all tracers together")],
    });
    expect(kernelObjects()).toEqual([]);
  });

  test("a file system that is no tracefs", () => {
    const { session } = traceCalls({ tracefs: "/proc" });
    expect(refusal(() => session.attach())).toMatchObject({ code: "TSP7002" });
    expect(kernelObjects()).toEqual([]);
  });
});

describe.skipIf(CANNOT_TRACE !== undefined)("accounting", () => {
  test("counters read in one go and one by one agree, and deltas add up", () => {
    const libbpf = openLibbpf();
    const program = callsProgram(process.pid);
    const object = BpfObject.load({ libbpf, object: buildObject("calls.c"), program, log: () => {} });
    const handle = object.programHandle(GETPGID.functionName);
    const attached = attachProbe({ api: libbpf.api, program: handle, tracefs: () => openTracefs().root }, GETPGID);
    const fd = object.map(COUNTERS_MAP)?.fd ?? -1;
    const batch = new CounterReader(libbpf.api, fd, program.counters);
    // A kernel before 5.13: no batches for maps of this type.
    const single = new CounterReader({ ...libbpf.api, mapLookupBatch: (() => -EINVAL) as never }, fd, program.counters);
    for (let index = 0; index < 70; index++) getpgid(1);
    const first = batch.read();
    expect(first.map(({ count, delta }) => [count, delta])).toEqual([
      [0n, 0n],
      [0n, 0n],
      [70n, 70n],
    ]);
    for (let index = 0; index < 30; index++) getpgid(1);
    expect(batch.read()[2]).toMatchObject({ count: 100n, delta: 30n, site: program.counters[2] });
    expect(single.read().map(({ count }) => count)).toEqual([0n, 0n, 100n]);
    attached.detach();
    object.close();
  });

  test("runs that the kernel skipped are counted", async (context) => {
    const program: Program = {
      ...callsProgram(process.pid),
      probes: [
        { ...GETPGID, functionName: "keep_busy" },
        {
          ...GETSID,
          functionName: "on_timer",
          attach: { kind: "tracepoint", events: [{ category: "timer", event: "hrtimer_expire_entry" }] },
        },
      ],
      events: [],
      counters: callsProgram(1).counters.slice(0, 2),
      options: callsProgram(process.pid).options.slice(0, 1),
    };
    const session = openSession(input({ program, object: buildObject("busy.c") }));
    session.attach();
    for (let round = 0; round < 300; round++) getpgid(1);
    const summary = await session.stop();
    expect(summary.counters[0]?.count).toBe(300n);
    expect(summary.missedRuns[0]?.count).toBe(0n);
    // kernel/trace/bpf_trace.c, trace_call_bpf
    if (summary.missedRuns[1]?.count === 0n && isOlderThan(6, 7)) context.skip("this kernel does not count what it skips");
    if ((summary.counters[1]?.count ?? 0n) === 0n) context.skip("no timer interrupts were traced");
    expect(summary.missedRuns[1]?.count).toBeGreaterThan(0n);
  });
});
