import { Histogram } from "../../../dsl/histogram.js";
import type { Shape } from "../../../dsl/types.js";
import { cellText } from "../cell.js";
import type { StateRecord } from "./record.js";

/** A column of a table of entries. */
export interface StateColumn {
  readonly heading: string;
  /** The cell as text: exact, or with the digits that people want. */
  readonly text: (key: unknown, reading: unknown) => string;
  readonly alignRight: boolean;
  /** Of a stack, which is shown below the line. */
  readonly stack?: (key: unknown, reading: unknown) => unknown;
}

type Entry = (key: unknown, reading: unknown) => unknown;

/** One column for each scalar of a key or value: records and tuples are taken apart. */
function shapeColumns(shape: Shape, name: string, value: Entry): StateColumn[] {
  if (typeof shape === "string") {
    const stack = shape === "kstack" || shape === "ustack" ? { stack: value } : {};
    const pointer = shape === "ptr" ? ({ kind: "pointer" } as const) : undefined;
    const isNumber = /^[us]\d+$/.test(shape);
    return [
      {
        heading: name,
        text: (key, reading) => cellText(value(key, reading), pointer, undefined),
        alignRight: isNumber,
        ...stack,
      },
    ];
  }
  return Object.entries(shape).flatMap(([part, type]) => {
    const heading = Array.isArray(shape)
      ? `${name}${part}`
      : name === "KEY" || name === "VALUE"
        ? part.toUpperCase()
        : `${name}.${part.toUpperCase()}`;
    return shapeColumns(type, heading, (key, reading) => (value(key, reading) as Record<string, unknown>)[part]);
  });
}

/** The columns of a key. */
export function keyColumns({ key }: StateRecord): StateColumn[] {
  return key === undefined ? [] : shapeColumns(key, "KEY", (given) => given);
}

/** Numbers for people: whole ones as they are, others with one digit; `-` for none. */
export function numberText(value: unknown): string {
  if (value === undefined) return "-";
  return typeof value === "number" && !Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function numberColumn(heading: string, value: (reading: unknown) => unknown): StateColumn {
  return { heading, text: (_, reading) => numberText(value(reading)), alignRight: true };
}

/** The columns of what was gathered. */
export function readingColumns(record: StateRecord): StateColumn[] {
  const { type, value, seconds } = record;
  const rate = (count: unknown) => (seconds === undefined || seconds === 0 ? undefined : Number(count) / seconds);
  switch (type) {
    case "map":
      return shapeColumns(value as Shape, "VALUE", (_, reading) => reading);
    case "count":
      return [
        numberColumn("COUNT", (reading) => reading),
        { ...numberColumn("PER_S", rate), text: (_, reading) => (rate(reading) ?? 0).toFixed(1) },
      ];
    case "sum":
    case "avg":
    case "min":
    case "max":
      return [numberColumn(type.toUpperCase(), (reading) => reading)];
    default:
      return summaryOf(record).map((name) => numberColumn(name.toUpperCase(), (reading) => summaryParts(record, reading)[name]));
  }
}

/** Names of the numbers that sum up stats and histograms, in the order in which they are shown. */
export function summaryOf({ entries: [first], ...record }: StateRecord): string[] {
  const reading = first?.[1];
  return reading === undefined ? ["count"] : Object.keys(summaryParts({ ...record, entries: [] }, reading));
}

/** The numbers that sum up stats or a histogram. */
export function summaryParts({ seconds }: StateRecord, reading: unknown): Readonly<Record<string, number | bigint | undefined>> {
  const { count, sum, min, max, avg } = reading as Histogram;
  const rate = seconds === undefined || seconds === 0 ? {} : { per_s: count / seconds };
  const quantiles = reading instanceof Histogram ? reading.quantiles : {};
  return { count, ...rate, avg, min, ...quantiles, max, sum };
}
