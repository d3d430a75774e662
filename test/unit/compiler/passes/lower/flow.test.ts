import { describe, expect, test } from "vitest";
import type { Local } from "../../../../../compiler/ir/nodes.js";
import { createRange, U64 } from "../../../../../compiler/ir/range.js";
import { bigintType, optionalType } from "../../../../../compiler/ir/types.js";
import { both, either, type Facts, forget, NO_FACTS } from "../../../../../compiler/passes/lower/flow.js";
import { irOf, refusalsOf, valueIr } from "./lowered.js";

const type = optionalType(bigintType(U64, false));
const [x, y]: Local[] = ["x", "y"].map((name) => ({ name, cName: name, type, mutable: true })) as [Local, Local];
const facts = (present: Local[], ranges: [Local, [bigint, bigint]][] = []): Facts => ({
  present: new Set(present),
  notNull: new Set(),
  ranges: new Map(ranges.map(([local, [min, max]]) => [local, createRange(min, max)])),
});

describe("facts", () => {
  test("of both ways hold together, of either way only what both say", () => {
    const a = facts([x], [[x, [0n, 10n]]]);
    const b = facts(
      [x, y],
      [
        [x, [5n, 20n]],
        [y, [1n, 1n]],
      ],
    );
    expect(both(a, b)).toEqual(
      facts(
        [x, y],
        [
          [x, [5n, 10n]],
          [y, [1n, 1n]],
        ],
      ),
    );
    expect(either(a, b)).toEqual(facts([x], [[x, [0n, 20n]]]));
    expect(either(a, NO_FACTS)).toEqual(NO_FACTS);
  });

  test("of an assigned variable are forgotten", () => {
    expect(
      forget(
        facts(
          [x, y],
          [
            [x, [0n, 1n]],
            [y, [2n, 2n]],
          ],
        ),
        [x],
      ),
    ).toEqual(facts([y], [[y, [2n, 2n]]]));
  });
});

const MAP = 'const m = hash({ key: "u32", value: "u64" });';
const use = "return { v: x + 1n };";

describe("narrowing of what may be undefined", () => {
  test.each([
    ["early return", `const x = m.get(1); if (x === undefined) return; ${use}`],
    ["if", `const x = m.get(1); if (x !== undefined) ${use}`],
    ["else", `const x = m.get(1); if (x === undefined) return; else ${use}`],
    ["truth", `const x = m.get(1); if (x) ${use}`],
    ["negation", `const x = m.get(1); if (!x) return; ${use}`],
    ["&&", `const x = m.get(1); if (ctx.id > 5n && x !== undefined) ${use}`],
    ["inside &&", "const x = m.get(1); return { v: x !== undefined && x > 5n };"],
    ["inside ||", "const x = m.get(1); return { v: x === undefined || x > 5n };"],
    ["?:", "const x = m.get(1); return { v: x === undefined ? 0n : x + 1n };"],
    ["loose null test", `const x = m.get(1); if (x == null) return; ${use}`],
    ["assignment", `let x = m.get(1); if (x === undefined) x = 5n; ${use}`],
    ["both ways", `let x = m.get(1); if (ctx.id > 5n) x = 1n; else x = 2n; ${use}`],
    ["comparison with a value", `const x = m.get(1); if (x === 5n) ${use}`],
    ["a way that ends", `const x = m.get(1); if (x === undefined) { if (ctx.id > 1n) return; return { v: 0n }; } ${use}`],
    [
      "a loop that does not change it",
      `const x = m.get(1); if (x === undefined) return; let s = 0n; for (let i = 0; i < 3; i++) s += x; return { v: s };`,
    ],
  ])("by %s", async (_, body) => {
    expect(await refusalsOf(body, MAP)).toEqual([]);
  });

  test.each([
    ["no test", `const x = m.get(1); ${use}`],
    ["a test of another", `const x = m.get(1), y = m.get(2); if (y === undefined) return; ${use}`],
    ["||", `const x = m.get(1); if (ctx.id > 5n || x !== undefined) ${use}`],
    ["one way only", `let x = m.get(1); if (ctx.id > 5n) x = 1n; ${use}`],
    ["assigned again", `let x = m.get(1); if (x === undefined) return; x = m.get(2); ${use}`],
    ["after the branch", `const x = m.get(1); if (x !== undefined) { const y = x; } ${use}`],
    [
      "changed later in a loop",
      `let x = m.get(1); if (x === undefined) return; let s = 0n; for (let i = 0; i < 3; i++) { s += x; x = m.get(2); } return { v: s };`,
    ],
    ["a loop that may not run", `let x = m.get(1); for (let i = 0; i < 3; i++) { x = 1n; } ${use}`],
  ])("not by %s", async (_, body) => {
    expect(await refusalsOf(body, MAP)).toMatchObject([{ code: "TSP2202", at: "x" }]);
  });
});

describe("ranges learnt from conditions", () => {
  test.each([
    ["if (x > 10n) return;", "x + 1n", "(x + 1n)"],
    ["if (x < 5n) return;", "x - 5n", "(x - 5n)"],
    ["if (!(x >= 5n && x <= 9n)) return;", "x * x", "(x * x)"],
    ["if (x === 0n) return;", "7n / x", "(7n /! x)"],
    ["if (x <= 0n) return;", "7n / x", "(7n / x)"],
    ["if (5n > x) return;", "x - 5n", "(x - 5n)"],
    ["if (x !== 4n) return;", "x", "4n"],
  ])("%s", async (test_, expression, expected) => {
    expect(await valueIr(`const x = ctx.args[0]; ${test_} return { v: ${expression} };`)).toBe(expected);
  });

  test("are joined after branches", async () => {
    const ir = await irOf("let x = 0; if (ctx.id > 1n) x = 3; else x = 5; return { v: ctx.args[x] };");
    expect(ir.at(-1)).toBe("send { v: ctx.args[x] }");
    expect((await irOf("let x = 0; if (ctx.id > 1n) x = 3; else x = 7; return { v: ctx.args[x] };")).at(-1)).toBe(
      "send { v: ctx.args[x]! }",
    );
  });

  test("of a variable that is not read but compared again", async () => {
    expect(await valueIr("const x = ctx.args[0]; if (x > 10n) return; return { v: x < 11n };")).toBe("true");
  });
});
