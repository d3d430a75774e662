import { describe, expect, test } from "vitest";
import { irOf, valueIr } from "./lower/lowered.js";

describe("fold", () => {
  test.each([
    ["FLAG && ctx.id > 1n", "false"],
    ["FLAG || ctx.id > 1n", "(ctx.id > 1n)"],
    ["!FLAG", "true"],
    ["FLAG ? 1n : ctx.id", "ctx.id"],
    ["LIMIT > 5 ? 1 : 2", "1"],
    ["(ctx.args[0] & 0xffn) < 256n", "true"],
    ["ctx.args[0] * 0n", "0n"],
    ["m.has(1) || FLAG", "(m.has(label<number[0..4294967295]>(1)) || false)"],
    ["(m.get(1) ?? 5n) * 0n", "((m.get(label<number[0..4294967295]>(1)) ?? 5n) * 0n)"],
    ['NAME === "x"', "true"],
  ])("%s", async (text, expected) => {
    expect(
      await valueIr(
        `return { v: ${text} };`,
        'const FLAG = false, LIMIT = 7, NAME = "x"; const m = hash({ key: "u32", value: "u64" });',
      ),
    ).toBe(expected);
  });

  test("drops branches that are never taken", async () => {
    expect(await irOf("if (FLAG) { pid(); } else { tid(); } if (FLAG) return { v: 1 };", "const FLAG = false;")).toEqual([
      "block",
      "tid()",
    ]);
  });

  test("keeps what has effects", async () => {
    expect(
      (await irOf("const gone = m.delete(1) && FLAG;", 'const FLAG = false; const m = hash({ key: "u32", value: "u64" });'))[0],
    ).toContain("m.delete");
  });
});
