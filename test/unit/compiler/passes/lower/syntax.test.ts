import { describe, expect, test } from "vitest";
import { describeSyntax } from "../../../../../compiler/passes/lower/syntax.js";
import { refusalsOf } from "./lowered.js";

/** Statements with a construct that kernel code cannot have, what it is called, and the text it stands at. */
const REFUSED: readonly (readonly [statements: string, name: string, at: string])[] = [
  ["for (const k in ctx) {}", "`for … in`", "for (const k in ctx) {}"],
  ["throw 1;", "`throw`", "throw 1;"],
  ["try {} finally {}", "`try`", "try {} finally {}"],
  ["debugger;", "`debugger`", "debugger;"],
  ["function f() {}", "a function inside a handler", "function f() {}"],
  ["const f = function () {};", "a function inside a handler", "function () {}"],
  ["const f = () => 1;", "a function inside a handler", "() => 1"],
  ["class C {}", "a class", "class C {}"],
  ["const c = class {};", "a class", "class {}"],
  ["const d = new Map();", "`new`", "new Map()"],
  ["const t = this;", "`this`", "this"],
  ["const t = String.raw`a`;", "a tagged template", "String.raw`a`"],
  ["const r = /a/;", "a regular expression", "/a/"],
  ["const s = (1, 2);", "the comma operator", "1, 2"],
  ['const i = import("x");', "`import()`", 'import("x")'],
  ["const u = import.meta.url;", "`import.meta`", "import.meta"],
  ["let x = 1; const y = (x = 2);", "an assignment inside an expression", "x = 2"],
  ["let x = 1; const y = x++;", "`++` or `--` inside an expression", "x++"],
  ["const o = { ...ctx };", "a spread", "...ctx"],
  ["const l = [...ctx.args];", "a spread", "...ctx.args"],
  ["const x = pid(...ctx.args);", "", ""],
  ["const x = ctx!.id;", "`!` after a value", "ctx!"],
  ["enum E { A }", "an enum inside a handler", "enum E { A }"],
  ["var x = 1;", "`var`", "var x = 1;"],
  ["const o = { get x() { return 1; } };", "methods and accessors", "get x() { return 1; }"],
  ["const o = { [comm()]: 1 };", "a computed field name", "comm()"],
  ["const x = delete ctx.id;", "`delete`", "delete ctx.id"],
];

