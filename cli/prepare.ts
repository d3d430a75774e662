import { type LoadedScript, loadScript } from "../compiler/capture/load.js";
import { type Compiled, compileScript } from "../compiler/passes/index.js";
import { type Diagnostic, DiagnosticError } from "../diagnostics/diagnostic.js";
import { checkScriptArguments } from "../dsl/options.js";
import type { OutputFormat } from "../dsl/output-format.js";
import { beginScript, type Script } from "../dsl/script.js";
import type { KernelInfo } from "../kernel/info.js";
import { nearestNames } from "../kernel/nearest.js";
import { readFilters } from "./filters.js";
import { allFlags, type NamedFlag, ownFlag } from "./flags.js";
import { watchHostFailure } from "./host-failure.js";
import { ownModuleUrls } from "./package.js";
import type { Stages } from "./stages.js";
import { requireWorkingDirectory } from "./working-directory.js";

/** A script whose module has run, or has come to wait for events. */
export interface LoadedProgram {
  readonly loaded: LoadedScript;
  readonly script: Script;
  /** Settles when the module has run to its end. */
  readonly evaluation: Promise<void>;
  /** Whether the module waits for events with `for await` at its top level. */
  readonly waits: boolean;
  /** Rejects with a DiagnosticError when the script's host code throws where nobody catches it. */
  readonly failure: Promise<never>;
}

export interface LoadInput {
  readonly path: string;
  /** The script's own arguments. */
  readonly rest: readonly string[];
  /** --format */
  readonly format?: OutputFormat | undefined;
  readonly stages: Stages;
  readonly signal: AbortSignal;
  /** Called before the module runs: its files are known, work on them can start. */
  readonly onLoaded?: (loaded: LoadedScript) => void;
}

/**
 * Bundles and runs a script, up to the point where everything is declared.
 */
export async function load({ path, rest, format, stages, signal, onLoaded }: LoadInput): Promise<LoadedProgram> {
  requireWorkingDirectory();
  const script = beginScript(rest, format);
  const waiting = new Promise<"waits">((resolve) => {
    script.onWaiting = () => resolve("waits");
  });
  const loaded = await loadScript(path, { resolveOwn: ownModuleUrls(), signal });
  stages.took("bundle", loaded.timings.read + loaded.timings.bundle);
  try {
    throwErrors(loaded.diagnostics);
    onLoaded?.(loaded);
    const start = performance.now();
    const failure = watchHostFailure().catch((error: unknown): never => {
      throw new DiagnosticError(loaded.describeError(error));
    });
    failure.catch(() => {});
    const evaluation = loaded.evaluate();
    const end = await Promise.race([evaluation, waiting, failure]);
    stages.took("evaluate", performance.now() - start);
    return { loaded, script, evaluation, waits: end === "waits", failure };
  } catch (error) {
    loaded.dispose();
    throw error;
  }
}

/** The compiled script, and the command that is to be run and traced. */
export interface CompiledScript extends Required<Compiled> {
  readonly command: string | undefined;
}

const isOfRun = (flag: NamedFlag | undefined): boolean => flag?.commands.includes("run") === true;

/** The script's kernel code as C. @throws DiagnosticError with everything that is wrong with it */
export async function compile({ loaded, script }: LoadedProgram, kernel: KernelInfo, stages: Stages): Promise<CompiledScript> {
  const { filters, command } = readFilters(script);
  // A mistyped flag behind the script's path may be meant for tsprobe too.
  checkScriptArguments(
    script,
    (wanted, known) => nearestNames(wanted, [...known, ...allFlags.filter(isOfRun).map(({ long }) => long)], 1),
    (flag) => isOfRun(ownFlag(flag)),
  );
  if (script.probes.length === 0) {
    const entry = loaded.files[0];
    throw new DiagnosticError({
      code: "TSP2301",
      failure: "language",
      severity: "error",
      message: "the script declares no probe",
      ...(entry === undefined ? {} : { span: { file: entry, start: 0, end: 0 } }),
      hints: ['declare one: export const states = tracepoint("sock:inet_sock_set_state", (ctx) => ({ port: ctx.sport }));'],
    });
  }
  script.sealed = true;
  const compiled = await stages.time("lower", () => compileScript({ script, captures: loaded.captures, kernel, filters }));
  throwErrors(compiled.diagnostics);
  return { ...(compiled as Required<Compiled>), command };
}

function throwErrors(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.some((diagnostic) => diagnostic.severity === "error")) throw new DiagnosticError(diagnostics);
}
