import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { formatDiagnostics } from "../diagnostics/print.js";
import type { OwnFlags } from "./flags.js";
import { createStyle, decideColor, type Style } from "./style.js";
import { workingDirectory } from "./working-directory.js";

/** Words for people, on standard error. */
export interface Reporter {
  readonly style: Style;
  /** Errors and warnings; never silenced. */
  diagnostics(list: readonly Diagnostic[]): void;
  /** A line of the tool itself; --quiet leaves it out. */
  note(text: string): void;
  /** A line that only -v shows. */
  detail(text: string): void;
}

export function createReporter(own: Pick<OwnFlags, "color" | "quiet" | "verbose">): Reporter {
  const { stderr } = process;
  const style = createStyle(decideColor(own.color, stderr, process.env));
  // Synchronous for files and terminals; a reader of standard error that is gone must not end the run.
  const write = (text: string) => void stderr.write(`${text}\n`);
  return {
    style,
    diagnostics(list) {
      if (list.length === 0) return;
      const width = stderr.isTTY === true ? { width: stderr.columns } : {};
      write(formatDiagnostics(list, { colors: style, cwd: workingDirectory(), verbose: own.verbose, ...width }));
    },
    note: (text) => {
      if (!own.quiet) write(text);
    },
    detail: (text) => {
      if (own.verbose) write(style.dim(text));
    },
  };
}
