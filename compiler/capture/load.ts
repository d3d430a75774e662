import { fileURLToPath } from "node:url";
import { type Diagnostic, DiagnosticError } from "../../diagnostics/diagnostic.js";
import type { SourceFile } from "../../diagnostics/span.js";
import { Bundle } from "./bundle.js";
import { BundleFile } from "./evaluate.js";
import { missingExport } from "./export-missing.js";
import type { ParsedModule } from "./module.js";
import type { CaptureRecord } from "./record.js";
import { type ErrorContext, scriptErrorDiagnostics } from "./script-error.js";
import { readScript } from "./script-file.js";

export interface LoadOptions {
  /** What "tsprobe", "tsprobe/kernel" and "tsprobe/test" are in this process: specifier → file URL. */
  readonly resolveOwn: Readonly<Record<string, string>>;
  /** URL of the module with `markKernelFunction`; by default `capture.js` beside the module of "tsprobe". */
  readonly captureModule?: string;
  readonly signal?: AbortSignal;
}

/** Milliseconds. `parse` and `capture` are parts of `bundle`. */
export interface LoadTimings {
  readonly read: number;
  readonly parse: number;
  readonly capture: number;
  readonly bundle: number;
  /** Until the module ended or failed; undefined before. */
  readonly evaluate?: number;
}

/** A script, bundled and not yet run. */
export interface LoadedScript {
  /** Real path of the script. */
  readonly entry: string;
  /** The script and the local files it imports (without JSON and types), the script first. */
  readonly files: readonly SourceFile[];
  readonly captures: ReadonlyMap<string, CaptureRecord>;
  /** Errors and warnings about kernel functions; with an error among them the script should not be run. */
  readonly diagnostics: readonly Diagnostic[];
  readonly timings: LoadTimings;
  /**
   * Runs the script's module, once. Pending as long as the module is: for scripts with `for await` at top level, until the
   * stream ends. Rejects with the signal's reason when aborted.
   * @throws DiagnosticError when the script throws
   */
  evaluate(): Promise<void>;
  /** What the script's host code threw (in a callback, say), told at its place in the script. */
  describeError(error: unknown): readonly Diagnostic[];
  /** Removes what is left on disk; safe to call at any time. */
  dispose(): void;
}

/**
 * Bundles a script and captures its kernel functions.
 * @param path as the user gave it, relative to the working directory
 * @throws DiagnosticError for a missing file, syntax errors, and imports that lead nowhere
 */
export async function loadScript(path: string, options: LoadOptions): Promise<LoadedScript> {
  const { resolveOwn, signal } = options;
  const tsprobe = resolveOwn.tsprobe;
  if (tsprobe === undefined) throw new TypeError('loadScript: resolveOwn has no "tsprobe"');
  const captureUrl = options.captureModule ?? new URL("capture.js", tsprobe).href;
  signal?.throwIfAborted();
  const start = performance.now();
  const entry = await readScript(path);
  const read = performance.now() - start;
  signal?.throwIfAborted();
  const bundle = new Bundle(entry, resolveOwn, captureUrl);
  await bundle.build();
  signal?.throwIfAborted();
  return new Loaded(bundle, read, new URL("..", tsprobe), signal);
}

class Loaded implements LoadedScript {
  readonly entry: string;
  readonly files: readonly SourceFile[];
  readonly captures: ReadonlyMap<string, CaptureRecord>;
  readonly diagnostics: readonly Diagnostic[];
  timings: LoadTimings;
  readonly #bundle: Bundle;
  readonly #hidden: string;
  readonly #signal: AbortSignal | undefined;
  #file: BundleFile | undefined;

  constructor(bundle: Bundle, read: number, ownFolder: URL, signal: AbortSignal | undefined) {
    this.#bundle = bundle;
    this.#hidden = fileURLToPath(ownFolder);
    this.#signal = signal;
    this.entry = bundle.entry;
    this.files = bundle.files;
    this.captures = bundle.captures;
    this.diagnostics = bundle.diagnostics;
    this.timings = { read, ...bundle.timings };
  }

  async evaluate(): Promise<void> {
    if (this.#file !== undefined) throw new Error("evaluate: the script has been run already");
    const signal = this.#signal;
    signal?.throwIfAborted();
    const start = performance.now();
    const file = new BundleFile(this.entry, this.#bundle.code, this.#bundle.map ?? {});
    this.#file = file;
    let onAbort = (): void => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => {
        file.dispose();
        reject(signal?.reason);
      };
    });
    signal?.addEventListener("abort", onAbort);
    try {
      await Promise.race([file.run().catch((error: unknown) => this.#explain(error)), aborted]);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.timings = { ...this.timings, evaluate: performance.now() - start };
    }
  }

  describeError(error: unknown): readonly Diagnostic[] {
    const { map } = this.#bundle;
    const place = this.#file === undefined || map === undefined ? {} : { bundle: { path: this.#file.path, map } };
    const context: ErrorContext = { files: this.files, hidden: this.#hidden, ...place };
    return scriptErrorDiagnostics(error, context);
  }

  dispose(): void {
    this.#file?.dispose();
  }

  async #explain(error: unknown): Promise<never> {
    const modules = await Promise.all(this.files.map((file) => this.#bundle.moduleAt(file.path)));
    const link = await missingExport(
      error,
      modules.filter((module): module is ParsedModule => module !== undefined),
      this.#bundle,
    );
    throw new DiagnosticError(link === undefined ? this.describeError(error) : [link]);
  }
}
