import { describe, expect, test } from "vitest";
import { irOf, refusalsOf } from "./lowered.js";

async function loopOf(body: string): Promise<{ head: string; counter: string }> {
  const lines = await irOf(body);
  const at = lines.findIndex((line) => line.startsWith("loop"));
  return { head: lines[at] as string, counter: lines[at + 1] as string };
}

describe("for loops", () => {
  test.each([
    ["let i = 0; i < 10; i++", "loop at most 10", "number[0..10]"],
    ["let i = 0; i <= 10; i++", "loop at most 11", "number[0..11]"],
    ["let i = 0; i < 10; i += 3", "loop at most 4", "number[0..12]"],
    ["let i = 10; i > 0; i--", "loop at most 10", "number[0..10]"],
    ["let i = 10; i >= 0; i -= 4", "loop at most 3", "number[-4..10]"],
    ["let i = 5; i < 5; i++", "loop at most 0", "number[5..5]"],
    ["let i = n; i < 5; i += 3", "loop at most 2", "number[0..10]"],
    ["let i = 0; i < n; i++", "loop at most 10", "number[0..10]"],
    ["let i = 0; ctx.id > 5n && i < 7; i++", "loop at most 7", "number[0..7]"],
    ["let i = 0; i < m && i < 20 && i < n; i++", "loop at most 10", "number[0..10]"],
  ])("%s", async (head, rounds, range) => {
    const found = await loopOf(
      `const n = Number(ctx.args[0] % 11n), m = Number(ctx.args[1] & 0xffffffn); for (${head}) { pid(); }`,
    );
    expect(found.head.startsWith(`${rounds} while`)).toBe(true);
    expect(found.counter).toContain(`let i: ${range} =`);
  });

  test("a variable that bounds a loop and is changed in it has no bound", async () => {
    expect(await refusalsOf("let n = 3; for (let i = 0; i < n; i++) n = 5;")).toMatchObject([{ code: "TSP2129", at: "i < n" }]);
  });

  test.each([
    ["for (;;) {}", "kernel loops need a counter with a bound"],
    ["for (let i = 0; ; i++) {}", "kernel loops need a counter with a bound"],
    ["for (let i = 0; i < 5; ) {}", "kernel loops need a counter with a bound"],
    ["for (let i = 0; i !== 5; i++) {}", "kernel loops need a counter with a bound"],
    ["for (let i = 0; i < 5; i--) {}", "kernel loops need a counter with a bound"],
    ["for (let i = 0; i < 5; i += pid()) {}", "kernel loops need a counter with a bound"],
    ["for (let i = 0; i < 5 || ctx.id > 1n; i++) {}", "kernel loops need a counter with a bound"],
    ["for (let i = 0; i < i + 1; i++) {}", "kernel loops need a counter with a bound"],
    ["for (let i = 0, j = 0; i < 5; i++) {}", "kernel loops need a counter with a bound"],
    ["for (let i = 0n; i < 5n; i++) {}", "a loop counter must be a number, not a bigint"],
    ["for (let i = 0; i < pid(); i++) {}", "this loop can run too often or without end for the kernel"],
    ["for (let i = 0; i < 5; i++) { i += 1; }", "the loop counter i is changed inside the loop"],
    ["for (let i = 0; i < 5; i++) { if (ctx.id > 1n) { i = 7; } }", "the loop counter i is changed inside the loop"],
  ])("%s is refused", async (loop, message) => {
    expect(await refusalsOf(loop)).toMatchObject([{ code: "TSP2129", message, hints: [expect.any(String)] }]);
  });

  test("an inner variable of the same name is another one", async () => {
    expect(await refusalsOf("for (let i = 0; i < 5; i++) { for (let i = 0; i < 3; i++) {} { let i = 1; i++; } }")).toEqual([]);
  });

  test("variables that are only counted need no checks, in and after the loop", async () => {
    const ir = await irOf(
      "let n = 0; let m = 0n; for (let i = 0; i < 10; i++) { if (ctx.id > 1n) n++; m += 3n; n -= 2; } return { a: ctx.args[n + 20 > 5 ? 0 : 1], n: n * 1000, m: m * 1000n };",
    );
    expect(ir.join("\n")).not.toContain("!");
  });

  test("others do", async () => {
    expect((await irOf("let n = 0; for (let i = 0; i < 10; i++) { n += pid(); n *= 2; }")).join("\n")).toContain("+!");
    expect((await irOf("let n = 0; for (let i = 0; i < 10; i++) { for (let j = 0; j < 3; j++) n++; }")).join("\n")).toContain(
      "+!",
    );
  });
});
