/** As deep as the native parser reads without reaching the end of its stack, which ends the process: it took 3,000 levels of `if`, and not 5,000. */
const MOST_BRACKETS = 3000;

/**
 * Where brackets stand in more brackets than the parser can take, or undefined. Those in texts and comments are counted as well: thousands
 * of them that nothing closes stand in no script.
 */
export function tooDeepBracket(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === "{" || letter === "(" || letter === "[") {
      if (++depth > MOST_BRACKETS) return at;
    } else if (letter === "}" || letter === ")" || letter === "]") depth = Math.max(0, depth - 1);
  }
  return undefined;
}
