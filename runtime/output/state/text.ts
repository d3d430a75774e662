import { displayWidth } from "../../../diagnostics/width.js";
import { Histogram } from "../../../dsl/histogram.js";
import { visibleText } from "../../../dsl/visible-text.js";
import { stackLines } from "../stack-lines.js";
import { barLines } from "./bars.js";
import { keyColumns, numberText, readingColumns, type StateColumn, summaryOf, summaryParts } from "./columns.js";
import type { StateRecord } from "./record.js";

/** A map or aggregation for people: histograms as bars, one with keys as a table, else a line. */
export function stateLines(record: StateRecord): string[] {
  const { name, unit, type, key, entries } = record;
  const [only] = entries;
  const title = unit === undefined ? name : `${name} (${unit})`;
  if (only === undefined) return [`${title}: nothing`];
  if (type === "hist" || type === "linearHist") return entries.flatMap((entry) => histogramLines(record, entry));
  if (key === undefined) return [`${title}: ${singleText(record, only[1])}`];
  return [`${title}${windowText(record)}`, ...tableLines(record)];
}

function windowText({ seconds, type }: StateRecord): string {
  return seconds === undefined || type === "map" ? "" : ` in ${seconds.toFixed(1)} s`;
}

function histogramLines(record: StateRecord, [key, reading]: readonly [unknown, unknown]): string[] {
  const { name, unit } = record;
  const columns = keyColumns(record);
  const parts = columns.filter(({ stack }) => stack === undefined).map((column) => visibleText(column.text(key, reading)));
  const place = parts.length === 0 ? "" : `[${parts.join(", ")}]`;
  const title = `${name}${place}${unit === undefined ? "" : ` (${unit})`}:`;
  return [
    title,
    ...stacksOf(columns, [key, reading]),
    ...barLines((reading as Histogram).buckets),
    summaryText(record, reading),
    "",
  ];
}

function singleText(record: StateRecord, reading: unknown): string {
  if (record.type === "count") {
    const { seconds } = record;
    return seconds === undefined || seconds === 0 ? String(reading) : `${reading} (${(Number(reading) / seconds).toFixed(1)}/s)`;
  }
  return typeof reading === "object" ? summaryText(record, reading) : numberText(reading);
}

/** "count 42, 12.3/s, avg 2.4, …" */
function summaryText(record: StateRecord, reading: unknown): string {
  const parts = summaryParts(record, reading);
  const shown = summaryOf({ ...record, entries: [[undefined, reading]] }).filter(
    (name) => name !== "sum" || !(reading instanceof Histogram),
  );
  return shown
    .map((name) =>
      name === "per_s" ? `${parts[name]?.toString().replace(/(\.\d)\d+$/, "$1")}/s` : `${name} ${numberText(parts[name])}`,
    )
    .join(", ");
}

/** Columns as wide as their widest cell; stacks below their line. */
function tableLines(record: StateRecord): string[] {
  const given = [...keyColumns(record), ...readingColumns(record)];
  const columns = given.filter(({ stack }) => stack === undefined);
  const rows = record.entries.map(([key, reading]) => columns.map((column) => visibleText(column.text(key, reading)) || "-"));
  const all = [columns.map(({ heading }) => visibleText(heading)), ...rows];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => displayWidth(row[i] as string))));
  const [heading = "", ...lines] = all.map((row) => row.map((cell, i) => padded(columns, widths, cell, i)).join(" "));
  return [heading, ...lines.flatMap((line, i) => [line, ...stacksOf(given, record.entries[i])])];
}

function stacksOf(columns: readonly StateColumn[], entry: readonly [unknown, unknown] | undefined): string[] {
  return stackLines(
    columns.flatMap(({ heading, stack }) =>
      stack === undefined ? [] : [{ heading, stack: stack(...(entry ?? [undefined, undefined])) }],
    ),
  );
}

function padded(columns: readonly StateColumn[], widths: readonly number[], cell: string, i: number): string {
  const blanks = " ".repeat((widths[i] as number) - displayWidth(cell));
  if (columns[i]?.alignRight) return blanks + cell;
  return i === columns.length - 1 ? cell : cell + blanks;
}
