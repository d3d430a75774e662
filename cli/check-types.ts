import { statSync } from "node:fs";
import { join } from "node:path";
import type { LoadedScript } from "../compiler/capture/load.js";
import { cacheDirectory } from "../compiler/clang/index.js";
import { declared, type ExtraDeclarations } from "../compiler/typecheck/extra-declarations.js";
import { typecheck } from "../compiler/typecheck/typecheck.js";
import { type Diagnostic, DiagnosticError } from "../diagnostics/diagnostic.js";
import { type DeclarationRequest, printDeclarationsFor } from "../kernel/declarations.js";
import { isGlob, matchGlob } from "../kernel/glob.js";
import { kernelIdentity } from "../kernel/identity.js";
import type { KernelInfo } from "../kernel/info.js";
import { packageRoot } from "../kernel/package-root.js";
import { ownDeclarations, version } from "./package.js";
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
  const cacheDir = cacheDirectory().path;
  const result = await typecheck({
    entry: loaded.entry,
    files: loaded.files,
    own: ownDeclarations(),
    extraDeclarations: declarationsFor(loaded, kernel),
    cacheDir,
    signal,
  });
  stages.took("check", result.ms, result.cached ? " (verdict from the cache)" : "");
  return result.diagnostics;
}

/** What the script can mention. Its text is long: what it is made of tells whether it is the text of another run. */
function declarationsFor(loaded: LoadedScript, kernel: KernelInfo): ExtraDeclarations {
  try {
    const request = requestOf(loaded, kernel);
    const text = () => printDeclarationsFor(kernel, request);
    const known = kernelIdentity();
    if (known === undefined) return declared(text());
    // Tracepoints may be those of the package's snapshot.
    const formats = request.tracepoints.map((name) => kernel.tracepoint(name));
    const identity = JSON.stringify([known, codeIdentity(), { ...request, members: [...request.members].sort() }, formats]);
    return { identity, text };
  } catch (error) {
    // The compile meets the same obstacle and reports it; types alone must not hide it.
    if (error instanceof DiagnosticError) return declared("");
    throw error;
  }
}

/** Which build of tsprobe this is, since another one may print other declarations. */
function codeIdentity(): string {
  const { size, mtimeMs, ino } = statSync(join(packageRoot(), "dist/code.cjs"));
  return `${version()} ${size} ${mtimeMs} ${ino}`;
}

function requestOf({ files, captures }: LoadedScript, kernel: KernelInfo): DeclarationRequest {
  const texts = files.map((file) => file.text);
  const namesFor = (callees: readonly string[]) =>
    [...captures.values()]
      .filter((capture) => callees.includes(capture.callee))
      .flatMap(({ file, callSpan, span }) => literalsIn(file.text.slice(callSpan.start, span.start)));
  const structs = texts.flatMap((text) =>
    [...text.matchAll(/\b(?:kptr\s*\(|KernelStruct\s*<)\s*["'`](\w+)["'`]/g)].map((match) => match[1] as string),
  );
  if (texts.some((text) => /\bcurtask\b/.test(text))) structs.push("task_struct");
  const enums = texts.flatMap((text) =>
    [...text.matchAll(/\benum(?:Name|Value)\s*\(\s*["'`](\w+)["'`]/g)].map((match) => match[1] as string),
  );
  const members = new Set(texts.flatMap((text) => text.match(/[A-Za-z_$][\w$]*/g) ?? []));
  const tracepoints = namesFor(["tracepoint"]).flatMap((name) =>
    isGlob(name) ? matchGlob(name, kernel.tracepointNames()) : [name],
  );
  const functions = [...namesFor(FUNCTION_HOOKS), ...argumentsNamed(texts, "args")];
  const rawTracepoints = [...namesFor(["rawTracepoint"]), ...argumentsNamed(texts, "rawArgs")];
  return { iterators: namesFor(["iter"]), tracepoints, functions, rawTracepoints, structs, enums, members };
}

/** Hooks whose first argument names a kernel function. */
const FUNCTION_HOOKS = ["fentry", "fexit", "kprobe", "kretprobe"];

/** First arguments of a function of "tsprobe/test", and of type arguments that name what it names. */
function argumentsNamed(texts: readonly string[], name: string): string[] {
  const pattern = new RegExp(`\\b${name}\\s*\\(\\s*["'\`](\\w+)["'\`]`, "g");
  return texts.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] as string));
}

function literalsIn(text: string): string[] {
  return [...text.matchAll(/["'`]([^"'`]+)["'`]/g)].map((match) => match[1] as string);
}
