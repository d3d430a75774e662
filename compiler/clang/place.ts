import { lineSpan, positionAt, type SourceFile, type Span } from "../../diagnostics/span.js";

/**
 * The place that a "file:line" of clang's or the verifier's text means: from the first to the last statement that begins on
 * that line, not beyond the line (an `if` over ten lines is not meant as a whole); else the line itself, when the file is ours.
 * @param statements `Program.statements`. @param line counted from 1.
 */
export function findPlace(statements: readonly Span[], path: string, line: number): Span | undefined {
  const inFile = statements.filter((span) => span.file.path === path);
  const file = inFile[0]?.file;
  if (file === undefined || line < 1) return undefined;
  const whole = lineSpan(file, line);
  const beginning = inFile.filter((span) => positionAt(file, span.start).line === line);
  if (beginning.length === 0) return whole;
  const start = Math.min(...beginning.map((span) => span.start));
  const end = Math.min(Math.max(...beginning.map((span) => span.end)), whole.end);
  return { file, start, end };
}

/** The files that statements lie in, each once. */
export function filesOf(statements: readonly Span[]): SourceFile[] {
  return [...new Map(statements.map((span) => [span.file.path, span.file])).values()];
}
