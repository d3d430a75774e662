import { readdir } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { SourceFile, Span } from "../../diagnostics/span.js";
import { nearestNames } from "../../kernel/nearest.js";
import type { ParsedModule } from "./module.js";
import { childrenOf, type Node } from "./node.js";

/**
 * Says that an import leads nowhere.
 * @param own tsprobe's modules
 * @param obstacle what kept the bundler from looking, in its words
 */
export async function missingImport(
  file: SourceFile,
  module: ParsedModule | undefined,
  specifier: string,
  own: readonly string[],
  obstacle?: string,
): Promise<Diagnostic> {
  const span = module && sourceSpan(module, specifier);
  // Of a folder it names the path from somewhere else.
  const closed = obstacle && /^Cannot read directory ".*": (.*)$/.exec(obstacle)?.[1];
  const hint =
    obstacle === undefined
      ? await hintFor(dirname(file.path), specifier, own)
      : closed && `its folder must be readable: chmod +rx ${dirname(resolve(dirname(file.path), specifier))}`;
  return {
    code: "TSP2004",
    failure: "name",
    severity: "error",
    message: closed
      ? `cannot look for "${specifier}": its folder could not be read: ${closed}`
      : `cannot find "${specifier}"${obstacle === undefined ? "" : `: ${obstacle}`}`,
    ...(span === undefined ? {} : { span }),
    ...(hint === undefined ? {} : { hints: [hint] }),
  };
}

async function hintFor(directory: string, specifier: string, own: readonly string[]): Promise<string | undefined> {
  const modules = own.map((name) => `"${name}"`).join(", ");
  if (specifier.startsWith("tsprobe/") || specifier.startsWith("tsprobe:")) return `the modules of tsprobe are ${modules}`;
  if (/^(\.|\/|file:)/.test(specifier)) {
    if (specifier.startsWith("file:")) return undefined;
    const names = await readdir(dirname(resolve(directory, specifier))).catch(() => []);
    const [near] = nearestNames(basename(specifier), names, 1);
    return near === undefined ? undefined : `did you mean "${specifier.slice(0, -basename(specifier).length)}${near}"?`;
  }
  const [near] = nearestNames(specifier, own, 1);
  if (near !== undefined) return `did you mean "${near}"?`;
  if (/^[a-z][a-z+.-]*:/i.test(specifier) || specifier.startsWith("#")) return undefined;
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  return `install it beside the script: npm install ${name}`;
}

/** The place of a specifier's text in import and export declarations, or in import(…). */
export function sourceSpan(module: ParsedModule, specifier: string): Span | undefined {
  const search = (node: Node): Node | undefined => {
    const source = node.source as Node | null | undefined;
    if (source?.type === "Literal" && source.value === specifier) return source;
    for (const child of childrenOf(node)) {
      const found = search(child);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const found = search(module.program);
  return found && { file: module.file, start: found.start, end: found.end };
}
