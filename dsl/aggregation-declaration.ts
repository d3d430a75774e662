import type { Shape } from "./types.js";

export type AggregationKind = "count" | "sum" | "avg" | "min" | "max" | "stats" | "hist" | "linearHist" | "quantiles";

/**
 * How values fall into buckets.
 * - log: each power of two is divided into 2^bits equal parts; values below 2^bits have a bucket each. The bucket in front is for negative values.
 * - linear: equal steps from min to max; one bucket in front for smaller values, one behind for others.
 */
export type BucketScale =
  | { readonly kind: "log"; readonly bits: number }
  | { readonly kind: "linear"; readonly min: bigint; readonly step: bigint; readonly steps: number };

/** What the compiler and the runtime read of an aggregation. */
export interface AggregationDeclaration {
  readonly kind: AggregationKind;
  /** Undefined: one for all. */
  readonly key: Shape | undefined;
  /** Most keys; 1 without a key. */
  readonly max: number;
  /** Shown beside values: "us". */
  readonly unit: string | undefined;
  /** Of hist, linearHist and quantiles. */
  readonly scale: BucketScale | undefined;
  /** Of quantiles: which are shown, from 0 to 1. */
  readonly quantiles: readonly number[];
  /** Whether it is printed at the end when the script has not looked at it. */
  readonly shown: boolean;
}

/** What is kept for each kind. Where there are buckets, the count is their sum. */
export const KEPT: Readonly<
  Record<AggregationKind, { readonly count: boolean; readonly sum: boolean; readonly min: boolean; readonly max: boolean }>
> = {
  count: { count: true, sum: false, min: false, max: false },
  sum: { count: false, sum: true, min: false, max: false },
  avg: { count: true, sum: true, min: false, max: false },
  min: { count: false, sum: false, min: true, max: false },
  max: { count: false, sum: false, min: false, max: true },
  stats: { count: true, sum: true, min: true, max: true },
  hist: { count: false, sum: true, min: true, max: true },
  linearHist: { count: false, sum: true, min: true, max: true },
  quantiles: { count: false, sum: true, min: true, max: true },
};
