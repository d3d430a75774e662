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
    ["let i = 10; i >= 0; i -= 4", "loop at most 3", "number[-2..10]"],
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

  test("a counter may be a bigint", async () => {
    const found = await loopOf("for (let i = 0n; i < 5n; i++) { pid(); }");
    expect(found).toEqual({ head: "loop at most 5 while (i < 5n)", counter: "let i: s64[0..5] = 0n" });
  });

  test.each([
    ["let n = 3; for (let i = 0; i < n; i++) n = pid();", "65536!"],
    ["for (let i = 0; ; i++) { if (i > 3) break; }", "65536!"],
    ["for (let i = 0; i < 5; ) { if (ctx.id > 1n) i++; }", "65536!"],
    ["for (let i = 0; i !== 5; i++) {}", "65536!"],
    ["for (let i = 0; i < 5; i += pid()) {}", "65536!"],
    ["for (let i = 0; i < 5 || ctx.id > 1n; i++) {}", "65536!"],
    ["for (let i = 0, j = 0; i < 5; i++) j++;", "65536!"],
    ["for (let i = 0; i < pid(); i++) {}", "65536!"],
    ["for (let i = 0; i < 5; i++) { i += 1; }", "65536!"],
    ["let x = ctx.id; while (x > 1n) x >>= 1n;", "65536!"],
    ["let x = ctx.id; do { x >>= 1n; } while (x > 1n);", "65536!"],
  ])("%s has a limit, which counts", async (loop, rounds) => {
    const heads = (await irOf(loop)).filter((line) => line.startsWith("loop"));
    expect(heads).toHaveLength(1);
    expect(heads[0]?.replace("and test, ", "")).toContain(`loop at most ${rounds} by call`);
  });

  test("what runs once only needs no limit", async () => {
    expect(await irOf("do { if (ctx.id > 1n) break; } while (false);")).toContain("loop and test, at most 1 while false");
  });

  test.each(["for (;;) {}", "while (true) { pid(); }", "do { pid(); continue; } while (true);", "while (1) { for (;;) break; }"])(
    "%s is refused: it never ends",
    async (loop) => {
      expect(await refusalsOf(loop)).toMatchObject([{ code: "TSP2450", hints: [expect.any(String)] }]);
    },
  );

  test("loops that end by what is inside are not", async () => {
    expect(await refusalsOf("for (;;) { if (ctx.id > 1n) return; }")).toEqual([]);
    expect(await refusalsOf("a: for (;;) { for (;;) { if (ctx.id > 1n) break a; } }")).toEqual([]);
  });

  test("many rounds are called by bpf_loop, few are walked by the verifier", async () => {
    const headOf = async (rounds: number) => (await loopOf(`for (let i = 0; i < ${rounds}; i++) { pid(); }`)).head;
    expect(await headOf(10)).toBe("loop at most 10 while (i < 10)");
    expect(await headOf(100_000)).toBe("loop at most 100000 by call while (i < 100000)");
    expect(await refusalsOf("for (let i = 0; i < 9_000_000; i++) { pid(); }")).toMatchObject([
      { code: "TSP2129", message: expect.stringContaining("8388608"), hints: [expect.any(String)] },
    ]);
  });

  test("before Linux 5.17 there is no bpf_loop: fewer rounds, and a refusal beyond", async () => {
    const old = ["", "raw_syscalls:sys_enter", "5.10.0-1-amd64"] as const;
    expect((await irOf("for (let i = 0; i < 1000; i++) { pid(); }", ...old)).join("\n")).toContain("loop at most 1000 while");
    expect((await irOf("let x = ctx.id; while (x > 1n) x >>= 1n;", ...old)).join("\n")).toMatch(/loop at most \d{4}! while/);
    expect(await refusalsOf("for (let i = 0; i < 100_000; i++) { pid(); }", ...old)).toMatchObject([
      { code: "TSP2129", message: expect.stringContaining("5.10.0"), hints: [expect.stringContaining("5.17")] },
    ]);
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
