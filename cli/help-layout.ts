/** Least room for the right column, however narrow the terminal. */
const LEAST_TEXT = 24;
/** Left texts longer than this stand on a line of their own. */
const WIDEST_LEFT = 32;
const INDENT = "  ";

/** Breaks a text at blanks into lines of at most `width` characters; a longer word stays whole. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Two columns, the right one wrapped. All lists of a page that share `leftWidth` line up. */
export function twoColumns(rows: readonly (readonly [string, string])[], width: number, leftWidth: number): string[] {
  const textWidth = Math.max(LEAST_TEXT, width - INDENT.length - leftWidth - 2);
  return rows.flatMap(([left, right]) => {
    const lines = wrapText(right, textWidth);
    const blank = INDENT + " ".repeat(leftWidth + 2);
    const indented = lines.map((line) => blank + line);
    if (left.length > leftWidth) return [INDENT + left, ...indented];
    return [`${INDENT}${left.padEnd(leftWidth)}  ${lines[0]}`, ...indented.slice(1)];
  });
}

/** Width of the left column that suits these texts. */
export function leftWidthOf(lefts: readonly string[]): number {
  return Math.max(0, ...lefts.map((left) => left.length).filter((length) => length <= WIDEST_LEFT));
}
