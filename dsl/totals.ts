import type { AggregationDeclaration } from "./aggregation-declaration.js";
import { bucketCount, bucketOf } from "./buckets.js";

/** What an aggregation has gathered: for one key, over all CPUs. Exact. */
export interface Totals {
  count: bigint;
  sum: bigint;
  min: bigint | undefined;
  max: bigint | undefined;
  /** By index; undefined without a scale. */
  readonly buckets: bigint[] | undefined;
}

/** Nothing gathered yet. */
export function emptyTotals({ scale }: AggregationDeclaration): Totals {
  const buckets = scale === undefined ? undefined : new Array<bigint>(bucketCount(scale)).fill(0n);
  return { count: 0n, sum: 0n, min: undefined, max: undefined, buckets };
}

/**
 * A value as aggregations take it: a whole number of 64 signed bits.
 * @throws RangeError for any other; in the kernel the run of the handler ends there and is counted
 */
export function aggregated(value: number | bigint): bigint {
  const whole = typeof value === "bigint" ? value : Number.isInteger(value) ? BigInt(value) : undefined;
  if (whole === undefined || BigInt.asIntN(64, whole) !== whole)
    throw new RangeError(`${value} cannot be aggregated: it is no whole number of 64 signed bits`);
  return whole;
}

export function addValue(totals: Totals, { scale }: AggregationDeclaration, value: bigint): void {
  totals.count += 1n;
  totals.sum += value;
  totals.min = smaller(totals.min, value);
  totals.max = larger(totals.max, value);
  if (scale !== undefined && totals.buckets !== undefined) {
    const index = bucketOf(scale, value);
    totals.buckets[index] = (totals.buckets[index] ?? 0n) + 1n;
  }
}

/** Adds what another CPU has gathered. */
export function mergeTotals(totals: Totals, other: Totals): void {
  totals.count += other.count;
  totals.sum += other.sum;
  totals.min = smaller(totals.min, other.min);
  totals.max = larger(totals.max, other.max);
  for (const [i, count] of (other.buckets ?? []).entries())
    if (count !== 0n && totals.buckets !== undefined) totals.buckets[i] = (totals.buckets[i] ?? 0n) + count;
}

/** The exact quotient's nearest double, also when both are beyond what doubles hold exactly. */
export function average({ sum, count }: Pick<Totals, "sum" | "count">): number | undefined {
  if (count === 0n) return undefined;
  return Number(sum / count) + Number(sum % count) / Number(count);
}

function smaller(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

function larger(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}
