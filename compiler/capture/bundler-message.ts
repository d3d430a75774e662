import { SourceMap } from "node:module";
import type { Message, PartialMessage } from "esbuild";
import type { SourceMap as EditMap } from "magic-string";
import type { Diagnostic, Label } from "../../diagnostics/diagnostic.js";
import { lineStartsOf, type SourceFile, type Span } from "../../diagnostics/span.js";

export type BundlerMessage = Message | (PartialMessage & Pick<Message, "text" | "location">);

/**
 * A message of esbuild as a diagnostic. Ours come back as they were given to it.
 * @param edits how the text that esbuild saw came from the file's text, if it was changed
 */
export function bundlerDiagnostic(
  message: BundlerMessage,
  severity: Diagnostic["severity"],
  file: SourceFile | undefined,
  edits: EditMap | undefined,
): Diagnostic {
  if (isDiagnostic(message.detail)) return message.detail;
  const span = file && message.location ? spanOf(message.location, file, edits) : undefined;
  const isName = /^(No matching export|Import "|Could not resolve)/.test(message.text);
  const labels: Label[] = [];
  const hints: string[] = [];
  for (const { text = "", location } of message.notes ?? []) {
    const isHere = location != null && location.file === message.location?.file;
    if (isHere && file !== undefined) labels.push({ span: spanOf(location as Location, file, edits), message: labelText(text) });
    else if (text !== "") hints.push(text);
  }
  if (message.text.endsWith("because it is a constant")) hints.push("declare it with let");
  // Of a syntax error it is the missing sign itself, which the message names.
  if (message.location?.suggestion && /\w/.test(message.location.suggestion)) hints.push(message.location.suggestion);
  return {
    code: isName ? "TSP2004" : "TSP2003",
    failure: isName ? "name" : "syntax",
    severity,
    message: message.text.replace(/( here:|[.:])$/, ""),
    ...(span === undefined ? {} : { span }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(hints.length === 0 ? {} : { hints }),
  };
}

/** What esbuild says of another place is a sentence ("The symbol … was declared here:"). */
function labelText(note: string): string {
  return note.includes("declared") ? "declared here" : note.replace(/[.:]$/, "");
}

type Location = NonNullable<Message["location"]>;

function isDiagnostic(detail: unknown): detail is Diagnostic {
  const { code, message } = (detail ?? {}) as Partial<Diagnostic>;
  return typeof code === "string" && code.startsWith("TSP") && typeof message === "string";
}

function spanOf(location: Location, file: SourceFile, edits: EditMap | undefined): Span {
  const bytes = Buffer.from(location.lineText);
  const column = bytes.subarray(0, location.column).toString().length;
  const length = bytes.subarray(location.column, location.column + location.length).toString().length;
  let [line, start] = [location.line - 1, column];
  if (edits !== undefined) {
    const found = new SourceMap(edits as unknown as ConstructorParameters<typeof SourceMap>[0]).findEntry(line, column);
    if ("originalLine" in found) [line, start] = [found.originalLine, found.originalColumn];
  }
  const offset = Math.min((lineStartsOf(file)[line] ?? 0) + start, file.text.length);
  return { file, start: offset, end: Math.min(offset + Math.max(length, 1), file.text.length) };
}
