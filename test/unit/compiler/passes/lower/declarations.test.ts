import { expect, test } from "vitest";
import { refusalsOf } from "./lowered.js";

test("a type of a variable that kernel code does not know: the hint says which it does", async () => {
  expect(await refusalsOf("let best: Best | undefined; return { v: 1 };", "interface Best { k: string }")).toEqual([
    {
      code: "TSP2126",
      at: "best: Best | undefined",
      message: "the type of this variable is not one that kernel code knows by its name",
      hints: [
        "give it a value, or write the type out: number, bigint, boolean, string, u8 … s64, ptr, records of these, each with or without `| undefined`",
      ],
    },
  ]);
  expect(await refusalsOf("let best; return { v: 1 };")).toMatchObject([{ message: "the type of this variable is not known" }]);
});

test.each([
  ["hash", 'hash({ key: "u32", value: "u64" })'],
  ["tracepoint", 'tracepoint("sched:sched_switch", () => ({ a: 1 }))'],
  ["fn", "fn((x: number) => x)"],
  ["event", 'event({ a: "u32" })'],
])("%s(…) inside a handler is said to belong to the module", async (name, call) => {
  expect(await refusalsOf(`const x = ${call}; return { v: 1 };`)).toEqual([
    {
      code: "TSP2118",
      at: name,
      message: `${name}(…) declares something, which a handler cannot do`,
      hints: ["declare it at module level, and use its name here"],
    },
  ]);
});

test("arguments of a helper that are missing and must not be", async () => {
  const host = "const inner = fn((x: number, y: number, z?: number) => x + y + (z ?? 1));";
  const message = "inner needs 2 to 3 arguments, not 1";
  expect(await refusalsOf("return { v: inner(1) };", host)).toMatchObject([{ code: "TSP2119", message }]);
  expect(await refusalsOf("return { v: inner(1, 2) };", host)).toEqual([]);
});

test("texts of different kinds have names that tell them apart", async () => {
  const host = 'const n = hash({ key: "str32", value: "u64" });';
  expect(await refusalsOf("n.set(tcpState(Number(ctx.id & 7n)), 1n); return { v: 1 };", host)).toMatchObject([
    {
      message: "the key of n holds a text of up to 31 bytes here, not a name that Node puts in",
      hints: ["keep the number behind the name, or a number or text of your own; events can hold the name itself"],
    },
  ]);
  expect(await refusalsOf('let s: string; s = "a text of more than fifteen bytes"; return { v: s };')).toMatchObject([
    { message: 's holds a text of up to 15 bytes, not "a text of more than fifteen bytes"' },
  ]);
});
