/** A source text that spans point into: a script, or a file it imports. */
export interface SourceFile {
  /** Absolute path, as the user would open it. */
  readonly path: string;
  readonly text: string;
}

/** A stretch of a source file, in UTF-16 offsets, `end` exclusive. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** Line and column of an offset, both counted from 1, the column in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const lineStarts = new WeakMap<SourceFile, readonly number[]>();

/** Offsets at which the lines of a file begin. A lone \r ends a line too, as it does for JavaScript, the bundler and tsc. */
export function lineStartsOf(file: SourceFile): readonly number[] {
  let starts = lineStarts.get(file);
  if (starts === undefined) {
    starts = [0, ...Array.from(file.text.matchAll(/\r\n|\n|\r/g), ({ 0: end, index }) => index + end.length)];
    lineStarts.set(file, starts);
  }
  return starts;
}

/** Where an offset lies, for people. */
export function positionAt(file: SourceFile, offset: number): Position {
  const starts = lineStartsOf(file);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] as number) + 1 };
}

/** The span of a whole line (counted from 1) without its line break; the last line if there is none such. */
export function lineSpan(file: SourceFile, line: number): Span {
  const starts = lineStartsOf(file);
  const index = Math.min(Math.max(line, 1), starts.length) - 1;
  const start = starts[index] as number;
  const next = starts[index + 1];
  const end = next === undefined ? file.text.length : next - 1;
  const indent = file.text.slice(start, end).match(/^\s*/)?.[0].length ?? 0;
  return { file, start: Math.min(start + indent, end), end };
}
