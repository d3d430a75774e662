import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { openElf } from "../elf/index.js";
import { parseLdCache } from "./ld-cache.js";
import type { Machine } from "./machine.js";

/** Where programs and libraries are looked for. */
export interface Places {
  readonly machine: Machine;
  readonly workingDirectory: string;
  /** As in $PATH. */
  readonly path: string;
  readonly ldCache: string;
  /** For systems without a cache (musl), and for what is not in it. */
  readonly libraryFolders: readonly string[];
}

export function systemPlaces(machine: Machine): Places {
  const { triplet } = machine;
  return {
    machine,
    workingDirectory: process.cwd(),
    path: process.env.PATH ?? "",
    ldCache: "/etc/ld.so.cache",
    libraryFolders: [`/lib/${triplet}`, `/usr/lib/${triplet}`, "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"],
  };
}

/** What a name in a hook call means: a path, or the names that are near when there is no such file. */
export type FoundFile =
  | { readonly path: string }
  | { readonly missing: "path" | "library" | "program"; readonly candidates: readonly string[] };

/** "libssl", "libssl.so", "libssl.so.3": what the dynamic linker would look for, not what a shell would. */
export function isLibraryName(name: string): boolean {
  return /^lib[^/]*$/.test(name) || /\.so(?:\.[\w.]+)?$/.test(name);
}

/**
 * Finds the file a hook names: a path (anything with a "/"), a library by name ("libc", "libssl.so.3") as the dynamic
 * linker would, or a program as a shell would.
 */
export function findFile(name: string, places: Places): FoundFile {
  if (name.includes("/")) {
    const path = isAbsolute(name) ? name : resolve(places.workingDirectory, name);
    return existsSync(path) ? { path } : { missing: "path", candidates: [] };
  }
  if (isLibraryName(name)) {
    const library = findLibrary(name, places);
    const program = "path" in library ? undefined : findProgram(name, places);
    return program === undefined ? library : { path: program };
  }
  const program = findProgram(name, places);
  if (program !== undefined) return { path: program };
  const library = findLibrary(`lib${name}`, places);
  return { missing: "program", candidates: "path" in library ? [`lib${name}`] : [] };
}

function findProgram(name: string, places: Places): string | undefined {
  return places.path
    .split(delimiter)
    .map((folder) => resolve(places.workingDirectory, folder, name))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Without a version the newest is taken ("libssl": libssl.so.3 before libssl.so.1.1). Files for certain processors only
 * (glibc-hwcaps) are left out where there is another: which one a process has loaded depends on the machine.
 */
function findLibrary(name: string, places: Places): FoundFile {
  const all = [...cached(places), ...inFolders(name, places)];
  const wanted = /\.so\b/.test(name) ? name : `${name}.so`;
  const musl = new RegExp(`^${escapePattern(name)}\\.musl-\\w+\\.so\\.\\d+$`);
  const matching = all
    .filter((library) => library.name === wanted || library.name.startsWith(`${wanted}.`) || musl.test(library.name))
    .sort(
      (a, b) =>
        Number(b.name === name) - Number(a.name === name) ||
        compareVersions(b.name.slice(wanted.length), a.name.slice(wanted.length)) ||
        Number(a.isSpecial) - Number(b.isSpecial),
    );
  const path = matching.find((library) => isForMachine(library.path, places.machine))?.path ?? matching[0]?.path;
  if (path !== undefined) return { path };
  return { missing: "library", candidates: [...new Set(all.map((library) => library.name.replace(/\.so.*$/, "")))] };
}

interface Candidate {
  readonly name: string;
  readonly path: string;
  readonly isSpecial: boolean;
}

function cached({ ldCache, machine }: Places): readonly Candidate[] {
  try {
    return parseLdCache(readFileSync(ldCache)).filter(({ flags }) => flags === machine.cacheFlags);
  } catch {
    return []; // musl has none
  }
}

function inFolders(name: string, { libraryFolders }: Places): readonly Candidate[] {
  const stem = name.replace(/\.so.*$/, "");
  return libraryFolders.flatMap((folder) => {
    try {
      return readdirSync(folder)
        .filter((file) => file.startsWith(`${stem}.`))
        .map((file) => ({ name: file, path: join(folder, file), isSpecial: false }));
    } catch {
      return [];
    }
  });
}

/** Not so: libraries for other machines beside ours, and linker scripts (libc.so of a development package). */
function isForMachine(path: string, machine: Machine): boolean {
  try {
    const elf = openElf(path);
    elf.close();
    return elf.header.machine === machine.elfMachine && elf.header.bits === 64;
  } catch {
    return false;
  }
}

/** ".6" and ".10": by numbers. A name without a version, which is for the linker, comes last. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(".").filter((part) => part !== ""));
  if (left === undefined || right === undefined) return 0;
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [Number(left[i] ?? -1), Number(right[i] ?? -1)];
    if (x !== y) return x - y || 0;
  }
  return 0;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
