import { relative } from "node:path";
import { positionAt, type Span } from "../../diagnostics/span.js";

/** "probes/tcpstates.ts:30:3": relative to the working directory when that is shorter to read. */
export function placeText(span: Span, workingDirectory: string): string {
  const { line, column } = positionAt(span.file, span.start);
  const near = relative(workingDirectory, span.file.path);
  const path = near.startsWith("..") || near === "" ? span.file.path : near;
  return `${path}:${line}:${column}`;
}
