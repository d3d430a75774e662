import { describe, expect, test } from "vitest";
import { explainFailure } from "../../../../compiler/clang/messages.js";
import { nativeCompiler } from "../../../../compiler/clang/native.js";
import { filesOf } from "../../../../compiler/clang/place.js";
import type { Program } from "../../../../compiler/program.js";
import { requireTool, testWhere } from "../../../e2e/harness/requirements.js";
import { sharedEmbedded } from "./embedded-support.js";
import { installedClangs, programOf, scriptFile, temporaryDirectory, textOf } from "./support.js";

const SCRIPT = ["probe, line one", "  statement on line two;", "  statement on line three;", "  statement on line four;"];

/** A program with one handler, `states`, whose body is C with "@LINE n". */
function handler(body: string, before = ""): Program {
  const file = scriptFile(temporaryDirectory(), SCRIPT);
  return programOf(file, `${before}\n@LINE 1\n__attribute__((section("tp/x/y"), used)) int states(s64 *ctx) {\n${body}\n}\n`);
}

function nested(open: string, inner: string, close: string): string {
  return `@LINE 2\n${open.repeat(300)}${inner}${close.repeat(300)};\nreturn 0;`;
}

const AGGREGATE =
  "struct four { s64 x[4]; };\n__attribute__((noinline)) static struct four f(s64 a) {\n@LINE 4\n  struct four r = {{a, use((void *)a), 3, 4}}; return r; }";
const SIX =
  "__attribute__((noinline)) static s64 f(s64 a, s64 b, s64 c, s64 d, s64 e, s64 g) {\n@LINE 4\n  return a + b * c + d * e + g * use((void *)a); }";

/** Code, words, place. */
type Expected = [string, string, string | undefined];

const cases: [string, () => Program, Expected[]][] = [];
function add(name: string, program: () => Program, ...expected: Expected[]): void {
  cases.push([name, program, expected]);
}

const TWO = "statement on line two;";
const THREE = "statement on line three;";

add("stack", () => handler("@LINE 2\n  char big[600];\n@LINE 3\n  u64 x = use(big);\n  return x;"), [
  "TSP5002",
  "this handler needs more than the 512 bytes of stack that a BPF program has",
  "HANDLER",
]);
add("signed division", () => handler("@LINE 3\n  return ctx[0] / ctx[1];"), [
  "TSP5007",
  "a division of values that may be negative needs an instruction that kernels before 6.6 do not have",
  THREE,
]);
add("signed remainder of a constant", () => handler("@LINE 3\n  return ctx[0] % 10;"), [
  "TSP5007",
  "a division of values that may be negative needs an instruction that kernels before 6.6 do not have",
  THREE,
]);
add("floating point", () => handler("@LINE 3\n  return *(double *)ctx * 3.5;"), [
  "TSP5003",
  "this line needs floating-point arithmetic, which does not exist inside the kernel",
  THREE,
]);
add(
  "128 bits",
  () => handler("  s64 r;\n@LINE 3\n  if (__builtin_mul_overflow(ctx[0], ctx[1], &r)) return 0;\n@LINE 4\n  return r;"),
  ["TSP5004", "this line needs arithmetic with more than 64 bits, which BPF does not have", THREE],
);
add(
  "a large copy",
  () => handler("@LINE 3\n  struct big { char a[4096]; } *b = (void *)ctx; b[1] = b[0];\n@LINE 4\n  return 0;"),
  ["TSP5005", "this line copies, clears or compares more bytes at once than a BPF program can", THREE],
);
add("another library function", () => handler("@LINE 3\n  if (ctx[0]) __builtin_trap();\n@LINE 4\n  return 0;"), [
  "TSP5006",
  "this line needs the library function abort, which does not exist inside the kernel",
  THREE,
]);
add("six arguments", () => handler("@LINE 3\n  return f(ctx[0], ctx[1], ctx[2], ctx[3], ctx[4], ctx[5]);", SIX), [
  "TSP5008",
  "a helper function takes more than the five values that a BPF function can",
  THREE,
]);
add("an object returned", () => handler("@LINE 3\n  return f(ctx[0]).x[ctx[1] & 3];", `@LINE 4\n${AGGREGATE}`), [
  "TSP5009",
  "a helper function returns an object, which a BPF function cannot",
  "ANY",
]);
add("nested brackets", () => handler(nested("(", "1", ")")), [
  "TSP5010",
  "this code is nested too deeply for clang (256 levels)",
  TWO,
]);
add("nested blocks", () => handler(nested("if (ctx[0]) {", "use(ctx);", "}")), [
  "TSP5010",
  "this code is nested too deeply for clang (256 levels)",
  TWO,
]);
add("atomics of 16 bits", () => handler("  static unsigned short y;\n@LINE 3\n  return __sync_fetch_and_add(&y, 1);"), [
  "TSP5001",
  "clang refuses the C made from this script: unsupported atomic operation, please use 32/64 bit version",
  THREE,
]);
add(
  "unknown names",
  () => handler("@LINE 2\n  s64 x = foo;\n@LINE 3\n  return bar + x;"),
  ["TSP5001", "clang refuses the C made from this script: use of undeclared identifier 'foo'", TWO],
  ["TSP5001", "clang refuses the C made from this script: use of undeclared identifier 'bar'", THREE],
);
add("a mistake before any script line", () => programOf(scriptFile(temporaryDirectory(), SCRIPT), "int x = y;\n"), [
  "TSP5001",
  "clang refuses the C made from this script: use of undeclared identifier 'y'",
  undefined,
]);

