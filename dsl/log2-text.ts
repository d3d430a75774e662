import { refuseDeclaration } from "./declaration-error.js";
import type { Bucket, Histogram } from "./histogram.js";

/** How `log2Text` shows a histogram. */
export interface Log2TextOptions {
  /** What the values are, as the heading names it: "usecs", "bytes". */
  readonly unit: string;
  /** Most rows (the tools of libbpf-tools have 20 to 27): what is larger is counted in the last one. 64 unless said. */
  readonly rows?: number;
}

/** The bar, and the numbers of a row, up to the row of 2^32; larger numbers need twice the room, which the bar gives. */
const BAR = 40;
const DIGITS = 10;
const LAST_NARROW_ROW = 32;

/**
 * A histogram of `hist()` as the tools of BCC and libbpf-tools show theirs: rows of powers of two from 0 to the last one with
 * values, stars for their counts. For tools that should print what those print; `print` has bars of its own.
 * @param reading what a `hist()` reads as
 * @returns lines without a line break at the end; "" when there was no value, of which those tools print nothing
 * @throws DiagnosticError for buckets that are no powers of two (`linearHist`), and for values below 0
 * @example console.log(log2Text(rtt.read(), { unit: "usecs" }));
 */
export function log2Text(reading: Pick<Histogram, "buckets">, { unit, rows: most = 64 }: Log2TextOptions): string {
  const counts: number[] = [];
  for (const bucket of reading.buckets) {
    const row = Math.min(rowOf(bucket), most - 1);
    counts[row] = (counts[row] ?? 0) + bucket.count;
  }
  const last = counts.findLastIndex((count) => count > 0);
  if (last === -1) return "";
  const wide = last > LAST_NARROW_ROW;
  const [bar, digits] = wide ? [BAR / 2, DIGITS * 2] : [BAR, DIGITS];
  const largest = Math.max(...counts.filter((count) => count > 0));
  const heading = `${" ".repeat(wide ? 15 : 5)}${unit.padEnd(wide ? 29 : 19)} : count    distribution`;
  const lines = Array.from({ length: last + 1 }, (_, row) => {
    const count = counts[row] ?? 0;
    const [low, high] = row === 0 ? [0n, 1n] : [1n << BigInt(row), (2n << BigInt(row)) - 1n];
    const stars = "*".repeat(Math.floor((count * bar) / largest)).padEnd(bar);
    return `${String(low).padStart(digits)} -> ${String(high).padEnd(digits)} : ${String(count).padEnd(8)} |${stars}|`;
  });
  return [heading, ...lines].join("\n");
}

/** 0 and 1 share the first row; from there on a row begins at each power of two. */
function rowOf({ from, to }: Bucket): number {
  if (from === undefined)
    refuseDeclaration("log2Text(): the histogram has values below 0, for which this form has no row", "print it with print()");
  if (from === 0n && to === 1n) return 0;
  const bits = from.toString(2);
  if (to !== from * 2n || /1/.test(bits.slice(1)))
    refuseDeclaration("log2Text(): the histogram's buckets are no powers of two", "give it the reading of a hist()");
  return bits.length - 1;
}
