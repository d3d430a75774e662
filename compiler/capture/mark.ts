import { pathToFileURL } from "node:url";
import MagicString, { type SourceMap } from "magic-string";
import type { ParsedModule } from "./module.js";
import type { Node } from "./node.js";
import type { CaptureRecord } from "./record.js";
import { CAPTURE_SPECIFIER, META_SPECIFIER } from "./resolve.js";

/** A file as the bundler gets it. */
export interface MarkedSource {
  readonly text: string;
  readonly map: SourceMap;
}

/**
 * Puts `markKernelFunction(…, id, thunks)` around each kernel function. The thunks also keep imports alive that are
 * used in kernel code only. `import.meta` becomes an object that describes the original file, not the bundle.
 * Imports are added at the end of the file (they hoist), so that no line moves.
 */
export function markSource(module: ParsedModule, captures: readonly CaptureRecord[]): MarkedSource | undefined {
  const { file, analysis } = module;
  if (captures.length === 0 && analysis.metaProperties.length === 0) return undefined;
  const text = new MagicString(file.text);
  if (captures.length > 0) {
    const mark = freshName("__tsprobeMark", file.text);
    for (const capture of captures) {
      const { start, end } = capture.node as unknown as Node;
      text.appendLeft(start, `${mark}(`);
      text.appendRight(end, `, ${JSON.stringify(capture.id)}, ${thunks(capture)})`);
    }
    text.append(`\nimport { markKernelFunction as ${mark} } from ${JSON.stringify(CAPTURE_SPECIFIER)};`);
  }
  if (analysis.metaProperties.length > 0) {
    const meta = freshName("__tsprobeMeta", file.text);
    for (const { start, end } of analysis.metaProperties) text.overwrite(start, end, meta);
    text.append(`\nimport ${meta} from ${JSON.stringify(META_SPECIFIER)};`);
  }
  // Sources of a map are URLs: "?" in a file's name would begin a query.
  return {
    text: text.toString(),
    map: text.generateMap({ source: pathToFileURL(file.path).href, hires: "boundary", includeContent: false }),
  };
}

function thunks(capture: CaptureRecord): string {
  const readable = capture.free.filter(({ kind }) => kind !== "global");
  return `{ ${readable.map(({ name }) => `[${JSON.stringify(name)}]: () => ${name}`).join(", ")} }`;
}

function freshName(name: string, text: string): string {
  let fresh = name;
  while (text.includes(fresh)) fresh += "_";
  return fresh;
}

/** The module behind `import.meta` of one file. */
export function metaModule(url: string, path: string, directory: string): string {
  return `import { createRequire, isBuiltin } from "node:module";
import { pathToFileURL } from "node:url";
const url = ${JSON.stringify(url)};
function resolve(specifier) {
  if (/^(\\.\\.?\\/|\\/|[a-z][a-z+.-]+:)/i.test(specifier)) return new URL(specifier, url).href;
  if (isBuiltin(specifier)) return "node:" + specifier;
  return pathToFileURL(createRequire(url).resolve(specifier)).href;
}
export default { __proto__: null, dirname: ${JSON.stringify(directory)}, filename: ${JSON.stringify(path)}, resolve, url };
`;
}

/** A module that requires another one from the importing file's place, as CommonJS code in a script's local files does. */
export function requireModule(importerUrl: string, wanted: string): string {
  const from = `process.getBuiltinModule("module").createRequire(${JSON.stringify(importerUrl)})`;
  return `module.exports = ${from}(${JSON.stringify(wanted)});`;
}
