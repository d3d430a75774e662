import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../kernel/package-root.js";

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
