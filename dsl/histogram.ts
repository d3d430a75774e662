import type { AggregationDeclaration, BucketScale } from "./aggregation-declaration.js";
import { type BucketBounds, boundsOf } from "./buckets.js";
import { plain } from "./reading.js";
import { average, type Totals } from "./totals.js";

/** One range of values and how many fell into it. */
export interface Bucket extends BucketBounds {
  readonly count: number;
}

/** How values are distributed, as `hist`, `linearHist` and `quantiles` read. */
export class Histogram {
  readonly count: number;
  readonly sum: bigint;
  /** Exact, as max; undefined when there was no value. */
  readonly min: bigint | undefined;
  readonly max: bigint | undefined;
  /** Sum by count, as a double. */
  readonly avg: number | undefined;
  /** From the first bucket with values to the last: powers of two of `hist`, steps of `linearHist`. */
  readonly buckets: readonly Bucket[];
  readonly #fine: readonly Bucket[];
  readonly #shown: readonly number[];

  /** @internal made by reading an aggregation */
  constructor({ scale, quantiles }: AggregationDeclaration, totals: Totals) {
    this.count = Number(totals.count);
    this.sum = totals.sum;
    this.min = totals.min;
    this.max = totals.max;
    this.avg = average(totals);
    this.#shown = quantiles;
    const counts = totals.buckets ?? [];
    this.#fine = counts.flatMap((count, i) =>
      count === 0n ? [] : [{ ...boundsOf(scale as BucketScale, i), count: Number(count) }],
    );
    this.buckets = Object.freeze(scale?.kind === "linear" ? between(scale, counts) : powersOfTwo(this.#fine));
  }

  /**
   * The value that so many of the values do not exceed: `quantile(0.99)`. Exact at both ends and for small values, else the
   * middle of a bucket: within 12.5 % with `hist`, the error asked for with `quantiles`, half a step with `linearHist`. Undefined
   * where it lies in a bucket without an end: beyond the range of a `linearHist`, below 0 of the others.
   */
  quantile(share: number): number | undefined {
    if (this.count === 0 || this.min === undefined || this.max === undefined) return undefined;
    const rank = Math.max(1, Math.ceil(share * this.count));
    if (rank >= this.count) return Number(this.max);
    if (rank === 1) return Number(this.min);
    let passed = 0;
    for (const { from, to, count } of this.#fine) {
      passed += count;
      if (passed < rank) continue;
      if (from === undefined || to === undefined) return undefined;
      const low = from < this.min ? this.min : from;
      const high = to > this.max + 1n ? this.max : to - 1n;
      return Number((low + high) / 2n);
    }
    return Number(this.max);
  }

  get p50(): number | undefined {
    return this.quantile(0.5);
  }

  get p90(): number | undefined {
    return this.quantile(0.9);
  }

  get p99(): number | undefined {
    return this.quantile(0.99);
  }

  /** The quantiles that are shown, by name: "p50", "p99.9". */
  get quantiles(): Readonly<Record<string, number | undefined>> {
    return Object.fromEntries(this.#shown.map((share) => [quantileName(share), this.quantile(share)]));
  }

  /** For JSON.stringify; integers too large for numbers are texts. */
  toJSON(): unknown {
    const { count, sum, min, max, avg, quantiles, buckets } = this;
    return plain({ count, sum, min, max, avg, ...quantiles, buckets: buckets.map((bucket) => ({ ...bucket })) });
  }
}

/** "p99.9" of 0.999. */
export function quantileName(share: number): string {
  return `p${Number((share * 100).toPrecision(12))}`;
}

/** Fine buckets joined to powers of two, with the empty ones between. 0 and 1 have one each. */
function powersOfTwo(fine: readonly Bucket[]): Bucket[] {
  const counts = new Map<number, number>();
  for (const { from, count } of fine) {
    const power = from === undefined ? -2 : from === 0n ? -1 : bitsOf(from) - 1;
    counts.set(power, (counts.get(power) ?? 0) + count);
  }
  const powers = [...counts.keys()];
  const [first, last] = [Math.min(...powers), Math.max(...powers)];
  if (powers.length === 0) return [];
  return Array.from({ length: last - first + 1 }, (_, i) => ({ ...powerBounds(first + i), count: counts.get(first + i) ?? 0 }));
}

function bitsOf(value: bigint): number {
  return value.toString(2).length;
}

/** -2: below 0, -1: 0, else from 2^power to the next. */
function powerBounds(power: number): BucketBounds {
  if (power === -2) return { from: undefined, to: 0n };
  if (power === -1) return { from: 0n, to: 1n };
  return { from: 1n << BigInt(power), to: 2n << BigInt(power) };
}

function between(scale: BucketScale, counts: readonly bigint[]): Bucket[] {
  const first = counts.findIndex((count) => count !== 0n);
  if (first === -1) return [];
  const last = counts.findLastIndex((count) => count !== 0n);
  return counts.slice(first, last + 1).map((count, i) => ({ ...boundsOf(scale, first + i), count: Number(count) }));
}
