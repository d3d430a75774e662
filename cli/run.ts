import { stopEsbuild } from "../compiler/capture/esbuild.js";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { explainPermission } from "../kernel/capabilities.js";
import { build } from "./build.js";
import { type StopSignal, signalExits } from "./exit.js";
import type { OwnFlags } from "./flags.js";
import { createReporter } from "./reporter.js";
import { handleSignals } from "./signals.js";
import { Stages } from "./stages.js";

/** Why a run ends: a signal, an error of the script, or (neither) a stop condition. */
export type Ending = { readonly signal?: StopSignal; readonly error?: unknown };

/** `tsprobe run script.ts`: compiles, loads, attaches, delivers until something ends it. */
export async function run(path: string, rest: readonly string[], own: OwnFlags): Promise<number> {
  const reporter = createReporter(own);
  const stages = new Stages(reporter.detail);
  const aborter = new AbortController();
  let end: (ending: Ending) => void = () => {};
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  const signals = handleSignals((signal) => {
    aborter.abort();
    end({ signal });
  });
  stages.took("start", performance.now());
  try {
    const building = build({ path, rest, own, reporter, stages, signal: aborter.signal }).catch(preferPermission);
    building.catch(() => {});
    // Its native parts are loaded while the bundler's process works.
    const tracing = import("./tracing.js");
    const first = await Promise.race([building, ended]);
    if (!("compiled" in first)) return signalExits[first.signal ?? "SIGINT"];
    void stopEsbuild();
    const { Tracing } = await tracing;
    return await new Tracing({ built: first, own, reporter, stages, ended, end, outputClosed: signals.outputClosed }).toTheEnd();
  } finally {
    signals.dispose();
  }
}

/** Without privileges the first obstacle is some unreadable file: name what is really missing instead. */
function preferPermission(error: unknown): never {
  const missing =
    error instanceof DiagnosticError && error.diagnostics[0]?.failure === "permission" ? explainPermission() : undefined;
  throw missing === undefined ? error : new DiagnosticError(missing);
}
