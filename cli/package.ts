import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The folder of the installed package: the nearest one above this file with a package.json. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as Manifest;
}

export function version(): string {
  return manifest().version;
}

/** Specifier and path within the package of each module that scripts import: "tsprobe/kernel", "dist/dsl/kernel/index.js". */
function ownModules(): [specifier: string, path: string][] {
  return Object.entries(manifest().exports)
    .filter(([, target]) => typeof target === "object")
    .map(([key, target]) => [`tsprobe${key.slice(1)}`, target.default]);
}

/** What scripts import from tsprobe, as modules of this process: they must share its state. */
export function ownModuleUrls(): Record<string, string> {
  return Object.fromEntries(ownModules().map(([specifier, path]) => [specifier, pathToFileURL(join(packageRoot(), path)).href]));
}

/**
 * Their declaration files for the type check of a run. Not those that editors see: these hold a snapshot of a kernel's
 * types, where a run has those of its own kernel.
 */
export function ownDeclarations(): Record<string, string> {
  const declaration = (path: string) => join(packageRoot(), path.replace("dist/", "dist/types/").replace(/\.js$/, ".d.ts"));
  return Object.fromEntries(ownModules().map(([specifier, path]) => [specifier, declaration(path)]));
}
