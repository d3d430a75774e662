import { glyphsOf } from "./width.js";

/** One glyph of a source line as a terminal shows it. */
interface Cell {
  /** Place in the line, UTF-16, of what it shows. */
  readonly start: number;
  readonly end: number;
  readonly shown: string;
  readonly column: number;
  readonly width: number;
}

/** A source line laid out in terminal columns. */
export interface LineLayout {
  readonly cells: readonly Cell[];
  readonly width: number;
}

const TAB_STOP = 4;

/** Far more than any terminal shows: longer lines (minified code) are cut around the mark before they are laid out. */
const LONGEST_LAYOUT = 2000;

/** Characters that reorder or hide what follows them: source that reads otherwise than it runs must show it. */
const DECEPTIVE = /^[\u200b-\u200f\u2028-\u202e\u2060-\u2069]/;
const CONTROL = /^\p{Cc}/u;

/** What stands for a character that must not reach the terminal: for control characters their Unicode pictures, ␛ for escape. */
function substitute(text: string): string | undefined {
  if (DECEPTIVE.test(text)) return "\ufffd";
  if (!CONTROL.test(text)) return undefined;
  const code = text.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}

/** Lays out a line, or the part of a very long one around the offset `near`. Columns count from 0. */
export function layOutLine(line: string, near = 0): LineLayout {
  let first = Math.max(0, Math.min(near - LONGEST_LAYOUT / 2, line.length - LONGEST_LAYOUT));
  // Not into the middle of a surrogate pair.
  if (first > 0 && /[\udc00-\udfff]/.test(line[first] as string)) first--;
  const part = line.slice(first, first + LONGEST_LAYOUT);
  const cells: Cell[] = [];
  let column = 0;
  for (const { text, start, width } of glyphsOf(part)) {
    const harmless = text === "\t" ? " ".repeat(TAB_STOP - (column % TAB_STOP)) : substitute(text);
    const columns = harmless?.length ?? width;
    cells.push({ start: first + start, end: first + start + text.length, shown: harmless ?? text, column, width: columns });
    column += columns;
  }
  return { cells, width: column };
}

/** The columns [from, to) that the offsets [start, end) of the line take; at least one, also beyond the line's end. */
export function columnsOf(layout: LineLayout, start: number, end: number): { from: number; to: number } {
  const covered = layout.cells.filter((cell) => cell.start < end && cell.end > start);
  const first = covered[0];
  const last = covered.at(-1);
  if (first === undefined || last === undefined) {
    const at = layout.cells.find((cell) => cell.start >= start)?.column ?? layout.width;
    return { from: at, to: at + 1 };
  }
  return { from: first.column, to: Math.max(last.column + last.width, first.column + 1) };
}

/** The columns [from, to) of a line that are shown. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Chooses the window of `room` columns that shows the marked columns, or as much of their beginning as fits. */
export function chooseWindow(layout: LineLayout, room: number, mark?: Window): Window {
  const end = Math.max(layout.width, mark?.to ?? 0);
  if (mark === undefined || end <= room || mark.to < room) return { from: 0, to: room };
  const spare = Math.max(room - (mark.to - mark.from), Math.floor(room / 4));
  const from = Math.min(Math.max(0, mark.from - Math.floor(spare / 2)), end - room);
  return { from, to: from + room };
}

const ELLIPSIS = "…";

/** The text of a line within a window, with "…" where something is left out. */
export function cropLine(layout: LineLayout, window: Window): string {
  const inside = layout.cells.filter((cell) => cell.column >= window.from && cell.column + cell.width <= window.to);
  const first = inside[0];
  const last = inside.at(-1);
  if (first === undefined || last === undefined) return "";
  const shown = inside.map((cell) => cell.shown);
  if (first !== layout.cells[0]) shown[0] = ELLIPSIS.padEnd(first.width);
  if (last !== layout.cells.at(-1)) shown[shown.length - 1] = ELLIPSIS.padEnd(last.width);
  // A wide character that the window's start cuts in two leaves a gap.
  return " ".repeat(first.column - window.from) + shown.join("");
}
