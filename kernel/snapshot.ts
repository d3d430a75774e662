import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import type { Btf } from "./btf.js";
import { type KernelInfo, openKernel, type TryAbilities } from "./info.js";
import { packageRoot } from "./package-root.js";
import type { Tracefs } from "./tracefs.js";
import { parseTracepointFormat, type TracepointFormat } from "./tracepoint-format.js";

/** The tracepoints of the kernel that the package's snapshot was taken of. */
class Snapshot {
  readonly release: string;
  /** Format texts by "category:event". */
  readonly #texts: ReadonlyMap<string, string>;

  constructor(text: string) {
    const { release, tracepoints } = JSON.parse(text) as { release: string; tracepoints: Record<string, string> };
    this.release = release;
    this.#texts = new Map(Object.entries(tracepoints));
  }

  get names(): readonly string[] {
    return [...this.#texts.keys()];
  }

  tracepoint(name: string): TracepointFormat | undefined {
    const text = this.#texts.get(name);
    return text === undefined ? undefined : parseTracepointFormat(name.slice(0, name.indexOf(":")), text);
  }
}

function openSnapshot(): Snapshot {
  return new Snapshot(
    brotliDecompressSync(readFileSync(join(packageRoot(), "kernel/snapshots/tracepoints.json.br"))).toString("utf8"),
  );
}

/**
 * The running kernel, or where its tracefs cannot be read (no root, not Linux) the tracepoints of the package's snapshot:
 * for commands that load nothing.
 * @param note is told once when the snapshot is used, and why
 * @param tryAbilities as of `openKernel`
 */
export function openKernelOrSnapshot(note: (text: string) => void, tryAbilities?: TryAbilities): KernelInfo {
  const running = openKernel(tryAbilities);
  let snapshot: Snapshot | undefined;
  const orSnapshot = <T>(ask: () => T, otherwise: (snapshot: Snapshot) => T): T => {
    if (snapshot !== undefined) return otherwise(snapshot);
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      snapshot = openSnapshot();
      note(
        `tracepoints are those of Linux ${snapshot.release}, from tsprobe's snapshot: ${error.diagnostics[0]?.message ?? "this kernel's cannot be read"}`,
      );
      return otherwise(snapshot);
    }
  };
  return {
    release: running.release,
    tracefs: (): Tracefs => running.tracefs(),
    btf: (): Btf => running.btf(),
    tracepoint: (name) =>
      orSnapshot(
        () => running.tracepoint(name),
        (kept) => kept.tracepoint(name),
      ),
    tracepointNames: () =>
      orSnapshot(
        () => running.tracepointNames(),
        (kept) => kept.names,
      ),
    function: (name) => running.function(name),
    functionNames: () => running.functionNames(),
    functionsMatching: (pattern) => running.functionsMatching(pattern),
    rawTracepoint: (name) => running.rawTracepoint(name),
    rawTracepointNames: () => running.rawTracepointNames(),
    abilities: () => running.abilities(),
  };
}
