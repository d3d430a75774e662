import { describe, expect, test } from "vitest";
import { describeSyntax } from "../../../../../compiler/passes/lower/syntax.js";
import { refusalsOf } from "./lowered.js";

/** Statements with a construct that kernel code cannot have, what it is called, and the text it stands at. */
const REFUSED: readonly (readonly [statements: string, name: string, at: string])[] = [
  ["while (true) {}", "`while`", "while (true) {}"],
  ["do {} while (true);", "`do … while`", "do {} while (true);"],
  ["for (const k in ctx) {}", "`for … in`", "for (const k in ctx) {}"],
  ["for (const k of ctx.args) {}", "`for … of`", "for (const k of ctx.args) {}"],
  ["switch (ctx.id) {}", "`switch`", "switch (ctx.id) {}"],
  ["throw 1;", "`throw`", "throw 1;"],
  ["try {} finally {}", "`try`", "try {} finally {}"],
  ["outer: for (let i = 0; i < 2; i++) {}", "a label", "outer: for (let i = 0; i < 2; i++) {}"],
  ["debugger;", "`debugger`", "debugger;"],
  ["function f() {}", "a function inside a handler", "function f() {}"],
  ["const f = function () {};", "a function inside a handler", "function () {}"],
  ["const f = () => 1;", "a function inside a handler", "() => 1"],
  ["class C {}", "a class", "class C {}"],
  ["const c = class {};", "a class", "class {}"],
  ["const d = new Map();", "`new`", "new Map()"],
  ["const t = this;", "`this`", "this"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a script's text
  ["const t = `a${ctx.id}`;", "a template text", "`a${ctx.id}`"],
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
  ["const { id } = ctx;", "destructuring", "{ id }"],
  ["const [first] = ctx.args;", "destructuring", "[first]"],
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
    ["({ id }) => ({ id })", "destructuring"],
    ["(ctx = 1) => ({ v: 1 })", "a default for a parameter"],
    ["(...all) => ({ v: 1 })", "a rest parameter"],
  ])("parameters: %s", async (parameters, name) => {
    const host = `tracepoint("raw_syscalls:sys_enter", ${parameters} as any);`.replace(" as any", "");
    const [refusal] = await refusalsOf("", host);
    expect(refusal).toMatchObject({ code: "TSP2101", message: `${name} is not available in kernel code` });
  });

  test("every refusal has a hint", async () => {
    for (const [statements, name] of REFUSED)
      if (name.startsWith("`w")) expect((await refusalsOf(statements))[0]?.hints).toHaveLength(1);
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
