import { refuseDeclaration } from "./declaration-error.js";
import { declaringScript } from "./script.js";
import type { EventStream } from "./stream.js";

/** How a column is computed and shown. */
export interface ColumnOptions<E> {
  /** The cell: a string is printed as it is, numbers and bigints in decimal, undefined as "-". */
  readonly value: keyof E | ((event: E) => unknown);
  /** Least number of characters; longer cells push the rest of the line to the right rather than lose text. */
  readonly width?: number;
  /** Cuts longer text instead. */
  readonly cut?: boolean;
  readonly align?: "left" | "right";
  /** Digits after the point for numbers. */
  readonly decimals?: number;
  /** Text before the cell in tables, not in CSV. */
  readonly before?: string;
}

/** A field's name, or one or more headings with the way to compute the cell. */
export type Column<E> = (keyof E & string) | { readonly [heading: string]: keyof E | ((event: E) => unknown) | ColumnOptions<E> };

/** A column after its short forms have been spelled out. */
export interface TableColumn {
  readonly heading: string;
  /** The field of the event it shows, when it shows one unchanged. */
  readonly field: string | undefined;
  readonly value: (event: Record<string, unknown>) => unknown;
  readonly width: number | undefined;
  readonly cut: boolean;
  readonly align: "left" | "right" | undefined;
  readonly decimals: number | undefined;
  readonly before: string;
}

export interface TableDeclaration {
  /** Index into `Script.streams`. */
  readonly stream: number;
  readonly columns: readonly TableColumn[];
}

function spellOut<E>(column: Column<E>): TableColumn[] {
  if (typeof column === "string") return [fromOptions(column.toUpperCase(), { value: column as keyof E })];
  return Object.entries(column as Record<string, keyof E | ((event: E) => unknown) | ColumnOptions<E>>).map(([heading, how]) =>
    fromOptions(heading, typeof how === "object" ? how : { value: how }),
  );
}

function fromOptions<E>(heading: string, options: ColumnOptions<E>): TableColumn {
  const { value } = options;
  return {
    heading,
    field: typeof value === "function" ? undefined : String(value),
    value: typeof value === "function" ? (event) => value(event as E) : (event) => event[value as string],
    width: options.width,
    cut: options.cut ?? false,
    align: options.align,
    decimals: options.decimals,
    before: options.before ?? "",
  };
}

/**
 * Prints a stream as a table, one line per event; with `--format csv` the same columns as CSV,
 * with `--format json` the whole events.
 * @param stream a probe or a channel
 * @param columns field names (the heading is the name in capitals), `{ HEADING: "field" }`, `{ HEADING: (event) => cell }`,
 *   or `{ HEADING: { value, width, align, decimals } }`
 * @example table(states, ["pid", "comm", { MS: (e) => Number(e.us) / 1000 }]);
 */
export function table<E>(stream: EventStream<E>, columns: readonly Column<E>[]): void {
  const script = declaringScript();
  const index = script.streams.indexOf(stream as unknown as EventStream<never>);
  if (index === -1)
    refuseDeclaration(
      "table(): the first argument is no probe and no event channel of this script",
      "write table(states, […]) with: const states = tracepoint(…) or event({…})",
    );
  script.tables.push({ stream: index, columns: columns.flatMap(spellOut) });
}
