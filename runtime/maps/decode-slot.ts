import type { AggregationSlot } from "../../compiler/program.js";
import type { Totals } from "../../dsl/totals.js";

const WORD = 8;

/** What one CPU has gathered for a key: see AggregationSlot for the form. */
export function decodeSlot(slot: AggregationSlot, bytes: Buffer, offset: number): Totals {
  const word = (index: number) => bytes.readBigUInt64LE(offset + index * WORD);
  const buckets =
    slot.buckets === undefined
      ? undefined
      : Array.from({ length: slot.words - slot.buckets }, (_, i) => word((slot.buckets as number) + i));
  const count = slot.count !== undefined ? word(slot.count) : (buckets ?? []).reduce((sum, each) => sum + each, 0n);
  const filled = slot.any === undefined ? count > 0n : word(slot.any) !== 0n;
  return {
    count,
    sum: slot.low === undefined || slot.high === undefined ? 0n : (BigInt.asIntN(64, word(slot.high)) << 32n) + word(slot.low),
    min: slot.min === undefined || !filled ? undefined : 2n ** 63n - 1n - word(slot.min),
    max: slot.max === undefined || !filled ? undefined : word(slot.max) - 2n ** 63n,
    buckets,
  };
}
