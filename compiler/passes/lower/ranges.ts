import type { ArithmeticOperator, BitOperator } from "../../ir/nodes.js";
import { createRange, hull, isWithin, type Range, S32, U32 } from "../../ir/range.js";

const abs = (value: bigint) => (value < 0n ? -value : value);
const magnitude = (range: Range) => (abs(range.min) > abs(range.max) ? abs(range.min) : abs(range.max));

/** All results of an arithmetic operation over two ranges, as exact integers (before any check). */
export function arithmeticRange(op: ArithmeticOperator, a: Range, b: Range): Range {
  switch (op) {
    case "+":
      return createRange(a.min + b.min, a.max + b.max);
    case "-":
      return createRange(a.min - b.max, a.max - b.min);
    case "*":
      return hull([a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max]);
    case "/": {
      if (a.min >= 0n && b.min >= 0n) return createRange(b.max === 0n ? 0n : a.min / b.max, a.max / (b.min === 0n ? 1n : b.min));
      if (b.min > 0n || b.max < 0n)
        return hull([a.min / b.min, a.min / b.max, a.max / b.min, a.max / b.max, ...(a.min <= 0n && a.max >= 0n ? [0n] : [])]);
      return createRange(-magnitude(a), magnitude(a));
    }
    case "%": {
      const limit = magnitude(b) === 0n ? 0n : magnitude(b) - 1n;
      const most = limit < magnitude(a) ? limit : magnitude(a);
      return createRange(a.min < 0n ? -most : 0n, a.max > 0n ? most : 0n);
    }
  }
}

/** Smallest 2^n - 1 that has all bits of a value but its sign. */
function ones(value: bigint): bigint {
  const bits = value < 0n ? ~value : value;
  return bits === 0n ? 0n : 2n ** BigInt(bits.toString(2).length) - 1n;
}

/** Results of & | ^ over two ranges, without regard to width. */
export function bitRange(op: "&" | "|" | "^", a: Range, b: Range): Range {
  if (op === "&") {
    if (a.min >= 0n && b.min >= 0n) return createRange(0n, a.max < b.max ? a.max : b.max);
    if (a.min >= 0n) return createRange(0n, a.max);
    if (b.min >= 0n) return createRange(0n, b.max);
  }
  const most = [a.min, a.max, b.min, b.max].map(ones).reduce((x, y) => (x > y ? x : y));
  return a.min >= 0n && b.min >= 0n ? createRange(0n, most) : createRange(-most - 1n, most);
}

/** Results of a bit operator on JavaScript numbers: both sides become 32-bit integers first. */
export function numberBitRange(op: BitOperator, a: Range, b: Range): Range {
  if (op === ">>>") {
    if (b.min === b.max) return createRange(0n, (isWithin(a, U32) ? a.max : U32.max) >> (b.min & 31n));
    return U32;
  }
  if (op === "<<") return S32;
  const left = isWithin(a, S32) ? a : S32;
  if (op === ">>") {
    if (b.min === b.max) return createRange(left.min >> (b.min & 31n), left.max >> (b.min & 31n));
    return left.min >= 0n ? createRange(0n, left.max) : left.max < 0n ? createRange(left.min, -1n) : left;
  }
  return bitRange(op, left, isWithin(b, S32) ? b : S32);
}

/** Results of << and >> on bigints. */
export function shiftRange(op: "<<" | ">>", a: Range, count: Range): Range {
  // No more than 64 bits are moved: a count may be so large that JavaScript could not hold the result.
  const [low, high] = [count.min, count.max].map((n) => (n > 64n ? 64n : n < 0n ? 0n : n)) as [bigint, bigint];
  if (op === "<<") return hull([a.min << low, a.min << high, a.max << low, a.max << high]);
  return hull([a.min >> low, a.min >> high, a.max >> low, a.max >> high]);
}
