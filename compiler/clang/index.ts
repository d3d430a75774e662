import { performance } from "node:perf_hooks";
import { DiagnosticError } from "../../diagnostics/diagnostic.js";
import { ContentCache, type Log } from "../cache/content-cache.js";
import type { CacheDirectory } from "../cache/directory.js";
import type { Program } from "../program.js";
import type { BpfCompiler, CSource } from "./compiler.js";
import { expectCached, rememberCached } from "./forecast.js";
import { objectKey } from "./key.js";
import { explainFailure } from "./messages.js";
import { filesOf } from "./place.js";

export { ContentCache, type ContentCacheOptions, type Log } from "../cache/content-cache.js";
export { type CacheDirectory, cacheDirectory } from "../cache/directory.js";
export { type ChooseOptions, chooseCompiler } from "./choose.js";
export type { BpfCompiler, CompileResult, CompilerEnd, CSource } from "./compiler.js";
export { findPlace } from "./place.js";
export { tryCompiler } from "./try.js";

/** The cache that `compileProgram` takes objects from. */
export function openObjectCache(directory: CacheDirectory, log?: Log): ContentCache {
  return new ContentCache({ directory: directory.path, kind: "objects", ...(log === undefined ? {} : { log }) });
}

export interface CompileOptions {
  readonly compiler: BpfCompiler;
  /** Undefined: compile always, keep nothing. */
  readonly cache?: ContentCache | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For -v. */
  readonly log?: Log;
  /** The script's path: lets `anticipateCompile` of the next run know whether a compile is to be expected. */
  readonly script?: string | undefined;
  /** Leave the compiler running, if it runs (a hundred megabytes): the next compile then takes a tenth of the time. */
  readonly keepRunning?: boolean;
}

/**
 * Starts the compiler before the C is known, if it takes time to get ready and the script's object is probably not in the cache.
 * Call it first of all; `compileProgram` then finds it ready, and stops it.
 */
export function anticipateCompile({ compiler, cache, script }: Pick<CompileOptions, "compiler" | "cache" | "script">): void {
  if (compiler.start === undefined) return;
  if (cache !== undefined && script !== undefined && expectCached(cache, script, compiler)) return;
  compiler.start();
}

export interface CompiledProgram {
  /** A BPF ELF object, in memory of its own (libbpf gets its address). */
  readonly object: Uint8Array;
  readonly fromCache: boolean;
  /** Wall time, including the look into the cache. */
  readonly ms: number;
}

/**
 * C text to BPF object, from the cache when the same text went through the same compiler before.
 * @throws DiagnosticError "compiler" (TSP5xxx), in the words of the script; the signal's reason when aborted.
 */
export async function compileProgram(program: Program, options: CompileOptions): Promise<CompiledProgram> {
  try {
    return await compileOrRead(program, options);
  } finally {
    // Not awaited: it may have something left to write, and nobody needs to wait for that.
    if (!options.keepRunning) void options.compiler.stop?.();
  }
}

async function compileOrRead(program: Program, options: CompileOptions): Promise<CompiledProgram> {
  const { compiler, cache, signal, script, log = () => {} } = options;
  const start = performance.now();
  const source = { text: program.c, files: filesOf(program.statements) };
  const key = objectKey(source, compiler);
  const kept = cache?.read(key);
  const object = new Uint8Array(kept ?? (await compileSource(program, source, compiler, signal)));
  const ms = performance.now() - start;
  if (kept === undefined) {
    cache?.write(key, object);
    log(`object of ${object.length} bytes compiled by ${compiler.description} in ${ms.toFixed(0)} ms`);
  } else log(`object of ${object.length} bytes from the cache, as compiled by ${compiler.description}`);
  if (cache !== undefined && script !== undefined && compiler.start !== undefined) rememberCached(cache, script, compiler);
  return { object, fromCache: kept !== undefined, ms };
}

async function compileSource(
  program: Program,
  source: CSource,
  compiler: BpfCompiler,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const result = await compiler.compile(source, signal);
  if (!result.ok) throw new DiagnosticError(explainFailure(program, { ...result, compiler: compiler.description }));
  return result.object;
}
