import { DiagnosticError } from "../../diagnostics/diagnostic.js";
import type { BpfCompiler } from "./compiler.js";
import { explainFailure } from "./messages.js";

/** Nothing that a clang for BPF could refuse. */
const SOURCE = '__attribute__((section("tracepoint"), used)) int attempt(void *ctx) {\n  return ctx == 0;\n}\n';

/**
 * Compiles a tiny program, so that it is known that the compiler works here; it is stopped after that.
 * @throws DiagnosticError "compiler-missing" or "compiler", as a run would
 */
export async function tryCompiler(compiler: BpfCompiler): Promise<void> {
  try {
    const result = await compiler.compile({ text: SOURCE, files: [] });
    if (result.ok) return;
    const program = { c: SOURCE, probes: [], statements: [] };
    throw new DiagnosticError(explainFailure(program, { ...result, compiler: compiler.description }));
  } finally {
    await compiler.stop?.();
  }
}
