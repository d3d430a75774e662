import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BucketScale } from "../../../dsl/aggregation-declaration.js";
import { boundsOf, bucketCount, bucketOf } from "../../../dsl/buckets.js";

const SCALES: Readonly<Record<string, BucketScale>> = {
  "powers of two": { kind: "log", bits: 0 },
  "four parts": { kind: "log", bits: 2 },
  "64 parts": { kind: "log", bits: 6 },
  steps: { kind: "linear", min: -10n, step: 7n, steps: 20 },
};
const values = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -50n, max: 300n }));

describe.each(Object.entries(SCALES))("%s", (_, scale) => {
  test("every value is within the bounds of its bucket", () => {
    fc.assert(
      fc.property(values, (value) => {
        const index = bucketOf(scale, value);
        const { from, to } = boundsOf(scale, index);
        return (
          index >= 0 && index < bucketCount(scale) && (from === undefined || value >= from) && (to === undefined || value < to)
        );
      }),
    );
  });

  test("buckets follow one another without gaps", () => {
    for (let i = 1; i < bucketCount(scale); i++) expect(boundsOf(scale, i).from).toBe(boundsOf(scale, i - 1).to);
  });

  test("the last one holds the largest value", () => {
    expect(bucketOf(scale, 2n ** 63n - 1n)).toBe(bucketCount(scale) - 1);
  });
});

test("a part of a power of two is at most 1/2^bits of its values wide", () => {
  for (const bits of [1, 2, 5]) {
    const scale: BucketScale = { kind: "log", bits };
    for (let i = 1; i < bucketCount(scale); i++) {
      const { from, to } = boundsOf(scale, i) as { from: bigint; to: bigint };
      expect(to - from === 1n || (to - from) * 2n ** BigInt(bits) <= from).toBe(true);
    }
  }
});
