import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * A stack trace of tsprobe's own code, which is one file (load.ts), as places in the sources. The map is read only for this: a start
 * would be slower with it.
 * @param url of that file; its map lies beside it
 */
export function ownStack(stack: string, url: string): string {
  const path = fileURLToPath(url);
  if (!stack.includes(path)) return stack;
  let map: SourceMap;
  try {
    map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, "utf8")));
  } catch {
    return stack; // without it the places are those in the one file
  }
  return stack.replace(/(\/[^():]*):(\d+):(\d+)/g, (place, file: string, line: string, column: string) => {
    if (file !== path) return place;
    const found = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (!("originalSource" in found) || !found.originalSource) return place;
    return `${found.originalSource.replace(/^(\.\.\/)+/, "")}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}
