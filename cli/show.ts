import { printModule } from "../compiler/ir/print.js";
import { openKernelOrSnapshot } from "../kernel/snapshot.js";
import { tryAbilities } from "../runtime/probing/abilities.js";
import type { OwnFlags } from "./flags.js";
import type { Stage } from "./flags-parse.js";
import type { KeepCode } from "./load.js";
import { compile, load } from "./prepare.js";
import { createReporter } from "./reporter.js";
import { Stages } from "./stages.js";

/** `tsprobe show c|ir script.ts`: what the handlers become. Types are not checked, so that unfinished scripts can be looked at. */
export async function show(
  stage: Stage,
  path: string,
  rest: readonly string[],
  own: OwnFlags,
  keepCode: KeepCode,
): Promise<number> {
  const reporter = createReporter(own);
  const stages = new Stages(reporter.detail);
  const loaded = await load({ path, rest, stages, signal: new AbortController().signal });
  try {
    const { program, module } = await compile(loaded, openKernelOrSnapshot(reporter.note, tryAbilities), stages);
    process.stdout.write(stage === "c" ? program.c : printModule(module));
    keepCode(false);
    return 0;
  } finally {
    loaded.loaded.dispose();
  }
}
