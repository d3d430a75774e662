import { isAbsolute, relative } from "node:path";
import type { Diagnostic, FailureClass, Label } from "./diagnostic.js";
import { type FrameColors, type FrameMark, renderFrame } from "./frame.js";
import { type Position, positionAt, type Span } from "./span.js";

export interface PrintOptions {
  /** See createStyle in cli/style.ts. */
  readonly colors: FrameColors;
  /** Paths inside it are shown relative to it. */
  readonly cwd: string;
  /** Shows `details`. */
  readonly verbose?: boolean;
  /** Columns of the terminal; 100 if not known. */
  readonly width?: number;
}

/** Whose text `details` is. */
const DETAILS_FROM: Partial<Record<FailureClass, string>> = {
  type: "tsc's output",
  compiler: "clang's output",
  verifier: "the verifier's log",
  load: "libbpf's output",
  attach: "libbpf's output",
};

/** As the user would type it from where they are. */
function shownPath(path: string, cwd: string): string {
  const within = relative(cwd, path);
  return within === "" || within.startsWith("..") || isAbsolute(within) ? path : within;
}

function shownPlace(span: Span, cwd: string): string {
  const { line, column } = positionAt(span.file, span.start);
  return `${shownPath(span.file.path, cwd)}:${line}:${column}`;
}

/** A first line with a heading, further ones below its text. */
function headed(heading: string, headingWidth: number, text: string): string[] {
  const [first = "", ...rest] = text.split("\n");
  return [`${heading} ${first}`, ...rest.map((line) => `${" ".repeat(headingWidth + 1)}${line}`.trimEnd())];
}

/** One frame per file: the diagnostic's own first, then those that only labels point into. */
function framesOf(diagnostic: Diagnostic): FrameMark[][] {
  const marks: FrameMark[] = diagnostic.span === undefined ? [] : [{ span: diagnostic.span }];
  marks.push(...(diagnostic.labels ?? []));
  const byFile = new Map<string, FrameMark[]>();
  for (const mark of marks) {
    const { path } = mark.span.file;
    byFile.set(path, [...(byFile.get(path) ?? []), mark]);
  }
  return [...byFile.values()];
}

function detailLines(diagnostic: Diagnostic, verbose: boolean, colors: FrameColors): string[] {
  const details = diagnostic.details?.trimEnd() ?? "";
  if (details === "") return [];
  const lines = details.split("\n");
  const whose = DETAILS_FROM[diagnostic.failure] ?? "details";
  if (verbose) return [colors.dim(`${whose}:`), ...lines.map((line) => (line === "" ? "" : `  ${line}`))];
  return [colors.dim(`(${lines.length} ${lines.length === 1 ? "line" : "lines"} of ${whose} hidden: run again with -v)`)];
}

/** One diagnostic as text for a terminal, several lines, without a line break at the end. */
export function formatDiagnostic(diagnostic: Diagnostic, options: PrintOptions): string {
  const { colors, cwd, verbose = false, width = 100 } = options;
  const { severity, code, message, hints = [] } = diagnostic;
  const paint = severity === "error" ? colors.red : colors.yellow;
  const heading = `${severity}[${code}]:`;
  const [headline = "", ...more] = headed(heading, 2, message);
  const lines = [`${paint(colors.bold(heading))}${colors.bold(headline.slice(heading.length))}`, ...more];
  framesOf(diagnostic).forEach((marks, index) => {
    const [first] = marks as [FrameMark];
    lines.push(`${colors.cyan(index === 0 ? " -->" : " :::")} ${shownPlace(first.span, cwd)}`);
    lines.push(...renderFrame(marks, { colors, width, paint: index === 0 && diagnostic.span !== undefined ? paint : undefined }));
  });
  for (const hint of hints) lines.push(...headed(colors.cyan("hint:"), "hint:".length, hint));
  lines.push(...detailLines(diagnostic, verbose, colors));
  return lines.join("\n");
}

/** Several diagnostics, an empty line between them. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: PrintOptions): string {
  return diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, options)).join("\n\n");
}

/** A span for programs: absolute path, lines and columns from 1, columns in UTF-16 units, end exclusive. */
export interface JsonSpan {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

export interface JsonDiagnostic {
  readonly code: string;
  readonly severity: Diagnostic["severity"];
  readonly failure: FailureClass;
  readonly message: string;
  readonly span?: JsonSpan;
  readonly labels?: readonly { readonly message: string; readonly span: JsonSpan }[];
  readonly hints?: readonly string[];
  readonly details?: string;
}

function jsonSpan({ file, start, end }: Span): JsonSpan {
  return { file: file.path, start: positionAt(file, start), end: positionAt(file, end) };
}

/** One diagnostic as data for JSON.stringify, complete: details too. */
export function diagnosticToJson(diagnostic: Diagnostic): JsonDiagnostic {
  const { code, severity, failure, message, span, labels, hints, details } = diagnostic;
  return {
    code,
    severity,
    failure,
    message,
    ...(span === undefined ? {} : { span: jsonSpan(span) }),
    ...(labels === undefined
      ? {}
      : { labels: labels.map((label: Label) => ({ message: label.message, span: jsonSpan(label.span) })) }),
    ...(hints === undefined ? {} : { hints }),
    ...(details === undefined ? {} : { details }),
  };
}
