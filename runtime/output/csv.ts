import { cellText } from "./cell.js";
import { type OutputParts, tablesByStream } from "./maker.js";
import type { Output } from "./output.js";
import type { ShownColumn, ShownTable } from "./shown-table.js";
import { stateRows } from "./state/records.js";

interface CsvTable {
  readonly stream: number;
  readonly label: string;
  /** By position in the heading line; undefined where this table has no such column. */
  readonly cells: readonly (ShownColumn | undefined)[];
}

/**
 * RFC 4180 with "\n" as the line end: the table's columns with their whole, unpadded text. `width`, `cut` and `before`
 * do not apply, `decimals` does; absent values are empty; texts are exact, control characters included.
 * With several tables the first column, "stream", names the stream, and the rest is the union of all headings: a file
 * has one heading line and the same number of cells in each.
 */
export function createCsvOutput({ sink, tables, header }: OutputParts): Output {
  const several = tables.length > 1;
  const positions = headingPositions(tables);
  const prepared = tables.map(({ stream, name, columns }): CsvTable => {
    const byKey = new Map(keyed(columns));
    return { stream, label: several ? `${quoted(name)},` : "", cells: [...positions.keys()].map((key) => byKey.get(key)) };
  });
  const byStream = tablesByStream(prepared);
  return {
    start() {
      if (header && tables.length > 0) sink.line((several ? "stream," : "") + [...positions.values()].map(quoted).join(","));
    },
    event(stream, event) {
      for (const { label, cells } of byStream.get(stream) ?? []) {
        let line = label;
        for (let i = 0; i < cells.length; i++) {
          const column = cells[i];
          if (i > 0) line += ",";
          if (column !== undefined)
            line += quoted(cellText(column.value(event as Record<string, unknown>), column.type, column.decimals));
        }
        // A line with nothing on it would be skipped by readers.
        sink.line(line === "" ? '""' : line);
      }
    },
    state(record) {
      for (const row of stateRows(record)) sink.line(row.map(quoted).join(","));
    },
    lost() {},
    summary() {},
    flush: () => sink.flush(),
  };
}

/** Columns by a key that tables share: the heading, and which of that heading it is within its table. */
function keyed(columns: readonly ShownColumn[]): (readonly [string, ShownColumn])[] {
  return columns.map((column, index) => {
    const before = columns.slice(0, index).filter((other) => other.heading === column.heading).length;
    return [`${before} ${column.heading}`, column];
  });
}

/** The headings of all tables, in order of first appearance, by those keys. */
function headingPositions(tables: readonly ShownTable[]): ReadonlyMap<string, string> {
  return new Map(tables.flatMap((table) => keyed(table.columns).map(([key, column]) => [key, column.heading] as const)));
}

/** Quotes a text only when it must be: it holds a comma, a quote or a line break. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
