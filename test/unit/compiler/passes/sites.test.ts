import { describe, expect, test } from "vitest";
import { compileForFixture } from "../../../golden/compiled.js";

async function countersOf(body: string) {
  const { program } = await compileForFixture(`import { event, fn, hash, tracepoint } from "tsprobe";
const m = hash({ key: "u32", value: "u64" });
const c = event({ x: "u64" });
const ratio = fn((x: any, y: any) => x / y);
export const p = tracepoint("raw_syscalls:sys_enter", (ctx) => {
${body}
});`);
  return program.counters.map(({ reason, span, subject }) => [reason, span.file.text.slice(span.start, span.end), subject]);
}

describe("places that count", () => {
  test("have one counter each, with reason, place and subject", async () => {
    expect(
      await countersOf(
        "const x = ctx.args[0] + ctx.args[1]; m.set(1, x / ctx.args[2]); c.emit({ x }); return { v: ctx.args[Number(x & 7n)] };",
      ),
    ).toEqual([
      ["overflow", "ctx.args[0] + ctx.args[1]", "p"],
      ["division", "x / ctx.args[2]", "p"],
      ["map-full", "m.set(1, x / ctx.args[2])", "m"],
      ["lost", "c.emit({ x })", "c"],
      ["lost", "return { v: ctx.args[Number(x & 7n)] };", "p"],
      ["range", "Number(x & 7n)", "p"],
    ]);
  });

  test("a division that can also overflow has two", async () => {
    expect(
      await countersOf("const s = BigInt.asIntN(64, ctx.args[0]); return { v: s / BigInt.asIntN(64, ctx.args[1]) };"),
    ).toEqual([
      ["lost", "return { v: s / BigInt.asIntN(64, ctx.args[1]) };", "p"],
      ["division", "s / BigInt.asIntN(64, ctx.args[1])", "p"],
      ["overflow", "s / BigInt.asIntN(64, ctx.args[1])", "p"],
    ]);
  });

  test("of a helper are shared by its instances", async () => {
    const counters = await countersOf(
      "ratio(ctx.args[0], ctx.args[1]); ratio(Number(ctx.args[0] & 1n) | 0, 5) ; ratio(BigInt.asIntN(64, ctx.args[0]), 3n);".replace(
        "ratio(Number(ctx.args[0] & 1n) | 0, 5) ;",
        "",
      ),
    );
    expect(counters.filter(([reason]) => reason === "division")).toEqual([["division", "x / y", "ratio"]]);
  });

  test("nothing to count, nothing counted", async () => {
    expect(await countersOf("const x = ctx.args[0] >> 1n;")).toEqual([]);
  });
});
