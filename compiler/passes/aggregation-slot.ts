import { type AggregationDeclaration, KEPT } from "../../dsl/aggregation-declaration.js";
import { bucketCount } from "../../dsl/buckets.js";
import type { AggregationSlot } from "../program.js";

/** Where the words of an aggregation's slot are; the C struct has them in this order. */
export function slotOf({ kind, scale }: AggregationDeclaration): AggregationSlot {
  const { count, sum, min, max } = KEPT[kind];
  let words = 0;
  const word = (wanted: boolean) => (wanted ? words++ : undefined);
  const slot = {
    any: word((min || max) && !count && scale === undefined),
    count: word(count),
    low: word(sum),
    high: word(sum),
    min: word(min),
    max: word(max),
    buckets: scale === undefined ? undefined : words,
  };
  return Object.freeze({ ...slot, words: words + (scale === undefined ? 0 : bucketCount(scale)) });
}

/** Whether each CPU gathers for itself. Not with keys and buckets: that takes too much memory on machines with many CPUs. */
export function isPerCpuAggregation({ key, scale }: AggregationDeclaration): boolean {
  return key === undefined || scale === undefined;
}
