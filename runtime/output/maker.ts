import type { ShownTable } from "./shown-table.js";
import type { Sink } from "./sink.js";

/** What each format is made from. */
export interface OutputParts {
  readonly sink: Sink;
  readonly tables: readonly ShownTable[];
  readonly header: boolean;
}

/** The tables of each stream, by the stream's index. */
export function tablesByStream<T extends { readonly stream: number }>(tables: readonly T[]): ReadonlyMap<number, readonly T[]> {
  const found = new Map<number, T[]>();
  for (const table of tables) {
    const list = found.get(table.stream);
    if (list === undefined) found.set(table.stream, [table]);
    else list.push(table);
  }
  return found;
}
