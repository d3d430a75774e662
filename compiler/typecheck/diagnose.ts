import { readFileSync } from "node:fs";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { lineStartsOf, type SourceFile, type Span } from "../../diagnostics/span.js";
import { hintsFor } from "./hints.js";
import { missingHook } from "./hook-names.js";
import type { TscError } from "./messages.js";

/**
 * Turns tsc's errors into diagnostics. Errors outside the user's files become one, which keeps their text: they are
 * for us to fix, and the user must still learn that the check did not succeed.
 */
export function diagnose(
  errors: readonly TscError[],
  files: readonly SourceFile[],
  isForeign: (path: string) => boolean,
): readonly Diagnostic[] {
  const known = new Map(files.map((file) => [file.path, file]));
  const diagnostics: Diagnostic[] = [];
  const foreign: TscError[] = [];
  for (const error of errors) {
    const file = error.path === undefined || isForeign(error.path) ? undefined : sourceFile(error.path, known);
    if (file === undefined) foreign.push(error);
    else diagnostics.push(userError(error, spanOf(error, file)));
  }
  if (foreign.length > 0) diagnostics.push(foreignErrors(foreign));
  return diagnostics;
}

function sourceFile(path: string, known: Map<string, SourceFile>): SourceFile | undefined {
  let file = known.get(path);
  if (file === undefined) {
    try {
      file = { path, text: readFileSync(path, "utf8").replace(/^\uFEFF/, "") };
    } catch {
      return undefined;
    }
    known.set(path, file);
  }
  return file;
}

function userError(error: TscError, span: Span): Diagnostic {
  const { elaboration } = error;
  // The innermost line names the part that does not fit; those above it only lead there.
  const innermost = elaboration.at(-1)?.replace(/\.$/, "");
  const missing = missingHook(error, span);
  const hints =
    missing === undefined
      ? [...hintsFor(error, span.file.text.slice(span.start, span.end)), ...(innermost === undefined ? [] : [innermost])]
      : [missing.hint];
  return {
    code: "TSP4001",
    failure: "type",
    severity: "error",
    message: missing?.message ?? `${error.text.replace(/\.$/, "")} (${error.code})`,
    span,
    ...(hints.length === 0 ? {} : { hints }),
    ...(elaboration.length < 2
      ? {}
      : { details: [error.text, ...elaboration.map((line, i) => `${"  ".repeat(i + 1)}${line}`)].join("\n") }),
  };
}

function foreignErrors(errors: readonly TscError[]): Diagnostic {
  const count = errors.length === 1 ? "one type error lies" : `${errors.length} type errors lie`;
  return {
    code: "TSP4002",
    failure: "internal",
    severity: "error",
    message: `${count} outside the script, in declarations it uses: ${(errors[0] as TscError).text.replace(/\.$/, "")}`,
    hints: ["--no-check runs the script without the type check"],
    details: errors.flatMap(({ printed, elaboration }) => [printed, ...elaboration.map((line) => `  ${line}`)]).join("\n"),
  };
}

/** tsc prints where an error starts, not where it ends: take the word, number or string there. */
const TOKEN =
  /[\p{ID_Start}$_#][\p{ID_Continue}$]*|[\d][\w.]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|[=<>!&|?*+-]+/uy;

function spanOf({ line, column }: TscError, file: SourceFile): Span {
  const lineStart = lineStartsOf(file)[line - 1] ?? file.text.length;
  const start = Math.min(lineStart + column - 1, file.text.length);
  TOKEN.lastIndex = start;
  const length = TOKEN.exec(file.text)?.[0].length ?? 1;
  return { file, start, end: Math.min(start + length, file.text.length) };
}
