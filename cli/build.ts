import { compileProgram } from "../compiler/clang/index.js";
import type { Compiled } from "../compiler/passes/index.js";
import { type Diagnostic, DiagnosticError } from "../diagnostics/diagnostic.js";
import { type KernelInfo, openKernel } from "../kernel/info.js";
import { tryAbilities } from "../runtime/probing/abilities.js";
import { checkTypes } from "./check-types.js";
import { startCompiler } from "./compiler.js";
import type { OwnFlags } from "./flags.js";
import type { KeepCode } from "./load.js";
import { type CompiledScript, compile, type LoadedProgram, load } from "./prepare.js";
import type { Reporter } from "./reporter.js";
import type { Stages } from "./stages.js";

/** An object comes from the cache in less. */
const CLANG_HAS_BEGUN_MS = 8;

/** A script ready to be loaded into the kernel. */
export interface Built extends LoadedProgram {
  readonly compiled: CompiledScript;
  readonly object: Uint8Array;
}

export interface BuildInput {
  readonly path: string;
  readonly rest: readonly string[];
  readonly own: OwnFlags;
  readonly reporter: Reporter;
  readonly stages: Stages;
  readonly signal: AbortSignal;
  readonly keepCode: KeepCode;
  readonly kernel?: KernelInfo;
}

/**
 * From a script's path to a BPF object: bundle, run the module, lower, compile; tsc runs beside all of it.
 * What is wrong with kernel code is told first, since type errors often only follow from it.
 * @throws DiagnosticError with what is wrong with the script or missing on this machine
 */
export async function build(input: BuildInput): Promise<Built> {
  const { path, rest, own, reporter, stages, signal, kernel = openKernel(tryAbilities) } = input;
  let types: Promise<readonly Diagnostic[]> = Promise.resolve([]);
  const aborter = new AbortController();
  const abort = AbortSignal.any([signal, aborter.signal]);
  const onLoaded = (loaded: LoadedProgram["loaded"]): void => {
    if (!own.check) return;
    types = checkTypes(loaded, kernel, stages, abort);
    types.catch(() => {}); // told when it is awaited, or not at all when something else went wrong first
  };
  const program = await load({ path, rest, format: own.format, stages, signal, onLoaded });
  try {
    const compiled = await compile(program, kernel, stages);
    for (const note of compiled.notes) reporter.detail(note);
    const checked = types.then((found) => {
      if (found.some((diagnostic) => diagnostic.severity === "error")) throw new DiagnosticError(found);
    });
    const both = Promise.all([compileObject({ ...input, signal: abort }, compiled), checked]);
    const [object] = await Promise.race([both, program.failure]);
    return { ...program, compiled, object };
  } catch (error) {
    aborter.abort();
    program.loaded.dispose();
    throw error;
  }
}

async function compileObject(
  { path: script, own, reporter, stages, signal, keepCode }: BuildInput,
  compiled: Required<Compiled>,
): Promise<Uint8Array> {
  const log = reporter.detail;
  const start = performance.now();
  const { compiler, cache } = await startCompiler(script, own);
  // While clang works, this process has nothing to do; and a new program may have used parts of tsprobe that no run before has.
  const waiting = setTimeout(keepCode, CLANG_HAS_BEGUN_MS, true);
  const compiling = compileProgram(compiled.program, { compiler, cache, script, signal, log });
  const { object, fromCache } = await compiling.finally(() => clearTimeout(waiting));
  stages.took("compile", performance.now() - start, fromCache ? " (object from the cache)" : "");
  return object;
}
