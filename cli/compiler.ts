import {
  anticipateCompile,
  type BpfCompiler,
  type CacheDirectory,
  type ContentCache,
  cacheDirectory,
  chooseCompiler,
  openObjectCache,
} from "../compiler/clang/index.js";
import type { OwnFlags } from "./flags.js";
import { createReporter } from "./reporter.js";

/** The compiler in use, with the cache for what it makes. */
export interface ReadyCompiler {
  readonly compiler: BpfCompiler;
  readonly directory: CacheDirectory;
  readonly cache: ContentCache;
}

let started: Promise<ReadyCompiler> | undefined;

async function start(script: string, own: OwnFlags): Promise<ReadyCompiler> {
  const log = createReporter(own).detail;
  const directory = cacheDirectory();
  if (directory.reason !== undefined) log(`cache in ${directory.path}: ${directory.reason}`);
  const cache = openObjectCache(directory, log);
  const compiler = await chooseCompiler({ cacheDir: directory, log, ...(own.clang === undefined ? {} : { wanted: own.clang }) });
  log(`compiler ${compiler.description}`);
  anticipateCompile({ compiler, cache, script });
  return { compiler, directory, cache };
}

/**
 * Chooses the compiler for a script and has it get ready, if that takes time. The first thing to be done by a command that
 * compiles: the embedded clang loads for as long as everything before the compile takes. Later calls give the same.
 */
export function startCompiler(script: string, own: OwnFlags): Promise<ReadyCompiler> {
  if (started === undefined) {
    started = start(script, own);
    started.catch(() => {}); // told when it is awaited, or not at all when something is wrong with the script
  }
  return started;
}
