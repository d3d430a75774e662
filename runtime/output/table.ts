import { cutToWidth, displayWidth } from "../../diagnostics/width.js";
import { visibleText } from "../../dsl/visible-text.js";
import { cellText, usualWidth } from "./cell.js";
import { type OutputParts, tablesByStream } from "./maker.js";
import type { Output } from "./output.js";
import type { ShownColumn, ShownTable } from "./shown-table.js";
import { isStackLayout, stackLines } from "./stack-lines.js";
import { stateLines } from "./state/text.js";

/** Least width of a computed column, whose values are not known beforehand. */
const COMPUTED_WIDTH = 8;
const ABSENT = "-";

interface Column {
  readonly source: ShownColumn;
  readonly width: number;
  /** The right is for computed numbers (a column with `decimals`); fields are mostly identifiers and read better from the left. */
  readonly alignRight: boolean;
  readonly isLast: boolean;
}

interface Table {
  readonly stream: number;
  /** Begins each line when there are several tables. */
  readonly label: string;
  readonly columns: readonly Column[];
  /** What is shown on lines of its own, below. */
  readonly stacks: readonly ShownColumn[];
}

/**
 * Aligned columns, streamed: widths are fixed beforehand, a longer cell pushes the rest of its line.
 * With several tables each line, headings included, begins with the name of its stream, so that lines of interleaved
 * streams can be told apart and `grep` finds those of one.
 * Stacks stand below the line of their event, one function a line.
 */
export function createTableOutput({ sink, tables, header }: OutputParts): Output {
  const labelWidth = tables.length > 1 ? Math.max(...tables.map((table) => displayWidth(visibleText(table.name)))) + 1 : 0;
  const prepared = tables.map((table) => prepare(table, labelWidth));
  const byStream = tablesByStream(prepared);
  return {
    start() {
      if (!header) return;
      for (const table of prepared)
        if (table.columns.length > 0) sink.line(lineOf(table, (column) => visibleText(column.source.heading)));
    },
    event(stream, event) {
      for (const table of byStream.get(stream) ?? []) {
        if (table.columns.length > 0) sink.line(lineOf(table, (column) => shownCell(column, event)));
        const stacks = table.stacks.map(({ heading, value }) => ({ heading, stack: value(event as Record<string, unknown>) }));
        for (const line of stackLines(stacks)) sink.line(table.label + line);
      }
    },
    state(record) {
      for (const line of stateLines(record)) sink.line(line);
    },
    lost() {},
    summary() {},
    flush: () => sink.flush(),
  };
}

function prepare(table: ShownTable, labelWidth: number): Table {
  const inLine = table.columns.filter(({ type }) => !isStackLayout(type));
  const last = inLine.length - 1;
  return {
    stream: table.stream,
    label: labelWidth === 0 ? "" : pad(visibleText(table.name), labelWidth, false),
    stacks: table.columns.filter(({ type }) => isStackLayout(type)),
    columns: inLine.map((source, index) => ({
      source,
      width:
        source.width ??
        Math.max(displayWidth(visibleText(source.heading)), source.type === undefined ? COMPUTED_WIDTH : usualWidth(source.type)),
      alignRight: source.align === undefined ? source.decimals !== undefined : source.align === "right",
      isLast: index === last,
    })),
  };
}

function shownCell({ source }: Column, event: unknown): string {
  const text = visibleText(cellText(source.value(event as Record<string, unknown>), source.type, source.decimals));
  return text === "" ? ABSENT : text;
}

function lineOf(table: Table, cellOf: (column: Column) => string): string {
  let line = table.label;
  for (const column of table.columns) {
    const { source, width, alignRight, isLast } = column;
    const cell = source.cut ? cutToWidth(cellOf(column), width) : cellOf(column);
    line += source.before + (isLast && !alignRight ? cell : pad(cell, width, alignRight));
    if (!isLast) line += " ";
  }
  return line;
}

function pad(text: string, width: number, alignRight: boolean): string {
  const blanks = " ".repeat(Math.max(0, width - displayWidth(text)));
  return alignRight ? blanks + text : text + blanks;
}
