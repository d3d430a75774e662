import { performance } from "node:perf_hooks";
import type { BpfCompiler, CompileResult, CSource } from "./compiler.js";
import type { FoundClang } from "./find.js";
import { driverArguments } from "./flags.js";
import { isBpfObject } from "./object.js";
import { runClang } from "./spawn.js";

/** The compiler that runs a clang of this machine, as a child process: no temporary files, object and messages through pipes. */
export function nativeCompiler(clang: FoundClang): BpfCompiler {
  const args = driverArguments("object");
  return {
    kind: "native",
    description: `clang ${clang.version} (${clang.path})`,
    identity: ["native", clang.path, clang.version, clang.stamp, ...args].join("\n"),
    async compile(source: CSource, signal?: AbortSignal): Promise<CompileResult> {
      const start = performance.now();
      const run = await runClang(clang.path, args, source.text, { signal });
      const ms = performance.now() - start;
      if (run.end.kind !== "exit" || run.end.code !== 0) return { ok: false, end: run.end, output: run.stderr, ms };
      if (!isBpfObject(run.stdout)) {
        return {
          ok: false,
          end: run.end,
          output: `${run.stderr}error: the output (${run.stdout.length} bytes) is not a BPF object\n`,
          ms,
        };
      }
      return { ok: true, object: run.stdout, ms };
    },
  };
}
