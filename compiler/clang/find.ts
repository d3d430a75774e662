import { accessSync, constants, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";
import { type Diagnostic, DiagnosticError } from "../../diagnostics/diagnostic.js";
import type { ContentCache, Log } from "../cache/content-cache.js";
import { type InstallSystem, installHint, thisSystem } from "./install-hint.js";
import { OLDEST_CLANG, probeClang } from "./probe.js";

/** A clang that compiles BPF. `stamp` changes when the file does. */
export interface FoundClang {
  readonly path: string;
  /** "19.1.7" */
  readonly version: string;
  readonly stamp: string;
}

/** A folder that holds one LLVM installation per version, and what precedes the number in their names. */
export interface LlvmHome {
  readonly folder: string;
  readonly prefix: string;
}

const LLVM_HOMES: readonly LlvmHome[] = [
  { folder: "/usr/lib", prefix: "llvm-" }, // Debian
  { folder: "/usr/lib", prefix: "llvm" }, // Alpine
  { folder: "/usr/lib64", prefix: "llvm" }, // Fedora
  { folder: "/usr/lib/llvm", prefix: "" }, // Gentoo
];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function numberAfter(prefix: string, name: string): number | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const rest = name.slice(prefix.length);
  return /^\d+$/.test(rest) ? Number(rest) : undefined;
}

/** `clang` along PATH, then every numbered clang, the highest number first. Lazy: most starts need only the first. */
function* candidates(folders: readonly string[], homes: readonly LlvmHome[]): Generator<string> {
  for (const folder of folders) yield join(folder, "clang");
  const numbered: { path: string; number: number }[] = [];
  for (const folder of folders) {
    for (const name of listFolder(folder)) {
      const number = numberAfter("clang-", name);
      if (number !== undefined) numbered.push({ path: join(folder, name), number });
    }
  }
  for (const { folder, prefix } of homes) {
    for (const name of listFolder(folder)) {
      const number = numberAfter(prefix, name);
      if (number !== undefined) numbered.push({ path: join(folder, name, "bin", "clang"), number });
    }
  }
  // A stable sort: of equal numbers the one on PATH comes first.
  for (const { path } of numbered.sort((a, b) => b.number - a.number)) yield path;
}

/** The same program under several names is tried once; a wrapper (ccache) is a different compiler under each name. */
function identityOf(path: string): string {
  const real = realpathSync(path);
  return basename(real).startsWith("clang") ? real : path;
}

function searchFolders(env: NodeJS.ProcessEnv): string[] {
  // Relative entries of PATH mean whatever directory one happens to be in: not for a tool that often runs as root.
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  // /bin is /usr/bin on most systems, and listing it is most of what the search costs.
  return [...new Map(folders.map((folder) => [realFolder(folder), folder] as const).reverse()).values()].reverse();
}

function missing(rejected: readonly string[], install: string): Diagnostic {
  const tried = rejected.length === 0 ? [] : [`Tried, and not usable: ${rejected.join("; ")}`];
  return {
    code: "TSP1501",
    failure: "compiler-missing",
    severity: "error",
    message: rejected.length === 0 ? "no clang was found on this machine" : "no clang on this machine can compile BPF programs",
    hints: [install, ...tried, `Or name one (${OLDEST_CLANG} or newer) that is not on PATH: TSPROBE_CLANG=/path/to/clang`],
  };
}

async function findNamed(wanted: string, folders: readonly string[], verdicts: ContentCache): Promise<FoundClang> {
  const path = wanted.includes("/") ? resolve(wanted) : folders.map((folder) => join(folder, wanted)).find(isExecutable);
  let reason = "is not on PATH";
  if (path !== undefined) {
    const verdict = isExecutable(path)
      ? await probeClang(path, verdicts)
      : ({ usable: false, reason: "is not an executable file" } as const);
    if (verdict.usable) return { path, version: verdict.version, stamp: verdict.stamp };
    reason = verdict.reason;
  }
  throw new DiagnosticError({
    code: "TSP1502",
    failure: "compiler-missing",
    severity: "error",
    message: `the clang that was asked for cannot be used: ${path ?? wanted} ${reason}`,
    hints: [
      `Name a clang, ${OLDEST_CLANG} or newer, with the BPF target, or take the one that comes with tsprobe: --clang embedded`,
    ],
  });
}

export interface FindOptions {
  /** A path, or a name to be looked up on PATH. Nothing else is tried then. */
  readonly wanted?: string | undefined;
  readonly verdicts: ContentCache;
  readonly log: Log;
  /** The rest is for tests: else what this machine has. */
  readonly env?: NodeJS.ProcessEnv;
  readonly homes?: readonly LlvmHome[];
  readonly system?: InstallSystem;
}

/** A clang with the BPF target, the best there is, or why each that was tried is none. */
export async function searchClang(options: FindOptions): Promise<FoundClang | { readonly rejected: readonly string[] }> {
  const folders = searchFolders(options.env ?? process.env);
  const seen = new Set<string>();
  const rejected: string[] = [];
  for (const path of candidates(folders, options.homes ?? LLVM_HOMES)) {
    if (!isExecutable(path)) continue;
    const identity = identityOf(path);
    if (seen.has(identity)) continue;
    seen.add(identity);
    const verdict = await probeClang(path, options.verdicts);
    if (verdict.usable) return { path, version: verdict.version, stamp: verdict.stamp };
    options.log(`clang: ${path} ${verdict.reason}`);
    rejected.push(`${path} ${verdict.reason}`);
  }
  return { rejected };
}

/** Finds the clang that was asked for, or any. @throws DiagnosticError (TSP1501, TSP1502) with the way to get one. */
export async function findClang(options: FindOptions): Promise<FoundClang> {
  if (options.wanted) return findNamed(options.wanted, searchFolders(options.env ?? process.env), options.verdicts);
  const found = await searchClang(options);
  if ("path" in found) return found;
  throw new DiagnosticError(missing(found.rejected, installHint(options.system ?? thisSystem())));
}
