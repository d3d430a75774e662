/**
 * Blocks that terminals draw two columns wide: East Asian Wide and Fullwidth of Unicode's EastAsianWidth.txt, coarsely (unassigned
 * code points inside a block count with it).
 */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f], // Hangul syllable starts
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x2e80, 0x303e], // CJK radicals and punctuation
  [0x3041, 0x33ff], // kana, CJK symbols
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf], // Yi
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3], // Hangul
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60], // fullwidth forms
  [0xffe0, 0xffe6],
  [0x17000, 0x18cff], // Tangut
  [0x1aff0, 0x1b2ff], // kana supplements
  [0x1f200, 0x1f2ff],
  [0x20000, 0x3fffd], // CJK extensions
];

const EMOJI = /\p{Emoji_Presentation}|\ufe0f/u;
const NO_COLUMN = /^(?:\p{Mark}|\p{Default_Ignorable_Code_Point})+$/u;
/** Made when it is first needed: that takes 20 ms. */
let graphemes: Intl.Segmenter | undefined;

/** Printable ASCII and Latin letters, each one column: most text, and a hundred times faster than segmenting. */
const PLAIN = /^[\x20-\x7e\xa0-\u02ff]*$/;

function graphemeWidth(grapheme: string): number {
  const point = grapheme.codePointAt(0) as number;
  if (EMOJI.test(grapheme) || WIDE.some(([first, last]) => point >= first && point <= last)) return 2;
  return NO_COLUMN.test(grapheme) ? 0 : 1;
}

/** One user-perceived character: its place in the text (UTF-16) and its columns on a terminal. */
export interface Glyph {
  readonly text: string;
  readonly start: number;
  readonly width: number;
}

/** Splits text into what a reader takes for characters, with their widths. Tabs and control characters are not handled here. */
export function glyphsOf(text: string): Glyph[] {
  if (PLAIN.test(text)) return [...text].map((character, start) => ({ text: character, start, width: 1 }));
  graphemes ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return [...graphemes.segment(text)].map(({ segment, index }) => ({
    text: segment,
    start: index,
    width: graphemeWidth(segment),
  }));
}

/** Columns that text without control characters takes on a terminal. */
export function displayWidth(text: string): number {
  return PLAIN.test(text) ? text.length : glyphsOf(text).reduce((sum, glyph) => sum + glyph.width, 0);
}

/** The longest beginning of a text that takes at most `width` columns. No character as a reader sees it is cut in two. */
export function cutToWidth(text: string, width: number): string {
  if (PLAIN.test(text)) return text.slice(0, width);
  let taken = 0;
  for (const glyph of glyphsOf(text)) {
    taken += glyph.width;
    if (taken > width) return text.slice(0, glyph.start);
  }
  return text;
}
