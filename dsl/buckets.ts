import type { BucketScale } from "./aggregation-declaration.js";

/** The values of a bucket: from `from` to below `to`; undefined where it has no bound. */
export interface BucketBounds {
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
}

/** Position of the highest bit that is set; of values above 0. */
function log2(value: bigint): number {
  return value.toString(2).length - 1;
}

/** How many buckets a scale has. Values are below 2^63. */
export function bucketCount(scale: BucketScale): number {
  return scale.kind === "log" ? 1 + 2 ** scale.bits * (64 - scale.bits) : scale.steps + 2;
}

/** Index of the bucket that a value falls into. The C of compiler/emit/aggregations.ts computes the same. */
export function bucketOf(scale: BucketScale, value: bigint): number {
  if (scale.kind === "linear") {
    if (value < scale.min) return 0;
    const step = (value - scale.min) / scale.step;
    return step >= scale.steps ? scale.steps + 1 : 1 + Number(step);
  }
  if (value < 0n) return 0;
  const parts = 2n ** BigInt(scale.bits);
  if (value < parts) return 1 + Number(value);
  const shift = log2(value) - scale.bits;
  return 1 + shift * Number(parts) + Number(value >> BigInt(shift));
}

/** Which values a bucket holds. */
export function boundsOf(scale: BucketScale, index: number): BucketBounds {
  if (scale.kind === "linear") {
    const from = scale.min + BigInt(index - 1) * scale.step;
    if (index === 0) return { from: undefined, to: scale.min };
    return { from, to: index > scale.steps ? undefined : from + scale.step };
  }
  if (index === 0) return { from: undefined, to: 0n };
  const parts = 2 ** scale.bits;
  const place = index - 1;
  if (place < 2 * parts) return { from: BigInt(place), to: BigInt(place + 1) };
  const shift = BigInt(Math.floor(place / parts) - 1);
  const from = BigInt(parts + (place % parts)) << shift;
  return { from, to: from + (1n << shift) };
}