/** Newer clangs put the same thing in other words. */
function inNewWords(message: string): string {
  return message.replace("Unsupported atomic operations,", "unsupported atomic operation,");
}

describe.each([...installedClangs, "embedded"])("what %s refuses", (clang) => {
  const compiler = clang === "embedded" ? sharedEmbedded()().compiler : nativeCompiler({ path: clang, version: "", stamp: "" });

  test.each(cases)("%s", async (_, make, expected) => {
    const program = make();
    const result = await compiler.compile({ text: program.c, files: filesOf(program.statements) });
    if (result.ok) throw new Error("it compiled");
    const diagnostics = explainFailure(program, { ...result, compiler: "clang" });
    const places = expected.map(([, , place]) => place);
    const seen = diagnostics.map(({ code, message, span }, index) => {
      const place = textOf(span);
      // The stack belongs to the whole handler: versions blame different lines of it. A helper may have no line of its own.
      const loose = places[index] === "HANDLER" ? place !== undefined : places[index] === "ANY";
      return [code, inNewWords(message), loose ? places[index] : place];
    });
    expect(seen).toEqual(expected);
    expect(diagnostics.map(({ failure, severity }) => `${failure} ${severity}`)).toEqual(expected.map(() => "compiler error"));
    expect(diagnostics[0]?.details).toBe(result.output);
    for (const { hints } of diagnostics) expect(hints?.length).toBeGreaterThan(0);
  });
});

describe("a compiler that died or never ran", () => {
  const program = programOf({ path: "/s/script.ts", text: SCRIPT.join("\n") }, "");
  const explain = (failure: Omit<Parameters<typeof explainFailure>[1], "compiler">) =>
    explainFailure(program, { ...failure, compiler: "clang 16.0.6 (/usr/bin/clang-16)" }).map(({ code, message, span }) => [
      code,
      message,
      textOf(span),
    ]);

  const dump =
    "PLEASE submit a bug report\n4.\tRunning pass 'BPF DAG->DAG Pattern Instruction Selection' on function '@states'\n";

  test("a signal: the handler that was being compiled", () => {
    expect(explain({ end: { kind: "signal", signal: "SIGSEGV" }, output: dump })).toEqual([
      ["TSP5012", "clang 16.0.6 (/usr/bin/clang-16) crashed (SIGSEGV) while compiling this script", "probe, line one"],
    ]);
  });

  test("a signal that the driver caught", () => {
    const output = `${dump}clang-16: error: clang frontend command failed with exit code 139 (use -v to see invocation)\n`;
    expect(explain({ end: { kind: "exit", code: 139 }, output })).toEqual([
      ["TSP5012", "clang 16.0.6 (/usr/bin/clang-16) crashed (SIGSEGV) while compiling this script", "probe, line one"],
    ]);
  });

  test("a fatal error of the code generator without a place: the handler", () => {
    const output = `fatal error: error in backend: unimplemented select CondCode 0\n${dump}clang-16: error: clang frontend command failed with exit code 70 (use -v to see invocation)\n`;
    expect(explain({ end: { kind: "exit", code: 70 }, output })).toEqual([
      ["TSP5001", "clang refuses the C made from this script: unimplemented select CondCode 0", "probe, line one"],
    ]);
  });

  test("one that cannot be started refused nothing: there is no usable clang", () => {
    const end = { kind: "not-started", reason: "spawn EAGAIN" } as const;
    const [absent] = explainFailure(program, { end, output: "", compiler: "clang" });
    const [refused] = explainFailure(program, { end: { kind: "exit", code: 1 }, output: "", compiler: "clang" });
    expect([absent?.failure, refused?.failure]).toEqual(["compiler-missing", "compiler"]);
  });

  test("memory, time, silence, absence", () => {
    expect([
      ...explain({ end: { kind: "signal", signal: "SIGABRT" }, output: "LLVM ERROR: out of memory\nAllocation failed\n" }),
      ...explain({ end: { kind: "timeout", seconds: 60 }, output: "" }),
      ...explain({ end: { kind: "exit", code: 1 }, output: "" }),
      ...explain({ end: { kind: "not-started", reason: "spawn EAGAIN" }, output: "" }),
    ]).toEqual([
      ["TSP5011", "clang needed more memory than tsprobe lets it take (2 GiB)", undefined],
      ["TSP5013", "clang 16.0.6 (/usr/bin/clang-16) did not finish within 60 seconds", undefined],
      ["TSP5015", "clang 16.0.6 (/usr/bin/clang-16) failed without saying why", undefined],
      ["TSP5014", "clang 16.0.6 (/usr/bin/clang-16) cannot be started: spawn EAGAIN", undefined],
    ]);
  });
});

testWhere([requireTool("clang-16")], "clang 16 really crashes on this, and the crash is explained", async () => {
  const program = handler("@LINE 3\n  return __builtin_ffsll(ctx[0]);");
  const result = await nativeCompiler({ path: "clang-16", version: "16", stamp: "" }).compile({ text: program.c, files: [] });
  if (result.ok) throw new Error("it compiled");
  const [first, ...others] = explainFailure(program, { ...result, compiler: "clang 16" });
  expect([first?.code, first?.message, textOf(first?.span)]).toEqual([
    "TSP5012",
    "clang 16 crashed (SIGSEGV) while compiling this script",
    "probe, line one",
  ]);
  expect(others).toEqual([]);
});
