import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Program, ProgramProbe } from "../../../compiler/program.js";
import { lineSpan, positionAt, type SourceFile } from "../../../diagnostics/span.js";
import { diagnoseVerifierLog } from "../../../runtime/verifier.js";
import { CUT_MARK } from "../../../runtime/verifier-log.js";
import { WRONG_PROGRAMS, WRONG_SCRIPT, wrongProbe, wrongProgram } from "../../fixtures/bpf/wrong.js";
import { WRONG_CASES } from "../../fixtures/verifier/cases.js";

/** Recorded by test/e2e/runtime-verifier.test.ts on three kernels: <program>.<kernel>.log. */
const FOLDER = join(import.meta.dirname, "../../fixtures/verifier");
const LOGS = readdirSync(FOLDER).filter((file) => file.endsWith(".log"));

test("every wrong program has a log", () => {
  expect([...new Set(LOGS.map((file) => file.split(".")[0]))].sort()).toEqual([...WRONG_PROGRAMS].sort());
});

test.each(LOGS)("%s", (file) => {
  const name = file.split(".")[0] as string;
  const expected = WRONG_CASES[name];
  if (expected === undefined) throw new Error(`no expectation for ${name}`);
  const log = readFileSync(join(FOLDER, file), "utf8");
  const diagnostic = diagnoseVerifierLog(log, wrongProgram(name), wrongProbe(name));
  expect(diagnostic).toMatchObject({
    code: expected.code,
    failure: expected.failure ?? "verifier",
    severity: "error",
    message: expected.message,
    details: log,
  });
  expect(diagnostic.span?.file).toBe(WRONG_SCRIPT);
  expect([expected.line].flat()).toContain(positionAt(WRONG_SCRIPT, diagnostic.span?.start ?? -1).line);
  const kernelSays = diagnostic.hints?.find((hint) => hint.startsWith("the kernel says: "));
  expect(kernelSays).toMatch(expected.says);
  expect(kernelSays).not.toMatch(/\(\w\w\) |processed \d/); // no instructions, no statistics
});

describe("the place", () => {
  const script: SourceFile = { path: "/a/probe.ts", text: "one();\ntwo();\nsame();\nsame();\nlast();\n" };
  const helper: SourceFile = { path: "/b/probe.ts", text: "uno();\ndos();\n" };
  const span = (file: SourceFile, line: number) => lineSpan(file, line);
  const probe: ProgramProbe = {
    functionName: "probe",
    name: "states",
    attach: { kind: "tracepoint", events: [{ category: "sock", event: "inet_sock_set_state" }] },
    title: "sock:inet_sock_set_state",
    span: { file: script, start: 0, end: script.text.length },
  };
  const program: Program = {
    c: "",
    probes: [probe],
    events: [],
    counters: [],
    maps: [],
    aggregations: [],
    options: [],
    statements: [1, 2, 3, 4, 5].map((line) => span(script, line)).concat([span(helper, 1), span(helper, 2)]),
  };
  const refused = "R1 invalid mem access 'scalar'\nprocessed 2 insns (limit 1000000)";
  const diagnose = (log: string) => diagnoseVerifierLog(log, program, probe);

  test("is the last quoted line before the refusal", () => {
    const log = `; one(); @ probe.ts:1\n0: (b7) r1 = 0\n; two(); @ probe.ts:2\n1: (79) r0 = *(u64 *)(r1 +0)\n${refused}`;
    expect(diagnose(log).span).toEqual(span(script, 2));
  });

  test("tells files of one name apart by the text", () => {
    expect(diagnose(`; dos(); @ probe.ts:2\n1: (79) r0 = *(u64 *)(r1 +0)\n${refused}`).span).toEqual(span(helper, 2));
  });

  test("finds a line that clang gave the name of the file its function began in", () => {
    expect(diagnose(`; dos(); @ other.ts:2\n1: (79) r0 = *(u64 *)(r1 +0)\n${refused}`).span).toEqual(span(helper, 2));
  });

  test("is not taken from instructions that clang made up (line 0)", () => {
    const log = `; two(); @ probe.ts:2\n0: (b7) r1 = 0\n;  @ probe.ts:0\n1: (79) r0 = *(u64 *)(r1 +0)\n${refused}`;
    expect(diagnose(log).span).toEqual(span(script, 2));
  });

  test("says so when an old kernel's text fits several lines", () => {
    const diagnostic = diagnose(`; same();\n1: (79) r0 = *(u64 *)(r1 +0)\n${refused}`);
    expect(diagnostic.span).toEqual(span(script, 3));
    expect(diagnostic.hints?.at(-1)).toBe("it may also be line 4, which reads the same: this kernel does not tell");
  });

  test("is the hook when the log names nothing of the script", () => {
    expect(diagnose(`; bpf_helper_of_ours() @ program.c:7\n1: (79) r0 = *(u64 *)(r1 +0)\n${refused}`).span).toEqual(probe.span);
    expect(diagnose("unreachable insn 2\nprocessed 0 insns (limit 1000000)").span).toEqual(probe.span);
  });

  test("is the hook when the end of the log is missing, except for what is too complex", () => {
    const head = "; two(); @ probe.ts:2\n1: (79) r0 = *(u64 *)(r1 +0)\n";
    expect(diagnose(`${head}${CUT_MARK}\n${refused}`).span).toEqual(probe.span);
    const complex = diagnose(`${head}${CUT_MARK}\nBPF program is too large. Processed 1000001 insn\nprocessed 1000001 insns`);
    expect(complex).toMatchObject({ code: "TSP6107", span: span(script, 2) });
  });

  test("an unknown refusal is passed on in the kernel's words", () => {
    const diagnostic = diagnose("; one(); @ probe.ts:1\n0: (b7) r1 = 0\nR3 has the hiccups\nprocessed 1 insns (limit 1000000)");
    expect(diagnostic).toMatchObject({
      code: "TSP6100",
      failure: "verifier",
      message: 'the kernel refused the program of "states": R3 has the hiccups',
      span: span(script, 1),
    });
  });
});
