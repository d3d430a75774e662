import { existsSync } from "node:fs";
import { builtinModules, createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { SourceFile } from "../../diagnostics/span.js";

/** The `@types` folder that has Node's types: the script's project first, then tsprobe's own installation. */
export function findNodeTypes(entry: string): string | undefined {
  for (let folder = dirname(entry); ; folder = dirname(folder)) {
    const types = join(folder, "node_modules", "@types");
    if (existsSync(join(types, "node", "package.json"))) return types;
    if (folder === dirname(folder)) break;
  }
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve("@types/node/package.json")));
  } catch {
    return undefined;
  }
}

/** Names that Node and the web declare and that scripts commonly use. A name that is missing here costs a second check, no more. */
const HOST_NAMES =
  /\b(process|console|Buffer|global|globalThis|require|import\.meta|set(Timeout|Interval|Immediate)|clear(Timeout|Interval|Immediate)|queueMicrotask|structuredClone|performance|crypto|fetch|URL|AbortController|AbortSignal|Text(En|De)coder|WebAssembly)\b/;
/** Of an import or export statement, which has no quotes before "from": a field or a string of that name is something else. */
const FOREIGN_IMPORT = /\b(?:import|export)\b[^"'`;]*\bfrom\s*["'](?!\.{1,2}\/|tsprobe["'/])|\bimport\s*\(|\bimport\s*["']/;

/** Whether the files seem to use nothing but the language, tsprobe and each other. No files known: they may use anything. */
export function usesNoHost(files: readonly SourceFile[]): boolean {
  return files.length > 0 && files.every(({ text }) => !HOST_NAMES.test(text) && !FOREIGN_IMPORT.test(text));
}

/**
 * Stands in for Node's types where there are none, so that a script without them is not full of false errors:
 * the globals that browsers have too come from TypeScript's "dom" library, Node's own are untyped.
 */
export function untypedNode(): string {
  const modules = builtinModules.filter((name) => !name.startsWith("_"));
  return [
    "declare const process: any, Buffer: any, global: any, require: any;",
    "declare function setImmediate(callback: (...args: any[]) => void, ...args: any[]): any;",
    "declare function clearImmediate(immediate: any): void;",
    'declare module "node:*";',
    ...modules.map((name) => `declare module ${JSON.stringify(name)};`),
    "interface ImportMeta { readonly url: string; readonly dirname: string; readonly filename: string; resolve(specifier: string): string }",
    "",
  ].join("\n");
}
