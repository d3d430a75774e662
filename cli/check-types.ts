import type { LoadedScript } from "../compiler/capture/load.js";
import { cacheDirectory } from "../compiler/clang/index.js";
import { typecheck } from "../compiler/typecheck/typecheck.js";
import { type Diagnostic, DiagnosticError } from "../diagnostics/diagnostic.js";
import { printDeclarationsFor } from "../kernel/declarations.js";
import type { KernelInfo } from "../kernel/info.js";
import { ownDeclarations } from "./package.js";
import type { Stages } from "./stages.js";

/**
 * Starts tsc on a script. The declarations it sees hold only what the script mentions, so that it is quick.
 * The promise never rejects for type errors: they are its value.
 */
export async function checkTypes(
  loaded: LoadedScript,
  kernel: KernelInfo,
  stages: Stages,
  signal: AbortSignal,
): Promise<readonly Diagnostic[]> {
  const extraDeclarations = declarationsFor(loaded, kernel);
  const cacheDir = cacheDirectory().path;
  const result = await typecheck({
    entry: loaded.entry,
    files: loaded.files,
    own: ownDeclarations(),
    extraDeclarations,
    cacheDir,
    signal,
  });
  stages.took("check", result.ms, result.cached ? " (verdict from the cache)" : "");
  return result.diagnostics;
}

function declarationsFor({ files, captures }: LoadedScript, kernel: KernelInfo): string {
  const texts = files.map((file) => file.text);
  const tracepoints = [...captures.values()]
    .filter((capture) => capture.callee === "tracepoint")
    .flatMap(({ file, callSpan, span }) => literalsIn(file.text.slice(callSpan.start, span.start)));
  const structs = texts.flatMap((text) =>
    [...text.matchAll(/\bkptr\s*\(\s*["'`](\w+)["'`]/g)].map((match) => match[1] as string),
  );
  const members = new Set(texts.flatMap((text) => text.match(/[A-Za-z_$][\w$]*/g) ?? []));
  try {
    return printDeclarationsFor(kernel, { tracepoints, structs, members });
  } catch (error) {
    // The compile meets the same obstacle and reports it; types alone must not hide it.
    if (error instanceof DiagnosticError) return "";
    throw error;
  }
}

function literalsIn(text: string): string[] {
  return [...text.matchAll(/["'`]([^"'`]+)["'`]/g)].map((match) => match[1] as string);
}
