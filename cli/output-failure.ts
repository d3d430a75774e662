import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { signalExits } from "./exit.js";

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the device",
  EIO: "the device fails",
  EFBIG: "the file is too large",
};

/** What to say when standard output does not take what is printed. */
export function describeOutputFailure({ code = "", message }: NodeJS.ErrnoException): Diagnostic {
  return {
    code: "TSP1301",
    failure: "output",
    severity: "error",
    message: `standard output cannot be written: ${REASONS[code] ?? message}${code === "" ? "" : ` (${code})`}`,
    hints: ["what was printed before is complete: free some space, or send it elsewhere"],
  };
}

/** Errors of standard output and standard error, for commands that just print and end. */
export interface OutputWatch {
  /** How the command ends after all: as it would without, or with what standard output had to say. */
  verdict(code: number, report: (diagnostic: Diagnostic) => number): number;
}

/** From here on a closed or full standard output or standard error does not end the process with a stack trace. */
export function watchOutput(): OutputWatch {
  let failure: NodeJS.ErrnoException | undefined;
  process.stdout.on("error", (error) => {
    failure ??= error;
  });
  process.stderr.on("error", () => {}); // there is nowhere left to say it
  return {
    verdict(code, report) {
      if (code !== 0 || failure === undefined) return code;
      return failure.code === "EPIPE" ? signalExits.SIGPIPE : report(describeOutputFailure(failure));
    },
  };
}
