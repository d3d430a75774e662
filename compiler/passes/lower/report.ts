import type { Diagnostic, FailureClass, Label } from "../../../diagnostics/diagnostic.js";
import type { Span } from "../../../diagnostics/span.js";

/**
 * Leaves the lowering of one statement after an error was reported, or after a use of a variable whose
 * declaration already failed (one mistake, one message). Caught per statement, so that all mistakes of a handler show at once.
 */
export class StatementAbandoned extends Error {}

/** Leaves the lowering of a function, to begin it again with what was learnt. */
export class LoweredAgain extends Error {}

/** Lowers a function, again whenever something was learnt on the way that changes its beginning. */
export function untilSettled<T>(report: Report, lower: () => T): T {
  for (;;) {
    const before = report.diagnostics.length;
    try {
      return lower();
    } catch (error) {
      if (!(error instanceof LoweredAgain)) throw error;
      report.diagnostics.length = before;
    }
  }
}

export interface ErrorDetails {
  readonly failure?: FailureClass;
  readonly labels?: readonly Label[];
  readonly hints?: readonly string[];
}

/** Collects the diagnostics of a pass. */
export class Report {
  readonly diagnostics: Diagnostic[] = [];

  /** Records an error and leaves the statement. */
  refuse(code: string, span: Span, message: string, details: ErrorDetails = {}): never {
    this.diagnostics.push({ code, failure: "language", severity: "error", message, span, ...details });
    throw new StatementAbandoned();
  }

  /** Runs one step; an error in it is recorded and does not stop the next. Returns whether it went through. */
  attempt(step: () => void): boolean {
    try {
      step();
      return true;
    } catch (error) {
      if (error instanceof StatementAbandoned) return false;
      throw error;
    }
  }
}
