import { statSync } from "node:fs";
import type { ContentCache } from "../cache/content-cache.js";
import { driverArguments } from "./flags.js";
import { runClang } from "./spawn.js";

/** BTF, CO-RE relocations and `preserve_access_index` as we print them are complete and free of known faults from here on. */
export const OLDEST_CLANG = 14;

/** What is known about a clang. `stamp` changes when the file does. */
export type ClangVerdict =
  | { readonly usable: true; readonly version: string; readonly stamp: string }
  | { readonly usable: false; readonly reason: string };

/** Compiled to assembly this answers everything at once: which version, whether it has BPF, whether it knows our flags. */
const PROBE_SOURCE = "const char version[] = __clang_version__;\n";

/** Bump when the meaning of a stored verdict changes. */
const VERDICT_FORMAT = 1;

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] as string;
}

/** @returns the verdict, and whether it lasts as long as the file: what clang itself says does, what the system says does not. */
async function askClang(path: string, stamp: string): Promise<{ verdict: ClangVerdict; lasting: boolean }> {
  const run = await runClang(path, driverArguments("assembly"), PROBE_SOURCE);
  const refuse = (reason: string, lasting: boolean) => ({ verdict: { usable: false, reason } as const, lasting });
  if (run.end.kind === "not-started") return refuse(`cannot be started: ${firstLine(run.end.reason)}`, false);
  if (run.end.kind !== "exit")
    return refuse(`ended with ${run.end.kind === "signal" ? run.end.signal : "a timeout"} on a test program`, false);
  const version = /\.asciz\s+"(\d+)\.(\d+)\.(\d+)/.exec(run.stdout.toString("latin1"));
  if (run.end.code === 0 && version !== null) {
    const text = version.slice(1).join(".");
    if (Number(version[1]) < OLDEST_CLANG) return refuse(`is version ${text}, older than ${OLDEST_CLANG}`, true);
    return { verdict: { usable: true, version: text, stamp }, lasting: true };
  }
  if (/unable to create target|unknown target triple/.test(run.stderr)) return refuse("was built without the BPF target", true);
  return refuse(`could not compile a test program for BPF: ${firstLine(run.stderr) || `exit code ${run.end.code}`}`, false);
}

/**
 * Whether a clang can be used. Answers are kept by path, modification time and size, so a warm start runs nothing.
 * @param path absolute path of an executable file.
 */
export async function probeClang(path: string, verdicts: ContentCache): Promise<ClangVerdict> {
  let stamp: string;
  try {
    const { mtimeMs, size } = statSync(path);
    stamp = `${mtimeMs} ${size}`;
  } catch (error) {
    return { usable: false, reason: `cannot be read: ${(error as NodeJS.ErrnoException).code}` };
  }
  const key = [VERDICT_FORMAT, path, stamp, ...driverArguments("assembly")].join("\n");
  const kept = verdicts.read(key);
  if (kept !== undefined) return JSON.parse(Buffer.from(kept).toString("utf8")) as ClangVerdict;
  const { verdict, lasting } = await askClang(path, stamp);
  if (lasting) verdicts.write(key, Buffer.from(JSON.stringify(verdict)));
  return verdict;
}
