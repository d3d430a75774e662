import { SourceMap } from "node:module";
import type { Message, PartialMessage } from "esbuild";
import type { SourceMap as EditMap } from "magic-string";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
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
  const hints = [...(message.notes ?? []).map((note) => note.text ?? ""), message.location?.suggestion ?? ""].filter(Boolean);
  return {
    code: isName ? "TSP2004" : "TSP2003",
    failure: isName ? "name" : "syntax",
    severity,
    message: message.text.replace(/\.$/, ""),
    ...(span === undefined ? {} : { span }),
    ...(hints.length === 0 ? {} : { hints }),
  };
}

function isDiagnostic(detail: unknown): detail is Diagnostic {
  const { code, message } = (detail ?? {}) as Partial<Diagnostic>;
  return typeof code === "string" && code.startsWith("TSP") && typeof message === "string";
}

function spanOf(location: NonNullable<Message["location"]>, file: SourceFile, edits: EditMap | undefined): Span {
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
