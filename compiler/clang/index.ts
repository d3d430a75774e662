import { performance } from "node:perf_hooks";
import { DiagnosticError } from "../../diagnostics/diagnostic.js";
import type { Program } from "../program.js";
import { ContentCache, type Log } from "./cache.js";
import type { CacheDirectory } from "./cache-dir.js";
import type { BpfCompiler } from "./compiler.js";
import { findClang } from "./find.js";
import { objectKey } from "./key.js";
import { explainFailure } from "./messages.js";
import { nativeCompiler } from "./native.js";
import { filesOf } from "./place.js";

export { ContentCache, type ContentCacheOptions, type Log } from "./cache.js";
export { type CacheDirectory, cacheDirectory } from "./cache-dir.js";
export type { BpfCompiler, CompileResult, CompilerEnd, CSource } from "./compiler.js";
export { findPlace } from "./place.js";

export interface ChooseOptions {
  /** A clang to use and no other, as a path or a name on PATH; else $TSPROBE_CLANG, else the best one found. */
  readonly wanted?: string;
  readonly cacheDir: CacheDirectory;
  /** For -v. */
  readonly log?: Log;
}

/**
 * The compiler to use. Cheap when asked before: what is known about each clang is kept, so nothing is started.
 * @throws DiagnosticError "compiler-missing" (TSP1501, TSP1502) with the command that installs one.
 */
export async function chooseCompiler(options: ChooseOptions): Promise<BpfCompiler> {
  const log = options.log ?? (() => {});
  const verdicts = new ContentCache({ directory: options.cacheDir.path, kind: "compilers", log, maxEntries: 50 });
  const wanted = options.wanted ?? process.env.TSPROBE_CLANG;
  return nativeCompiler(await findClang({ wanted, verdicts, log }));
}

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
  const { compiler, cache, signal, log = () => {} } = options;
  const start = performance.now();
  const source = { text: program.c, files: filesOf(program.statements) };
  const key = objectKey(source, compiler);
  const kept = cache?.read(key);
  if (kept !== undefined) {
    log(`object of ${kept.length} bytes from the cache, as compiled by ${compiler.description}`);
    return { object: new Uint8Array(kept), fromCache: true, ms: performance.now() - start };
  }
  const result = await compiler.compile(source, signal);
  if (!result.ok) throw new DiagnosticError(explainFailure(program, { ...result, compiler: compiler.description }));
  cache?.write(key, result.object);
  log(`object of ${result.object.length} bytes compiled by ${compiler.description} in ${result.ms.toFixed(0)} ms`);
  return { object: new Uint8Array(result.object), fromCache: false, ms: performance.now() - start };
}
