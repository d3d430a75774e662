import { spawn } from "node:child_process";
import type { CompilerEnd } from "./compiler.js";
import { OwnGroup } from "./own-group.js";

/** A compile takes 30 to 500 ms: one that takes this long hangs. */
const TIME_LIMIT_SECONDS = 60;

/**
 * Address space in KiB. clang 16 turns some bit-counting code into an endless loop that eats all memory (seen: 24 GB, ended by
 * the kernel's OOM killer), and this runs on production machines; an ordinary compile stays below 300 MiB.
 */
const MEMORY_LIMIT_KIB = 2 * 1024 * 1024;

/** More message text than this helps nobody. */
const MESSAGE_LIMIT = 1024 * 1024;

/** The subshell first tries the limit: some shells end when it is refused (a lower hard limit is already set: fine as well). */
const LIMITED_EXEC = `(ulimit -v ${MEMORY_LIMIT_KIB}) 2>/dev/null && ulimit -v ${MEMORY_LIMIT_KIB}; exec "$0" "$@"`;

/** Variables that change what clang does, where it looks or what it writes. */
const MEDDLING_VARIABLES = [
  "CCC_OVERRIDE_OPTIONS",
  "CCC_ADD_ARGS",
  "CPATH",
  "C_INCLUDE_PATH",
  "COMPILER_PATH",
  "SOURCE_DATE_EPOCH",
];

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeLimitSeconds?: number;
}

export interface ClangRun {
  readonly end: CompilerEnd;
  readonly stdout: Buffer;
  readonly stderr: string;
}

function clangEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !MEDDLING_VARIABLES.includes(name));
  // Distributions put defaults into configuration files (hardening flags that BPF does not know).
  return { ...Object.fromEntries(kept), CLANG_NO_DEFAULT_CONFIG: "1", NIX_HARDENING_ENABLE: "", LC_ALL: "C" };
}

/**
 * Runs a clang with `input` on its standard input, within limits of time and memory. Never rejects for what clang does;
 * rejects with the signal's reason when aborted.
 */
export function runClang(path: string, args: readonly string[], input: string, options: RunOptions = {}): Promise<ClangRun> {
  const { signal, timeLimitSeconds = TIME_LIMIT_SECONDS } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    // cwd: "/" always exists and keeps clang from looking at files that happen to lie around.
    // detached: a group of its own, so that what a wrapper has started ends with it.
    const options = { cwd: "/", env: clangEnvironment(process.env), detached: true };
    const child = spawn("/bin/sh", ["-c", LIMITED_EXEC, path, ...args], options);
    const group = new OwnGroup(child);
    const stdout: Buffer[] = [];
    let stderr = "";
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      group.kill();
    }, timeLimitSeconds * 1000);
    const abort = () => group.kill();
    signal?.addEventListener("abort", abort, { once: true });
    const finish = (end: CompilerEnd) => {
      clearTimeout(timer);
      group.forget();
      signal?.removeEventListener("abort", abort);
      if (signal?.aborted) reject(signal.reason);
      else resolve({ end, stdout: Buffer.concat(stdout), stderr });
    };
    child.on("error", (error) => finish({ kind: "not-started", reason: error.message }));
    // Without file descriptors for them (EMFILE) it has no pipes, whatever the types say.
    if (child.stdin === undefined) return;
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (chunk: string) => {
      if (stderr.length < MESSAGE_LIMIT) stderr += chunk;
    });
    // A compiler that ends before it has read everything breaks the pipe; its exit tells more than EPIPE.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.on("close", (code, killed) => {
      if (timedOut) finish({ kind: "timeout", seconds: timeLimitSeconds });
      else if (killed !== null) finish({ kind: "signal", signal: killed });
      // The shell's own exit codes for "cannot be executed" and "not found".
      else if (code === 126 || code === 127) finish({ kind: "not-started", reason: stderr.trim() });
      else finish({ kind: "exit", code: code ?? -1 });
    });
  });
}
