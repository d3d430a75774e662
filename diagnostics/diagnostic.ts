import type { Span } from "./span.js";

/**
 * What went wrong, as a class of failure. The command line turns it into the exit code
 * (cli/exit.ts holds the table), so a class is added here only together with a row there.
 */
export type FailureClass =
  | "usage"
  | "script-missing"
  | "syntax"
  | "type"
  | "language"
  | "name"
  | "compiler-missing"
  | "compiler"
  | "verifier"
  | "load"
  | "attach"
  | "permission"
  | "kernel"
  | "output"
  | "script-error"
  | "internal";

/** A further place that belongs to a diagnostic, with what it has to do with it. */
export interface Label {
  readonly span: Span;
  readonly message: string;
}

/**
 * One thing to tell the user. Diagnostics are data: stages return or throw them,
 * and only the command line prints them.
 */
export interface Diagnostic {
  /** Stable code, "TSP" and four digits: 1 environment, 2 script and language, 3 names, 4 types, 5 clang, 6 load, 7 attach. */
  readonly code: string;
  readonly failure: FailureClass;
  readonly severity: "error" | "warning";
  /** One sentence without a full stop: what is wrong. */
  readonly message: string;
  readonly span?: Span;
  readonly labels?: readonly Label[];
  /** What to do about it, most useful first. */
  readonly hints?: readonly string[];
  /** A foreign tool's full text (verifier log, clang output): shown with -v only, its length is said otherwise. */
  readonly details?: string;
}

/** Carries diagnostics out of a stage that cannot go on. */
export class DiagnosticError extends Error {
  override readonly name = "DiagnosticError";
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: Diagnostic | readonly Diagnostic[]) {
    const list: readonly Diagnostic[] = Array.isArray(diagnostics) ? diagnostics : [diagnostics as Diagnostic];
    super(list.map((d) => `${d.code}: ${d.message}`).join("\n"));
    this.diagnostics = list;
  }
}
