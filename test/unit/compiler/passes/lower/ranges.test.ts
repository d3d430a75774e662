import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ArithmeticOperator, BitOperator } from "../../../../../compiler/ir/nodes.js";
import { createRange, isWithin, type Range, S32, S64, SAFE, U32, U64 } from "../../../../../compiler/ir/range.js";
import { arithmeticRange, bitRange, numberBitRange, shiftRange } from "../../../../../compiler/passes/lower/ranges.js";

const edge = fc.oneof(
  fc.constantFrom(
    ...[0n, 1n, 2n, 7n, 31n, 32n, 63n, 255n].flatMap((n) => [n, -n]),
    ...[31n, 32n, 53n, 63n].flatMap((n) => [2n ** n, 2n ** n - 1n, -(2n ** n)]),
  ),
  fc.bigInt({ min: S64.min, max: U64.max }),
);

/** A range, and a value in it. */
const rangeAndValue = (within: Range) =>
  fc.tuple(edge, edge, fc.nat(1000)).map(([a, b, part]) => {
    const clamp = (n: bigint) => (n < within.min ? within.min : n > within.max ? within.max : n);
    const [low, high] = [a, b].map(clamp).sort((x, y) => (x < y ? -1 : 1)) as [bigint, bigint];
    const value = part < 200 ? low : part < 400 ? high : low + ((high - low) * BigInt(part)) / 1000n;
    return { range: createRange(low, high), value };
  });

const expectInside = (value: bigint, range: Range): void =>
  expect(value >= range.min && value <= range.max, `${value} in ${range.min}..${range.max}`).toBe(true);
const wide = rangeAndValue(createRange(S64.min, U64.max));
const safe = rangeAndValue(SAFE);
const small = rangeAndValue(createRange(-70n, 70n));
const runs = { numRuns: 2000 };

test("a count that JavaScript could not shift by", () => {
  expect(shiftRange("<<", createRange(0n, 1n), createRange(2147483647n, 2147483647n))).toEqual(createRange(0n, 2n ** 64n));
});

describe("the result of any two values is inside the range computed from theirs", () => {
  test.each(["+", "-", "*", "/", "%"] as ArithmeticOperator[])("%s", (op) => {
    fc.assert(
      fc.property(wide, wide, (a, b) => {
        fc.pre(b.value !== 0n || (op !== "/" && op !== "%"));
        const exact = {
          "+": () => a.value + b.value,
          "-": () => a.value - b.value,
          "*": () => a.value * b.value,
          "/": () => a.value / b.value,
          "%": () => a.value % b.value,
        }[op]();
        expectInside(exact, arithmeticRange(op, a.range, b.range));
      }),
      runs,
    );
  });

  test.each(["&", "|", "^"] as const)("%s of bigints", (op) => {
    fc.assert(
      fc.property(wide, wide, (a, b) => {
        const exact = { "&": a.value & b.value, "|": a.value | b.value, "^": a.value ^ b.value }[op];
        expectInside(exact, bitRange(op, a.range, b.range));
      }),
      runs,
    );
  });

  test.each(["&", "|", "^"] as const)("%s of signed 64-bit values stays signed 64-bit", (op) => {
    expect(isWithin(bitRange(op, S64, S64), S64)).toBe(true);
    expect(isWithin(bitRange(op, S32, S32), S32)).toBe(true);
    expect(isWithin(bitRange(op, U64, U64), U64)).toBe(true);
  });

  test.each(["&", "|", "^", "<<", ">>", ">>>"] as BitOperator[])("%s of numbers", (op) => {
    fc.assert(
      fc.property(safe, fc.oneof(safe, small), (a, b) => {
        const [x, y] = [Number(a.value), Number(b.value)];
        const exact = { "&": x & y, "|": x | y, "^": x ^ y, "<<": x << y, ">>": x >> y, ">>>": x >>> y }[op];
        const range = numberBitRange(op, a.range, b.range);
        expectInside(BigInt(exact), range);
        expect(isWithin(range, op === ">>>" ? U32 : createRange(S32.min * 2n, -S32.min * 2n))).toBe(true);
      }),
      runs,
    );
  });

  test.each(["<<", ">>"] as const)("%s of bigints, by counts from 0 to 64", (op) => {
    fc.assert(
      fc.property(wide, rangeAndValue(createRange(0n, 64n)), (a, count) => {
        expectInside(op === "<<" ? a.value << count.value : a.value >> count.value, shiftRange(op, a.range, count.range));
      }),
      runs,
    );
  });

  test("a range of one value stays one value", () => {
    for (const op of ["+", "-", "*", "/", "%"] as const) {
      const { min, max } = arithmeticRange(op, createRange(7n, 7n), createRange(2n, 2n));
      expect(max - min).toBeLessThanOrEqual(op === "%" ? 1n : 0n);
    }
  });
});
