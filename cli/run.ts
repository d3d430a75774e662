import { setTimeout as sleep } from "node:timers/promises";
import { stopEsbuild } from "../compiler/capture/esbuild.js";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { explainPermission } from "../kernel/capabilities.js";
import { build } from "./build.js";
import { type StopSignal, signalExits } from "./exit.js";
import type { OwnFlags } from "./flags.js";
import type { KeepCode } from "./load.js";
import { describeOutputFailure } from "./output-failure.js";
import { createReporter } from "./reporter.js";
import { handleSignals } from "./signals.js";
import { Stages } from "./stages.js";

/** Why a run ends: a signal, an error of the script, a standard output that cannot be written, or (none) a stop condition. */
export interface Ending {
  readonly signal?: StopSignal;
  readonly error?: unknown;
  readonly outputError?: NodeJS.ErrnoException;
}

/**
 * A terminal sends Ctrl-C to the bundler, tsc and clang as well, and that they are gone may be known before the signal is. What may
 * come of that waits so long for one.
 */
const SIGNAL_BEHIND_MS = 50;

/** `tsprobe run script.ts`: compiles, loads, attaches, delivers until something ends it. */
export async function run(path: string, rest: readonly string[], own: OwnFlags, keepCode: KeepCode): Promise<number> {
  const reporter = createReporter(own);
  const stages = new Stages(reporter.detail);
  const aborter = new AbortController();
  const hurry = new AbortController();
  let end: (ending: Ending) => void = () => {};
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  let built = false;
  const signals = handleSignals(
    (signal) => {
      // Once it runs, the script comes to its own end: its loops stop, its last lines run.
      if (!built) aborter.abort();
      hurry.abort();
      end({ signal });
    },
    (outputError) => end({ outputError }),
  );
  stages.took("start", performance.now());
  try {
    const building = build({ path, rest, own, reporter, stages, signal: aborter.signal, keepCode })
      .catch(letSignalsOvertake)
      .catch(preferPermission);
    building.catch(() => {});
    // Its native parts are loaded while the bundler's process works.
    const tracing = import("./tracing.js");
    const first = await Promise.race([building, ended]);
    if (!("compiled" in first)) {
      aborter.abort();
      if (first.outputError !== undefined) throw new DiagnosticError(describeOutputFailure(first.outputError));
      return signalExits[first.signal ?? "SIGINT"];
    }
    built = true;
    void stopEsbuild();
    const { Tracing } = await tracing;
    const code = await new Tracing({
      built: first,
      own,
      reporter,
      stages,
      ended,
      end,
      hurry: hurry.signal,
      outputClosed: signals.outputClosed,
    }).toTheEnd();
    keepCode(false);
    return code;
  } finally {
    signals.dispose();
  }
}

/** Holds back an error that a process of ours may have caused by ending, in case a signal ended it and is on its way to us. */
async function letSignalsOvertake(error: unknown): Promise<never> {
  const failure = error instanceof DiagnosticError ? error.diagnostics[0]?.failure : "internal";
  if (failure === "internal" || failure === "compiler" || failure === "compiler-missing") await sleep(SIGNAL_BEHIND_MS);
  throw error;
}

/** Without privileges the first obstacle is some unreadable file: name what is really missing instead. */
function preferPermission(error: unknown): never {
  const missing =
    error instanceof DiagnosticError && error.diagnostics[0]?.failure === "permission" ? explainPermission() : undefined;
  throw missing === undefined ? error : new DiagnosticError(missing);
}
