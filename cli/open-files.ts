import { readdirSync } from "node:fs";
import { softLimit } from "../compiler/clang/wasm/limits.js";
import { DiagnosticError } from "../diagnostics/diagnostic.js";

/** What a run opens at once besides what is open when it starts: pipes to the bundler, the type check and clang; modules; maps, programs. */
const NEEDED = 12;

/**
 * With too few file descriptors the processes that tsprobe starts cannot be started, of which one, the bundler, tells nobody but by an
 * event that ends this process.
 * @throws DiagnosticError that names the limit
 */
export function requireOpenFiles(): void {
  const limit = softLimit("Max open files");
  if (limit === undefined || limit - openFiles() >= NEEDED) return;
  throw new DiagnosticError({
    code: "TSP1004",
    failure: "usage",
    severity: "error",
    message: `no more than ${limit} files may be open at once (ulimit -n), which is too few for tsprobe`,
    hints: ["raise the limit: ulimit -n 1024"],
  });
}

function openFiles(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    // None is left to read this with.
    return Number.POSITIVE_INFINITY;
  }
}
