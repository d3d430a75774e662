import { createHash } from "node:crypto";
import { lineSpan, lineStartsOf, type SourceFile } from "../../diagnostics/span.js";
import type { BpfCompiler, CSource } from "./compiler.js";

/** Bump when the meaning of a kept object changes without its C text, compiler or flags doing so. */
const OBJECT_FORMAT = 1;

const LINE_DIRECTIVE = /^\s*#\s*line\s+(\d+)\s+"((?:[^"\\]|\\.)*)"/;

/**
 * The script lines that #line directives lead to. LLVM copies their text into the object, where the verifier's log quotes it:
 * they are part of what the object depends on, while the rest of the script (callbacks, tables) is not.
 */
function quotedLines(source: CSource): string[] {
  const files = new Map<string, SourceFile>(source.files.map((file) => [file.path, file]));
  const quoted = new Set<string>();
  let file: SourceFile | undefined;
  let next = 0;
  for (const line of source.text.split("\n")) {
    const directive = LINE_DIRECTIVE.exec(line);
    if (directive !== null) {
      file = files.get((directive[2] as string).replace(/\\(.)/g, "$1"));
      next = Number(directive[1]);
      continue;
    }
    // Lines of C without a directive of their own count on, as clang counts them; empty ones make no code.
    if (file !== undefined && line.trim() !== "" && next <= lineStartsOf(file).length) {
      const { start, end } = lineSpan(file, next);
      quoted.add(`${file.path}:${next}:${file.text.slice(start, end)}`);
    }
    next++;
  }
  return [...quoted];
}

/** Everything an object's bytes depend on, as a cache key. */
export function objectKey(source: CSource, compiler: BpfCompiler): string {
  const hash = createHash("sha256");
  for (const part of [String(OBJECT_FORMAT), compiler.identity, source.text, ...quotedLines(source)]) {
    hash.update(`${Buffer.byteLength(part)}:`).update(part);
  }
  return hash.digest("hex");
}
