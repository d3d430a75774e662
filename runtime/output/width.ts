/** First and last code points that terminals draw two columns wide: East Asian Wide and Fullwidth (Unicode UAX #11), in order. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x3247],
  [0x3250, 0x4dbf],
  [0x4e00, 0xa4c6],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6b],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18d7f],
  [0x1aff0, 0x1b2fb],
  [0x20000, 0x3fffd],
];

const EMOJI = /^\p{Emoji_Presentation}$/u;
/** Drawn over the character before: combining marks, joiners and other format characters, the vowels of Hangul syllables. */
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u;

/** Columns one character (code point) takes on a terminal: 0, 1 or 2. */
function characterWidth(character: string): number {
  const code = character.codePointAt(0) as number;
  if (code < 0x300) return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.some(([first, last]) => code >= first && code <= last) || EMOJI.test(character) ? 2 : 1;
}

/** Below U+0300 every character takes one column (terminals draw the soft hyphen too): the usual case needs no table. */
function isSimple(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x300) return false;
  return true;
}

/** Columns a text takes on a terminal. The text must hold no control characters (see visibleText). */
export function displayWidth(text: string): number {
  if (isSimple(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The longest beginning of a text that takes at most `width` columns. */
export function cutToWidth(text: string, width: number): string {
  if (isSimple(text)) return text.slice(0, width);
  let taken = 0;
  let end = 0;
  for (const character of text) {
    taken += characterWidth(character);
    if (taken > width) break;
    end += character.length;
  }
  return text.slice(0, end);
}
