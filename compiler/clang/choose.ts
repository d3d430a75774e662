import { DiagnosticError } from "../../diagnostics/diagnostic.js";
import { ContentCache, type Log } from "../cache/content-cache.js";
import type { CacheDirectory } from "../cache/directory.js";
import type { BpfCompiler } from "./compiler.js";
import { embeddedCompiler } from "./embedded.js";
import { type FindOptions, findClang, searchClang } from "./find.js";
import { nativeCompiler } from "./native.js";
import { type ClangArtifact, findArtifact } from "./wasm/artifact.js";

/** Overrides the choice of the compiler, as --clang does. */
export const CLANG_VARIABLE = "TSPROBE_CLANG";

export interface ChooseOptions {
  /**
   * "native": a clang of this machine and nothing else; "embedded": the one that comes with tsprobe; else a path, or a name on
   * PATH, and no other. If not given, what TSPROBE_CLANG says, else a clang of this machine if there is a good one, else the embedded.
   */
  readonly wanted?: string;
  readonly cacheDir: CacheDirectory;
  /** For -v. */
  readonly log?: Log;
  /** The rest is for tests: else what this machine has. */
  readonly search?: Pick<FindOptions, "env" | "homes" | "system">;
  readonly artifact?: ClangArtifact | "none";
}

function withoutArtifact(): DiagnosticError {
  return new DiagnosticError({
    code: "TSP1503",
    failure: "compiler-missing",
    severity: "error",
    message: "this installation of tsprobe has no embedded clang (toolchain/clang-wasm/clang-bpf.wasm.br)",
    hints: ["Install tsprobe again, or use a clang of this machine: --clang native"],
  });
}

/**
 * The compiler to use. Cheap when asked before: what is known about each clang is kept, so nothing is started.
 * @throws DiagnosticError "compiler-missing" (TSP1501, TSP1502, TSP1503) with the way to get one.
 */
export async function chooseCompiler(options: ChooseOptions): Promise<BpfCompiler> {
  const { cacheDir, log = () => {} } = options;
  const wanted = options.wanted || process.env[CLANG_VARIABLE];
  const artifact = options.artifact === "none" ? undefined : (options.artifact ?? findArtifact());
  const embedded = (found: ClangArtifact) => embeddedCompiler({ artifact: found, cacheDir, log });
  if (wanted === "embedded") {
    if (artifact === undefined) throw withoutArtifact();
    return embedded(artifact);
  }
  const verdicts = new ContentCache({ directory: cacheDir.path, kind: "compilers", log, maxEntries: 50 });
  const search = { ...options.search, verdicts, log };
  // Without an artifact the search's failure is told, with the command that installs a clang.
  if (wanted || artifact === undefined)
    return nativeCompiler(await findClang({ ...search, wanted: wanted === "native" ? undefined : wanted }));
  const found = await searchClang(search);
  return "path" in found ? nativeCompiler(found) : embedded(artifact);
}
