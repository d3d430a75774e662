import type { OwnFlags } from "./flags.js";
import { type OptionHelp, scriptHelp } from "./help.js";
import { load } from "./prepare.js";
import { createReporter } from "./reporter.js";
import { Stages } from "./stages.js";

/** `tsprobe run script.ts --help`: runs the script's module to learn its flags; nothing is compiled or loaded. */
export async function showScriptHelp(path: string, rest: readonly string[], own: OwnFlags, width: number): Promise<number> {
  const reporter = createReporter(own);
  const { loaded, script } = await load(path, rest, new Stages(reporter.detail), new AbortController().signal, () => {});
  loaded.dispose();
  const specs = script.options.flatMap(({ options }) =>
    options.map(({ spec }): OptionHelp => {
      const simple = ["number", "bigint", "string"].includes(typeof spec.default);
      return { flag: spec.flag, help: spec.help, ...(simple ? { default: String(spec.default) } : {}) };
    }),
  );
  process.stdout.write(scriptHelp(path, specs, width));
  return 0;
}
