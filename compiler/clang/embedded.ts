import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Log } from "../cache/content-cache.js";
import type { CacheDirectory } from "../cache/directory.js";
import type { BpfCompiler, CompileResult, CompilerEnd, CSource } from "./compiler.js";
import { cc1Arguments } from "./flags.js";
import { isBpfObject } from "./object.js";
import { type ClangArtifact, hostProgram } from "./wasm/artifact.js";
import { withMemoryLimit } from "./wasm/limits.js";
import { type HostEnd, HostProcess } from "./wasm/process.js";
import type { HostReply } from "./wasm/protocol.js";

/** A compile takes 30 to 500 ms, loading the module as much again: one that takes this long hangs. */
const TIME_LIMIT_SECONDS = 60;

export interface EmbeddedOptions {
  readonly artifact: ClangArtifact;
  /** Where the unpacked module is kept. */
  readonly cacheDir: CacheDirectory;
  readonly log?: Log;
  /** Bundled host.ts, if not the build's: for tests. */
  readonly host?: string;
  readonly timeLimitSeconds?: number;
}

/**
 * clang in WebAssembly, in a process of its own: V8's flags hold for a whole process, its memory goes back to the system when the
 * process ends, and nothing of it can block or crash tsprobe. `start` early: loading takes longer than compiling.
 */
class EmbeddedCompiler implements BpfCompiler {
  readonly kind = "embedded";
  readonly description: string;
  readonly identity: string;
  readonly #options: EmbeddedOptions;
  readonly #args = cc1Arguments();
  #process: HostProcess | undefined;
  /** Compiles that were asked for wait for each other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EmbeddedOptions) {
    const { version, sha256 } = options.artifact;
    this.#options = options;
    this.description = `clang ${version} (embedded)`;
    this.identity = ["embedded", sha256, ...this.#args].join("\n");
  }

  start(): void {
    this.#running();
  }

  async stop(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    await process?.stop();
  }

  compile(source: CSource, signal?: AbortSignal): Promise<CompileResult> {
    const result = this.#last.then(() => this.#compile(source, signal));
    this.#last = result.catch(() => {});
    return result;
  }

  #running(): HostProcess {
    if (this.#process === undefined || this.#process.ended) {
      const { artifact, cacheDir, host = hostProgram(), log } = this.#options;
      const setup = { packed: artifact.path, sha256: artifact.sha256, folder: join(cacheDir.path, "clang") };
      this.#process = new HostProcess(host, setup, (note) => log?.(`embedded clang: ${note}`));
    }
    return this.#process;
  }

  async #compile(source: CSource, signal: AbortSignal | undefined): Promise<CompileResult> {
    const start = performance.now();
    const request = {
      args: ["clang", ...this.#args],
      input: Buffer.from(source.text, "utf8"),
      directories: [...new Set(source.files.map((file) => dirname(file.path)))],
    };
    const reply = await this.#running().request(request, this.#options.timeLimitSeconds ?? TIME_LIMIT_SECONDS, signal);
    return { ...resultOf(reply), ms: performance.now() - start };
  }
}

type Outcome =
  | { readonly ok: true; readonly object: Uint8Array }
  | { readonly ok: false; readonly end: CompilerEnd; readonly output: string };

/** As a native clang would have ended, so that one set of explanations (messages.ts) serves both. */
function resultOf(reply: HostReply | HostEnd): Outcome {
  switch (reply.kind) {
    case "timeout":
      return { ok: false, end: reply, output: "" };
    case "signal":
      return { ok: false, end: { kind: "signal", signal: reply.signal }, output: reply.stderr };
    case "not-started":
    case "failed":
      return { ok: false, end: { kind: "not-started", reason: withMemoryLimit(reply.reason) }, output: "" };
    case "ended":
      break;
  }
  const { end, stdout, stderr } = reply;
  switch (end.kind) {
    case "stack":
      return { ok: false, end: { kind: "exit", code: 1 }, output: `${stderr}error: stack exhausted\n` };
    case "trap":
      return { ok: false, end: { kind: "signal", signal: end.reason }, output: stderr };
    case "exit":
      if (end.code !== 0) return { ok: false, end, output: stderr };
      if (isBpfObject(stdout)) return { ok: true, object: stdout };
      return { ok: false, end, output: `${stderr}error: the output (${stdout.length} bytes) is not a BPF object\n` };
  }
}

/** The compiler that comes with the package. */
export function embeddedCompiler(options: EmbeddedOptions): BpfCompiler {
  return new EmbeddedCompiler(options);
}
