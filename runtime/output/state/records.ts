import { Histogram } from "../../../dsl/histogram.js";
import { keyColumns, readingColumns, summaryParts } from "./columns.js";
import type { StateRecord } from "./record.js";

/**
 * One object for each entry, for JSON: `type` is "map" or the kind of aggregation.
 * - `{"type":"count","name":"calls","key":"node","seconds":1.0,"value":12}`: also sum, avg, min, max, map
 * - `{"type":"hist","name":"latency","unit":"us","key":{…},"count":12,"per_s":…,"avg":…,"min":…,"p50":…,"max":…,"sum":…,"buckets":[{"from":4,"to":8,"count":12}]}`
 *   also linearHist, quantiles and, without buckets, stats. A bucket without a bound lacks `from` or `to`.
 */
export function stateObjects(record: StateRecord): object[] {
  const { type, name, unit, seconds } = record;
  return record.entries.map(([key, reading]) => ({
    type,
    name,
    unit,
    key,
    // Milliseconds are enough.
    seconds: seconds === undefined ? undefined : Math.round(seconds * 1000) / 1000,
    ...(type !== "map" && typeof reading === "object" ? gathered(record, reading) : { value: reading }),
  }));
}

function gathered(record: StateRecord, reading: unknown): object {
  const parts = summaryParts(record, reading);
  return reading instanceof Histogram && record.type !== "quantiles" ? { ...parts, buckets: reading.buckets } : parts;
}

/** Rows for CSV, the heading first: keys, then what was gathered; of histograms one row for each bucket. */
export function stateRows(record: StateRecord): string[][] {
  const keys = keyColumns(record);
  const bars = record.type === "hist" || record.type === "linearHist";
  const values = bars ? [] : readingColumns(record);
  const heading = [
    "name",
    ...keys.map((column) => column.heading),
    ...(bars ? ["from", "to", "count"] : values.map((column) => column.heading)),
  ];
  const rows = record.entries.flatMap(([key, reading]) => {
    const before = [record.name, ...keys.map((column) => column.text(key, reading))];
    if (!bars) return [[...before, ...values.map((column) => column.text(key, reading))]];
    return (reading as Histogram).buckets.map(({ from, to, count }) => [
      ...before,
      String(from ?? ""),
      String(to ?? ""),
      String(count),
    ]);
  });
  return [heading.map((text) => text.toLowerCase()), ...rows];
}
