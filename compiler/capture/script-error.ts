import { type Diagnostic, DiagnosticError } from "../../diagnostics/diagnostic.js";
import { lineStartsOf, type SourceFile, type Span } from "../../diagnostics/span.js";
import { type BundlePlace, type Frame, framesOf } from "./stack.js";

/** What is needed to tell the script's own stack frames from the rest. */
export interface ErrorContext {
  readonly files: readonly SourceFile[];
  readonly bundle?: BundlePlace;
  /** tsprobe's own folder, ending in "/": frames from there are not shown, unless the script itself lies in it. */
  readonly hidden: string;
}

/**
 * Describes what the script's host code threw, with the place in the script.
 * Diagnostics thrown by tsprobe's own functions pass through as they are.
 */
export function scriptErrorDiagnostics(error: unknown, context: ErrorContext): readonly Diagnostic[] {
  const frames = error instanceof Error ? framesOf(error.stack ?? "", context.bundle) : [];
  const span = frames.map((frame) => spanOf(frame, context.files)).find((found) => found !== undefined);
  const carried = carriedDiagnostics(error);
  // What a function of tsprobe refuses lies where the script called it; a wrong flag on the command line does not.
  if (carried !== undefined)
    return carried.map((one) =>
      one.failure === "script-error" && one.span === undefined && span !== undefined ? { ...one, span } : one,
    );
  const title = titleOf(error);
  const details = [title, ...shown(frames, context).map(({ text }) => `    at ${text}`), ...causes(error, context)].join("\n");
  const isError = error instanceof Error;
  return [
    {
      code: "TSP2005",
      failure: "script-error",
      severity: "error",
      message: `the script failed: ${title.split("\n", 1)[0]}`,
      ...(span === undefined ? {} : { span }),
      ...(isError ? {} : { hints: ["throw an Error, which knows its place: throw new Error(…)"] }),
      ...(details === title ? {} : { details }),
    },
  ];
}

/** A DiagnosticError may come from tsprobe's other copy in memory (the modules the script imports), so look at its shape. */
function carriedDiagnostics(error: unknown): readonly Diagnostic[] | undefined {
  if (error instanceof DiagnosticError) return error.diagnostics;
  if (!(error instanceof Error) || error.name !== "DiagnosticError") return undefined;
  const { diagnostics } = error as Partial<DiagnosticError>;
  return Array.isArray(diagnostics) && diagnostics.length > 0 ? diagnostics : undefined;
}

function titleOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === "string" ? error : `threw ${String(error)}`;
  return error.message === "" ? error.name : `${error.name}: ${error.message}`;
}

function causes(error: unknown, context: ErrorContext): string[] {
  const lines: string[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  for (let depth = 0; cause !== undefined && depth < 8; depth++) {
    const frames = cause instanceof Error ? shown(framesOf(cause.stack ?? "", context.bundle), context) : [];
    lines.push(`caused by ${titleOf(cause)}`, ...frames.map(({ text }) => `    at ${text}`));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

/** Without tsprobe's frames, and without what lies below the script: whoever ran it. */
function shown(frames: readonly Frame[], { bundle, files, hidden }: ErrorContext): Frame[] {
  const isScript = ({ path }: Frame): boolean => files.some((file) => file.path === path);
  const lowest = frames.findLastIndex(isScript);
  const above = lowest === -1 ? frames : frames.slice(0, lowest + 1);
  return above.filter((frame) => isScript(frame) || !(frame.path === bundle?.path || frame.path.startsWith(hidden)));
}

function spanOf({ path, line, column }: Frame, files: readonly SourceFile[]): Span | undefined {
  const file = files.find((candidate) => candidate.path === path);
  const lineStart = file && lineStartsOf(file)[line - 1];
  if (file === undefined || lineStart === undefined) return undefined;
  const start = Math.min(lineStart + column - 1, file.text.length);
  // `new Thing(…)` and `throw …` point at the keyword: show it together with the name after it.
  const word = /^(?:(?:new|throw|await)\s+)*[\w$.]*/.exec(file.text.slice(start, start + 200))?.[0] ?? "";
  return { file, start, end: Math.min(start + Math.max(word.length, 1), file.text.length) };
}
