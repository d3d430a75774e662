import { isAbsolute, resolve } from "node:path";

/** One error as tsc prints it. */
export interface TscError {
  /** Absolute; undefined for errors that have no place. */
  readonly path: string | undefined;
  /** Both counted from 1, the column in UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** "TS2345" */
  readonly code: string;
  readonly text: string;
  /** Lines that explain it, from the outside to the inside, without indentation. */
  readonly elaboration: readonly string[];
  readonly printed: string;
}

export interface TscOutput {
  readonly errors: readonly TscError[];
  /** Files that took part, from --listFiles. */
  readonly files: readonly string[];
  /** What was not understood. */
  readonly rest: readonly string[];
}

const PLACED = /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/;
const UNPLACED = /^error (TS\d+): (.*)$/;

/**
 * Reads what `tsc --pretty false --listFiles` prints.
 * @param folder where tsc ran: its paths are relative to it
 */
export function parseTscOutput(output: string, folder: string): TscOutput {
  const errors: (TscError & { elaboration: string[] })[] = [];
  const files: string[] = [];
  const rest: string[] = [];
  for (const line of output.split(/\r?\n/)) {
    if (line === "") continue;
    const last = errors.at(-1);
    const placed = PLACED.exec(line);
    const unplaced = UNPLACED.exec(line);
    if (placed !== null) {
      const [, path, row, column, code, text] = placed as unknown as [string, string, string, string, string, string];
      const place = { path: resolve(folder, path), line: Number(row), column: Number(column) };
      errors.push({ ...place, code, text, elaboration: [], printed: line });
    } else if (unplaced !== null) {
      const [, code, text] = unplaced as unknown as [string, string, string];
      errors.push({ path: undefined, line: 0, column: 0, code, text, elaboration: [], printed: line });
    } else if (last !== undefined && line.startsWith(" ")) last.elaboration.push(line.trim());
    else if (isAbsolute(line)) files.push(line);
    else rest.push(line);
  }
  return { errors, files, rest };
}
