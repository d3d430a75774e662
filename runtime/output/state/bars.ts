import type { Bucket } from "../../../dsl/histogram.js";

/** As wide as bpftrace's. */
const BAR = 52;
const LABEL = 16;
const COUNT = 8;
const UNITS = ["", "K", "M", "G", "T", "P", "E"];

/** Bars of a histogram, one a line: `[4K, 8K)  12 |@@@@    |`. Ranges begin with [ and end before ). */
export function barLines(buckets: readonly Bucket[]): string[] {
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  return buckets.map((bucket) => {
    const bar = "@".repeat(Math.floor((bucket.count / most) * BAR)).padEnd(BAR);
    return `${rangeText(bucket).padEnd(LABEL)} ${String(bucket.count).padStart(COUNT - 1)} |${bar}|`;
  });
}

function rangeText({ from, to }: Bucket): string {
  if (from === undefined) return `(..., ${boundText(to as bigint)})`;
  if (to === undefined) return `[${boundText(from)}, ...)`;
  return to - from === 1n ? `[${boundText(from)}]` : `[${boundText(from)}, ${boundText(to)})`;
}

/** Multiples of 1024 with their unit: "4K". */
function boundText(value: bigint): string {
  let unit = 0;
  let rest = value;
  while (rest !== 0n && rest % 1024n === 0n && unit < UNITS.length - 1) {
    rest /= 1024n;
    unit++;
  }
  return `${rest}${UNITS[unit]}`;
}
