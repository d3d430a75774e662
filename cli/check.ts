import { openKernelOrSnapshot } from "../kernel/snapshot.js";
import { build } from "./build.js";
import type { OwnFlags } from "./flags.js";
import type { KeepCode } from "./load.js";
import { createReporter } from "./reporter.js";
import { Stages } from "./stages.js";

/** `tsprobe check script.ts`: everything short of the kernel. */
export async function check(path: string, rest: readonly string[], own: OwnFlags, keepCode: KeepCode): Promise<number> {
  const reporter = createReporter(own);
  const built = await build({
    path,
    rest,
    own,
    reporter,
    stages: new Stages(reporter.detail),
    keepCode,
    signal: new AbortController().signal,
    // What this machine's kernel refuses to run is no fault of the script: `run` and `doctor` tell.
    kernel: openKernelOrSnapshot(reporter.note),
  });
  built.loaded.dispose();
  const probes = built.compiled.program.probes.length;
  reporter.note(`${path}: ${probes} probe${probes === 1 ? "" : "s"}, no errors`);
  keepCode(false);
  return 0;
}
