/**
 * Reads one JSON line without losing digits: integers that a double cannot hold become bigint. JSON.parse alone would
 * round a kernel address.
 */
export function readExactJson(line: string): unknown {
  const marked = line.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) => {
    if (/[".eE]/.test(token) || Number.isSafeInteger(Number(token))) return token;
    return `"${bigintMark}${token}"`;
  });
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith(bigintMark) ? BigInt(value.slice(bigintMark.length)) : value,
  );
}

/** A private-use character: no text that a kernel reports begins with it. */
const bigintMark = "\uE000";

/** Reads newline-delimited JSON; a last line without its newline is an error, for it may have been cut. */
export function readJsonLines(text: string): unknown[] {
  if (text !== "" && !text.endsWith("\n")) throw new Error(`the last line is not ended: ${text.slice(-200)}`);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => readExactJson(line));
}