describe("what kernel code cannot contain is refused by name, at its place, with a hint", () => {
  test.each(REFUSED.filter(([, name]) => name !== ""))("%s", async (statements, name, at) => {
    const [refusal, ...more] = await refusalsOf(statements);
    expect(more).toEqual([]);
    expect(refusal).toMatchObject({ code: "TSP2101", at });
    expect(refusal?.message).toMatch(/ (?:is|are) not available in kernel code$/);
    expect(refusal?.message).toContain(name);
  });

  test("functions that cannot run in the kernel at all are refused by their kind", async () => {
    expect(describeSyntax("AwaitExpression")).toEqual({ name: "`await`", hint: expect.any(String) });
    expect(describeSyntax("YieldExpression").hint).toContain("emit");
  });

  test("a construct without a name of ours is still named", () => {
    expect(describeSyntax("DoExpression")).toEqual({ name: "this syntax (DoExpression)", hint: expect.any(String) });
  });

  test.each([
    ["(ctx = 1) => ({ v: 1 })", "a default for a parameter"],
    ["(...all) => ({ v: 1 })", "a rest parameter"],
  ])("parameters: %s", async (parameters, name) => {
    const host = `tracepoint("raw_syscalls:sys_enter", ${parameters} as any);`.replace(" as any", "");
    const [refusal] = await refusalsOf("", host);
    expect(refusal).toMatchObject({ code: "TSP2101", message: `${name} is not available in kernel code` });
  });

  test.each([
    ["let x = 0n; for (x of ctx.args) {}", "TSP2452", "this loop needs a variable of its own"],
    ["for (const x of ctx.id) {}", "TSP2452", "bigint cannot be looped over"],
    ["for (const x of Math) {}", "TSP2452", "Math cannot be looped over in kernel code"],
    ["for (const x of MANY) {}", "TSP2453", "MANY has 65 elements: too many to write the loop out for each"],
    ["for (const x of counts) {}", "TSP2454", "the entries of a map are pairs of a key and a value"],
    ["for (const [k, v] of perCpu) {}", "TSP2454", "a map of kind perCpuHash cannot be looped over in kernel code"],
    ["const { id, ...rest } = ctx;", "TSP2451", "a rest element is not available in kernel code"],
    ["const [first, ...rest] = ctx.args;", "TSP2451", "a rest element is not available in kernel code"],
    ["const { [comm()]: x } = ctx;", "TSP2451", "a computed name in a pattern is not available in kernel code"],
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a script's text
      "if (`${ctx.id}` === comm()) return;",
      "TSP2456",
      "a text that is put together exists only in events: Node makes it of its parts",
    ],
    ["if (comm() + 1) return;", "TSP2456", "a text that is put together exists only in events: Node makes it of its parts"],
    ["named.set(comm() + 1, 1);", "TSP2456", "a text that is put together exists only in events: Node makes it of its parts"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a script's text
    ["const t = `${ctx.args}`;", "TSP2455", "Ints of length 6 cannot be part of a text"],
    ["const t = MANY.map((x) => x);", "TSP2457", ".map() takes a function, and kernel code has no functions inside of functions"],
    [
      "ctx.args.forEach((x) => pid());",
      "TSP2457",
      ".forEach() takes a function, and kernel code has no functions inside of functions",
    ],
    ["const t = MANY.includes(1);", "TSP2457", ".includes() is not available in kernel code"],
    ["const t = Math.random();", "TSP2118", "Math.random gives fractions, which the kernel does not have"],
    ["const t = Math.sqrt(4);", "TSP2118", "Math.sqrt works with fractions, which the kernel does not have"],
    ["const t = 2 ** 3;", "TSP2101", "the operator `**` is not available in kernel code"],
    ['const t = "id" in ctx;', "TSP2101", "the operator `in` is not available in kernel code"],
    ["const t = ctx.id instanceof BigInt;", "TSP2101", "the operator `instanceof` is not available in kernel code"],
    ["const t = eval('1');", "TSP2109", "eval is not available in kernel code"],
    ["return {};", "TSP2128", "an event needs at least one field"],
    ["return 5;", "TSP2128", "a handler returns its event, an object with named fields, or nothing; this is number"],
  ])("%s", async (statements, code, message) => {
    const host = `const MANY = Array.from({ length: 65 }, (_, i) => ({ i })); const counts = hash({ key: "u8", value: "u8" });
const perCpu = t.perCpuHash({ key: "u8", value: "u8" }); const named = hash({ key: "comm", value: "u8" });`;
    expect(await refusalsOf(statements, `import * as t from "tsprobe";\n${host}`)).toMatchObject([
      { code, message, hints: [expect.any(String)] },
    ]);
  });

  test("before Linux 5.13 maps cannot be looped over", async () => {
    const host = 'const counts = hash({ key: "u8", value: "u8" });';
    expect(await refusalsOf("for (const k of counts.keys()) pid();", host, "raw_syscalls:sys_enter", "5.10.0")).toMatchObject([
      { code: "TSP2454", message: expect.stringContaining("5.10.0"), hints: [expect.any(String)] },
    ]);
  });

  test("of a pattern that is partly wrong the rest is known, and what is wrong is said once", async () => {
    const [refusal, ...more] = await refusalsOf(
      "const { id, idd, args: [first] } = ctx; const x = idd + id; return { v: first + x };",
    );
    expect(refusal).toMatchObject({ code: "TSP3002", at: "idd" });
    expect(more).toEqual([]);
  });

  test("a use of a refused `var` is no second mistake", async () => {
    expect(await refusalsOf("var x = 1, { y } = { y: 2 }; const z = x + y; return { v: z };")).toHaveLength(1);
  });

  test("every refusal has a hint", async () => {
    for (const [statements, name] of REFUSED) if (name !== "") expect((await refusalsOf(statements))[0]?.hints).toHaveLength(1);
  });
});

describe("nesting", () => {
  test.each([
    ["a sum", `const a = ctx.id; return { v: ${"(a & 1n) + ".repeat(5000)} 0n };`],
    ["a chain of &&", `return { v: ${"ctx.id > 0n && ".repeat(3000)} true };`],
    ["else if", `${"if (ctx.id > 1n) return; else ".repeat(500)} return;`],
    ["blocks", `${"{".repeat(200)}${"}".repeat(200)}`],
    ["negation", `return { v: ${"!".repeat(3000)}ctx.id };`],
    ["?:", `return ${"ctx.id > 1n ? { v: 1 } : ".repeat(300)} undefined;`],
  ])("that is too deep ends in a diagnostic: %s", async (_, body) => {
    const [first] = await refusalsOf(body);
    expect(first).toMatchObject({ code: "TSP2134", message: "this is nested too deeply for kernel code (more than 64 levels)" });
  });

  test("of fifty levels is fine", async () => {
    expect(await refusalsOf(`const a = ctx.id; return { v: ${"(a & 1n) + ".repeat(50)} 0n };`)).toEqual([]);
  });
});
