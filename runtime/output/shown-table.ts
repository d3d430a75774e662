import type { EventLayout, ValueLayout } from "../../compiler/program.js";
import type { TableColumn, TableDeclaration } from "../../dsl/table.js";

/** A column with what is known about the field it shows. */
export interface ShownColumn extends TableColumn {
  /** Undefined for a computed column. */
  readonly type: ValueLayout | undefined;
}

/** A table that is printed. */
export interface ShownTable {
  readonly stream: number;
  /** The script's name for the stream. */
  readonly name: string;
  readonly columns: readonly ShownColumn[];
}

/** A table of all fields, for a stream that has no table and that nobody reads. */
export function defaultTable(layouts: readonly EventLayout[], stream: number): TableDeclaration {
  const names = new Set(
    layouts.filter((layout) => layout.stream === stream).flatMap((layout) => layout.fields.map((field) => field.name)),
  );
  const columns = [...names].map(
    (field): TableColumn => ({
      heading: field.toUpperCase(),
      field,
      value: (event) => event[field],
      width: undefined,
      cut: false,
      align: undefined,
      decimals: undefined,
      before: "",
    }),
  );
  return { stream, columns };
}

/**
 * The tables to print, in the order they were declared: those of the script, then one of all fields for each stream
 * that has neither table nor consumer. A stream with a consumer and no table prints nothing by itself, in any format.
 * @param isConsumed whether callbacks or a `for await` take the events of a stream
 * @param rowNames names of the streams that the host fills
 */
export function shownTables(
  layouts: readonly EventLayout[],
  declared: readonly TableDeclaration[],
  isConsumed: (stream: number) => boolean,
  rowNames: ReadonlyMap<number, string> = new Map(),
): readonly ShownTable[] {
  const streams = [...new Set(layouts.map((layout) => layout.stream))].sort((a, b) => a - b);
  const silent = streams.filter((stream) => !isConsumed(stream) && declared.every((table) => table.stream !== stream));
  return [...declared, ...silent.map((stream) => defaultTable(layouts, stream))].map(({ stream, columns }) => ({
    stream,
    name: layouts.find((layout) => layout.stream === stream)?.name ?? rowNames.get(stream) ?? `stream ${stream + 1}`,
    columns: columns.map((column) => ({ ...column, type: fieldType(layouts, stream, column.field) })),
  }));
}

/** A stream of several layouts (events told apart by `kind`) may hold the field in any of them. */
function fieldType(layouts: readonly EventLayout[], stream: number, name: string | undefined): ValueLayout | undefined {
  if (name === undefined) return undefined;
  for (const layout of layouts) {
    const field = layout.stream === stream ? layout.fields.find((candidate) => candidate.name === name) : undefined;
    if (field !== undefined) return field.type;
  }
  return undefined;
}
