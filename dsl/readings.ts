import type { AggregationDeclaration } from "./aggregation-declaration.js";
import { Histogram } from "./histogram.js";
import { average, type Totals } from "./totals.js";

/** What `stats` gives. Counts are numbers; sums and extremes are exact bigints, undefined when there was no value. */
export interface Stats {
  readonly count: number;
  readonly sum: bigint;
  readonly min: bigint | undefined;
  readonly max: bigint | undefined;
  /** Sum by count, as a double. */
  readonly avg: number | undefined;
}

/** What each kind of aggregation reads as. */
export interface ReadingOf {
  count: number;
  sum: bigint;
  avg: number | undefined;
  min: bigint | undefined;
  max: bigint | undefined;
  stats: Stats;
  hist: Histogram;
  linearHist: Histogram;
  quantiles: Histogram;
}

/** What was gathered, as scripts get it. */
export function readingOf(declaration: AggregationDeclaration, totals: Totals): ReadingOf[AggregationDeclaration["kind"]] {
  const { count, sum, min, max } = totals;
  switch (declaration.kind) {
    case "count":
      return Number(count);
    case "sum":
      return sum;
    case "avg":
      return average(totals);
    case "min":
      return min;
    case "max":
      return max;
    case "stats":
      return Object.freeze({ count: Number(count), sum, min, max, avg: average(totals) });
    default:
      return new Histogram(declaration, totals);
  }
}
