import { chooseWindow, columnsOf, cropLine, layOutLine, type Window } from "./source-line.js";
import { lineStartsOf, positionAt, type SourceFile, type Span } from "./span.js";

/** How parts of a message are painted; with colours off each leaves its text as it is. */
export interface FrameColors {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** A place to underline: what a frame is about with ^^^, what explains it with ---. */
export interface FrameMark {
  readonly span: Span;
  /** Stands behind the underline. */
  readonly message?: string;
}

export interface FrameOptions {
  readonly colors: FrameColors;
  /** Columns of the terminal, or how wide a line may be otherwise. */
  readonly width: number;
  /** Paints the first mark, which is what the frame is about: red for errors, yellow for warnings. Without it all marks only explain. */
  readonly paint?: ((text: string) => string) | undefined;
}

/** Lines shown before and after a marked one. */
const CONTEXT = 1;

/** Of a span over more lines than this, only the first and last few are shown. */
const MOST_MARKED_LINES = 8;
const KEPT_LINES = 3;

/** Narrower than this, nothing useful is left of a line. */
const LEAST_ROOM = 20;

/** What one mark covers of one line, in offsets of that line. */
interface Stretch {
  readonly mark: FrameMark;
  readonly start: number;
  readonly end: number;
  /** The message stands at the mark's last line. */
  readonly last: boolean;
}

function textOfLine(file: SourceFile, line: number): string {
  const starts = lineStartsOf(file);
  return file.text.slice(starts[line - 1], starts[line]).replace(/(?:\r\n|\n|\r)$/, "");
}

/** The lines of a span's mark: all of them, or its first and last few. A span that ends with a line break ends before it. */
function linesOf({ file, start, end }: Span): number[] {
  const first = positionAt(file, start).line;
  const last = positionAt(file, Math.max(start, end - 1)).line;
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return all.length <= MOST_MARKED_LINES ? all : [...all.slice(0, KEPT_LINES), ...all.slice(-KEPT_LINES)];
}

/** What to underline in a line: not its indentation, unless the span begins there, and not the blanks at its end. */
function stretchOf(mark: FrameMark, line: number, last: boolean): Stretch | undefined {
  const { file, start, end } = mark.span;
  const text = textOfLine(file, line);
  const lineStart = lineStartsOf(file)[line - 1] as number;
  const beginsHere = start >= lineStart;
  const from = beginsHere ? start - lineStart : text.search(/\S|$/);
  const to = Math.min(end - lineStart, text.trimEnd().length);
  return beginsHere || from < to ? { mark, start: from, end: to, last } : undefined;
}

/** Which lines to show: those of the marks, one before and after each, and single ones in between (a gap would cost as much). */
function shownLines(marked: readonly (readonly number[])[], lineCount: number): number[] {
  const shown = new Set<number>();
  for (const lines of marked) {
    const around = [(lines[0] as number) - CONTEXT, ...lines, (lines.at(-1) as number) + CONTEXT];
    for (const line of around) if (line >= 1 && line <= lineCount) shown.add(line);
  }
  for (const line of [...shown]) if (shown.has(line + 2)) shown.add(line + 1);
  return [...shown].sort((a, b) => a - b);
}

/** What is marked in each line. */
function stretchesByLine(marks: readonly FrameMark[]): Map<number, Stretch[]> {
  const byLine = new Map<number, Stretch[]>();
  for (const mark of marks) {
    const lines = linesOf(mark.span);
    for (const line of lines) {
      const stretch = stretchOf(mark, line, line === lines.at(-1));
      if (stretch !== undefined) byLine.set(line, [...(byLine.get(line) ?? []), stretch]);
    }
  }
  return byLine;
}

/** Cuts the lines where some are left out; blank ones at the ends of a part show nothing and go too. */
function partsOf(lines: readonly number[], isBlank: (line: number) => boolean): number[][] {
  const parts: number[][] = [];
  for (const line of lines) {
    if (parts.at(-1)?.at(-1) === line - 1) parts.at(-1)?.push(line);
    else parts.push([line]);
  }
  const trimmed = parts.map((part) =>
    part.slice(
      part.findIndex((line) => !isBlank(line)),
      part.findLastIndex((line) => !isBlank(line)) + 1,
    ),
  );
  return trimmed.filter((part) => part.length > 0);
}

function clip(columns: Window, window: Window): Window {
  const from = Math.min(Math.max(columns.from, window.from), window.to - 1);
  return { from, to: Math.max(from + 1, Math.min(columns.to, window.to)) };
}

/**
 * The lines of source around some marks of one file, numbered, with the marks underlined exactly: tabs, wide and combining
 * characters and long lines included.
 * @param marks all in one file.
 * @returns lines without line breaks, as wide as `width` allows.
 */
export function renderFrame(marks: readonly FrameMark[], options: FrameOptions): string[] {
  const [main] = marks;
  if (main === undefined) return [];
  const { colors, paint } = options;
  const { file } = main.span;
  const byLine = stretchesByLine(marks);
  const marked = marks.map((mark) => linesOf(mark.span));
  const isBlank = (line: number) => !byLine.has(line) && textOfLine(file, line).trim() === "";
  const parts = partsOf(shownLines(marked, lineStartsOf(file).length), isBlank);
  const gutter = String(parts.at(-1)?.at(-1) ?? 1).length;
  const room = Math.max(LEAST_ROOM, options.width - gutter - 3);
  const bar = colors.cyan("|");

  const renderLine = (line: number): string[] => {
    const stretches = byLine.get(line) ?? [];
    const [leading] = stretches;
    const layout = layOutLine(textOfLine(file, line), leading?.start);
    const window = chooseWindow(layout, room, leading && columnsOf(layout, leading.start, leading.end));
    const text = cropLine(layout, window).trimEnd();
    const underlines = stretches.map((stretch) => {
      const { from, to } = clip(columnsOf(layout, stretch.start, stretch.end), window);
      const message = stretch.last && stretch.mark.message ? ` ${stretch.mark.message}` : "";
      const primary = stretch.mark === main ? paint : undefined;
      const painted = primary ? primary("^".repeat(to - from) + message) : colors.cyan("-".repeat(to - from) + message);
      return `${" ".repeat(gutter)} ${bar} ${" ".repeat(from - window.from)}${painted}`;
    });
    return [`${colors.cyan(String(line).padStart(gutter))} ${bar}${text === "" ? "" : ` ${text}`}`, ...underlines];
  };

  return parts.flatMap((part, index) => [...(index > 0 ? [colors.cyan("...")] : []), ...part.flatMap(renderLine)]);
}
