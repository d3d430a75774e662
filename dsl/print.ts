import { currentScript } from "./script.js";
import type { State } from "./state.js";

/** How `print` shows a map or aggregation. */
export interface PrintOptions {
  /** Of what has keys: only the entries with the largest values, largest first. */
  readonly top?: number;
  /** Aggregations only: begins anew, in one consistent step with the reading. */
  readonly reset?: boolean;
}

/** What `print` takes: any map, stash or aggregation. */
export interface Printable {
  readonly declaration: object;
  toJSON(): unknown;
}

/**
 * Shows a map or aggregation on standard output, in the format that `--format` says: histograms as bars, counts and the
 * like as tables, largest first. Aggregations that the script neither reads nor prints are shown at its end.
 * @returns after it was read; await it when what follows changes the state
 * @example setInterval(() => print(latency, { reset: true }), 1000);
 */
export async function print(state: Printable, options: PrintOptions = {}): Promise<void> {
  await currentScript().print(state as unknown as State, options);
}

/** In plain Node, without a script that runs: a line of JSON. */
export function printAsJson(state: State): undefined {
  console.log(JSON.stringify(state));
}
