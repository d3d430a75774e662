import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";

/** 2 GiB, as for a native clang (spawn.ts): a compile that wants more has gone astray. */
const MOST_MEMORY_PAGES = 32_768;

/** More threads gain little; each has some megabytes of memory of its own while it compiles. */
const MOST_THREADS = 4;

/**
 * Sets V8 up for a program that is large and runs once, briefly: baseline code only, since the optimising compiler would still
 * be at work when the result is there. The flags hold for the whole process, which is one reason why the module has a process
 * of its own. Set at run time, because an option that some version of Node does not know ends it when on the command line.
 */
export function tuneEngine(): void {
  setFlagsFromString("--liftoff-only");
  // What that implies on the command line only. Without them the baseline code counts how often it runs, in vain: a seventh more work.
  setFlagsFromString("--no-wasm-tier-up");
  setFlagsFromString("--no-wasm-dynamic-tiering");
  setFlagsFromString("--wasm-lazy-validation");
  setFlagsFromString(`--wasm-max-mem-pages=${MOST_MEMORY_PAGES}`);
  setFlagsFromString(`--wasm-num-compilation-tasks=${Math.min(availableParallelism(), MOST_THREADS)}`);
  // Node's WASI functions are "fast API calls", in which V8 may not collect garbage, but they allocate: see command.ts.
  setFlagsFromString("--no-turbo-fast-api-calls");
  // The module's "compilationHints" section says which functions a run calls: V8 11 and 12 (Node 20 and 22) compile those at once,
  // on all cores. Later ones do not know it any more: without lazy compilation V8 13 (Node 24) never gets done.
  const major = Number.parseInt(process.versions.v8, 10);
  if (major === 11 || major === 12) {
    setFlagsFromString("--experimental-wasm-compilation-hints");
    setFlagsFromString("--no-wasm-lazy-compilation");
  }
}
