import { dirname, sep } from "node:path";
import { type Diagnostic, DiagnosticError } from "../../diagnostics/diagnostic.js";
import type { SourceFile } from "../../diagnostics/span.js";
import { diagnose } from "./diagnose.js";
import type { ExtraDeclarations } from "./extra-declarations.js";
import { findTypeScript, type TypeScriptCompiler } from "./find-tsc.js";
import { parseTscOutput } from "./messages.js";
import { findNodeTypes, usesNoHost } from "./node-types.js";
import { compilerOptions, Project, type ProjectSettings } from "./project.js";
import { runTsc } from "./run-tsc.js";
import { VerdictCache } from "./verdict-cache.js";

export interface TypecheckInput {
  /** Absolute path of the script. */
  readonly entry: string;
  /** Files already read: errors point into these objects. Others are read when an error lies in them. */
  readonly files: readonly SourceFile[];
  /** Declaration files of tsprobe's modules: "tsprobe" → path. */
  readonly own: Readonly<Record<string, string>>;
  /** A further declaration file, such as this kernel's tracepoints. */
  readonly extraDeclarations: ExtraDeclarations;
  /** Where verdicts are kept; made if it does not exist. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
}

export interface TypecheckResult {
  readonly diagnostics: readonly Diagnostic[];
  /** The verdict is an earlier run's; tsc was not started. */
  readonly cached: boolean;
  /** Milliseconds. */
  readonly ms: number;
}

/**
 * Checks a script's types with `tsc`, in a process of its own.
 * @throws DiagnosticError if tsc cannot be run; the signal's reason if aborted
 */
export async function typecheck(input: TypecheckInput): Promise<TypecheckResult> {
  const start = performance.now();
  const { entry, files, own, extraDeclarations, signal } = input;
  signal?.throwIfAborted();
  const compiler = findTypeScript();
  if (compiler === undefined) throw missingTypeScript();
  const settings: ProjectSettings = { entry, own, extraDeclarations, nodeTypes: findNodeTypes(entry), bare: usesNoHost(files) };
  let verdict = await judge(compiler, settings, input);
  // Perhaps only Node's types were missing: what the user gets to read comes from the whole check.
  if (settings.bare && verdict.errors.length > 0) verdict = await judge(compiler, { ...settings, bare: false }, input);
  const ownFolders = Object.values(own).map((file) => `${dirname(file)}${sep}`);
  const isForeign = (path: string): boolean =>
    !files.some((file) => file.path === path) &&
    (path.includes(`${sep}node_modules${sep}`) || ownFolders.some((folder) => path.startsWith(folder)));
  return { diagnostics: diagnose(verdict.errors, files, isForeign), cached: verdict.cached, ms: performance.now() - start };
}

type Errors = ReturnType<typeof parseTscOutput>["errors"];

/** The errors of one check, from the cache when nothing has changed. */
async function judge(
  compiler: TypeScriptCompiler,
  settings: ProjectSettings,
  { cacheDir, signal }: TypecheckInput,
): Promise<{ errors: Errors; cached: boolean }> {
  const decisive = [compiler.version, settings.entry, compilerOptions(settings), settings.extraDeclarations.identity];
  const cache = new VerdictCache(cacheDir, settings.bare ? "typecheck-bare" : "typecheck", settings.entry, decisive);
  const verdict = await cache.read();
  signal?.throwIfAborted();
  return { errors: verdict ?? (await check(compiler, settings, cache, signal)), cached: verdict !== undefined };
}

async function check(
  compiler: TypeScriptCompiler,
  settings: ProjectSettings,
  cache: VerdictCache,
  signal: AbortSignal | undefined,
): Promise<Errors> {
  const project = new Project(settings);
  try {
    // Times of files have fractions; within a millisecond tsc has not read anything yet.
    const started = Date.now() + 1;
    const output = parseTscOutput(await runTsc(compiler, project, signal), project.folder);
    const unchanging = [project.folder, ...compiler.folders].map((folder) => `${folder}${sep}`);
    const inputs = output.files.filter((path) => !unchanging.some((folder) => path.startsWith(folder)));
    // Errors in our generated files have no place that outlives the run.
    const errors = output.errors.map((error) =>
      error.path?.startsWith(`${project.folder}${sep}`) ? { ...error, path: undefined } : error,
    );
    await cache.write(errors, inputs, started);
    return errors;
  } finally {
    project.dispose();
  }
}

function missingTypeScript(): DiagnosticError {
  return new DiagnosticError({
    code: "TSP4003",
    failure: "internal",
    severity: "error",
    message: 'the package "typescript", which tsprobe depends on, is not installed',
    hints: ["npm install", "--no-check runs the script without the type check"],
  });
}
