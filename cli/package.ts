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

function ownModules(kind: "default" | "types"): [specifier: string, path: string][] {
  return Object.entries(manifest().exports)
    .filter(([, target]) => typeof target === "object")
    .map(([key, target]) => [`tsprobe${key.slice(1)}`, join(packageRoot(), target[kind])]);
}

/** What scripts import from tsprobe, as modules of this process: they must share its state. */
export function ownModuleUrls(): Record<string, string> {
  return Object.fromEntries(ownModules("default").map(([specifier, path]) => [specifier, pathToFileURL(path).href]));
}

/** Their declaration files, for the type check. */
export function ownDeclarations(): Record<string, string> {
  return Object.fromEntries(ownModules("types"));
}
