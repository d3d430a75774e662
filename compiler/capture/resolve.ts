import { existsSync, realpathSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ImportKind, PluginBuild } from "esbuild";
import { KERNEL_CODE_MODULES } from "../../dsl/surface.js";

/** Stands for the module with `markKernelFunction`; only the text this compiler inserts imports it. */
export const CAPTURE_SPECIFIER = "tsprobe:capture";

/** Stands for a module that describes the importing file, in place of its `import.meta`. */
export const META_SPECIFIER = "tsprobe:meta";

/** Where an import leads. */
export type ImportTarget =
  /** A module of tsprobe itself. `name` is the specifier: "tsprobe", "tsprobe/kernel". */
  | { readonly kind: "own"; readonly name: string; readonly url: string }
  /** A file that becomes part of the bundle. */
  | { readonly kind: "file"; readonly path: string }
  /** A package or a Node module, loaded by Node when the script runs. */
  | { readonly kind: "external"; readonly url: string }
  /** `obstacle`: what kept esbuild from looking, if it was more than that nothing is there. */
  | { readonly kind: "missing"; readonly obstacle?: string };

/** Set on our own resolve calls, so that the plugin lets esbuild answer them. */
export const ASK_ESBUILD = Symbol("ask esbuild");

/** Finds the targets of imports the way Node would, with esbuild's resolver, and remembers them. */
export class ImportResolver {
  readonly #build: PluginBuild;
  readonly #own: Readonly<Record<string, string>>;
  readonly #targets = new Map<string, Promise<ImportTarget>>();

  constructor(build: PluginBuild, own: Readonly<Record<string, string>>) {
    this.#build = build;
    this.#own = own;
  }

  /** @param importer absolute path of the importing file */
  resolve(importer: string, specifier: string, kind: ImportKind = "import-statement"): Promise<ImportTarget> {
    const key = `${kind === "require-call" ? "require" : "import"}\0${importer}\0${specifier}`;
    let target = this.#targets.get(key);
    if (target === undefined) {
      target = this.#find(importer, specifier, kind);
      this.#targets.set(key, target);
    }
    return target;
  }

  async #find(importer: string, specifier: string, kind: ImportKind): Promise<ImportTarget> {
    const own = this.#own[specifier];
    if (own !== undefined && KERNEL_CODE_MODULES.has(specifier)) return { kind: "file", path: fileURLToPath(own) };
    if (own !== undefined) return { kind: "own", name: specifier, url: own };
    if (specifier === "tsprobe" || /^tsprobe[:/]/.test(specifier)) return { kind: "missing" };
    if (isBuiltin(specifier)) return { kind: "external", url: specifier.startsWith("node:") ? specifier : `node:${specifier}` };
    if (specifier.startsWith("file:")) {
      const path = fileURLToPath(specifier);
      return existsSync(path) ? localTarget(path) : { kind: "missing" };
    }
    if (specifier.startsWith("data:")) return { kind: "external", url: specifier };
    if (/^[a-z][a-z+.-]+:/i.test(specifier)) return { kind: "missing" };
    const how = { kind, importer, resolveDir: dirname(importer), pluginData: ASK_ESBUILD };
    const there = isPath(specifier) ? fileAt(resolve(dirname(importer), specifier)) : undefined;
    if (there !== undefined) return localTarget(there);
    // Once the build has ended esbuild refuses to answer: then it was never asked for this import, which has no use at run time.
    const result = await this.#build.resolve(specifier, how).catch((error: Error) => ({ errors: [{ text: error.message }] }));
    if (result.errors.length > 0 || !("namespace" in result) || result.namespace !== "file") {
      const obstacle = result.errors.find(({ text }) => !text.startsWith("Could not resolve"))?.text;
      return obstacle === undefined ? { kind: "missing" } : { kind: "missing", obstacle };
    }
    return localTarget(result.path, isPath(specifier));
  }
}

/**
 * The real path of a file, if one is there. Asked for, esbuild reads that folder and all above it, each time: slower, and where a
 * folder above changes meanwhile, some file systems (9p) give up the reading.
 */
function fileAt(path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return statSync(real).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
}

function isPath(specifier: string): boolean {
  return /^(\.\.?(\/|$)|\/)/.test(specifier);
}

/**
 * Packages are left to Node, which knows CommonJS, native addons and conditions of their own imports; what Node
 * cannot load itself (a workspace package that is TypeScript) goes into the bundle like a file of the script.
 */
function localTarget(path: string, bundled = true): ImportTarget {
  const extension = extname(path);
  const nodeOnly = extension === ".cjs" || extension === ".node" || extension === ".wasm";
  const typescript = /^\.[mc]?tsx?$/.test(extension);
  if (!nodeOnly && (bundled || typescript || extension === ".json")) return { kind: "file", path };
  return { kind: "external", url: pathToFileURL(path).href };
}
