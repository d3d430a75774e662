import type { EventLayout } from "../../compiler/program.js";
import type { OutputFormat } from "../../dsl/output-format.js";
import type { TableDeclaration } from "../../dsl/table.js";
import { createCsvOutput } from "./csv.js";
import { createJsonOutput } from "./json.js";
import { shownTables } from "./shown-table.js";
import type { Sink } from "./sink.js";
import type { StateRecord } from "./state/record.js";
import type { RunSummary } from "./summary.js";
import { createTableOutput } from "./table.js";

/** What `--format` offers. */
export const formats = [
  { name: "table", help: "aligned columns for people" },
  { name: "json", help: "one JSON object a line, whole events with exact integers" },
  { name: "csv", help: "the table's columns as comma-separated values (RFC 4180)" },
] as const satisfies readonly { readonly name: OutputFormat; readonly help: string }[];

export type FormatName = OutputFormat;

/** Events newly lost before they reached a stream. */
export interface LossRecord {
  /** The stream. */
  readonly name: string;
  readonly count: bigint;
  /** Place of the emit in the script, "file:line:column". */
  readonly where: string;
}

/** Turns events into lines of a sink. It never writes to standard error. */
export interface Output {
  /** Prints what comes before the first event (the heading). */
  start(): void;
  /** Prints an event, once for each table of its stream. */
  event(stream: number, event: unknown): void;
  /** Prints what a map or aggregation held. */
  state(record: StateRecord): void;
  /** JSON only: a record of type "lost". The other formats leave it to the summary on standard error. */
  lost(record: LossRecord): void;
  /** JSON only: a record of type "summary". */
  summary(summary: RunSummary): void;
  /** To be called at the end of each batch of events. */
  flush(): void;
}

export interface OutputOptions {
  readonly sink: Sink;
  readonly layouts: readonly EventLayout[];
  readonly tables: readonly TableDeclaration[];
  /** Names of streams that the kernel does not fill. */
  readonly rowNames?: ReadonlyMap<number, string>;
  /** Whether callbacks or a `for await` take the events of a stream. Asked at `start`. */
  readonly isConsumed: (stream: number) => boolean;
  /** Whether tables and CSV begin with a heading. */
  readonly header: boolean;
}

const makers = { table: createTableOutput, json: createJsonOutput, csv: createCsvOutput };

/** The output of a run. Which streams it shows is settled at `start`, after the script has declared everything. */
export function createOutput(format: FormatName, { sink, layouts, tables, rowNames, isConsumed, header }: OutputOptions): Output {
  let output: Output | undefined;
  return {
    start() {
      output = makers[format]({ sink, header, tables: shownTables(layouts, tables, isConsumed, rowNames) });
      output.start();
    },
    event: (stream, event) => output?.event(stream, event),
    state: (record) => output?.state(record),
    lost: (record) => output?.lost(record),
    summary: (summary) => output?.summary(summary),
    flush: () => sink.flush(),
  };
}
