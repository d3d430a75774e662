import { declareFilters } from "../dsl/filters.js";
import type { OptionsDeclaration } from "../dsl/options.js";
import type { OwnFlags } from "./flags.js";
import { type OptionHelp, scriptHelp } from "./help.js";
import { load } from "./prepare.js";
import { createReporter } from "./reporter.js";
import { Stages } from "./stages.js";

/** `tsprobe run script.ts --help`: runs the script's module to learn its flags; nothing is compiled or loaded. */
export async function showScriptHelp(path: string, rest: readonly string[], own: OwnFlags, width: number): Promise<number> {
  const reporter = createReporter(own);
  const { loaded, script } = await load({
    path,
    rest,
    stages: new Stages(reporter.detail),
    signal: new AbortController().signal,
  });
  loaded.dispose();
  const scripts = helpOf(script.options);
  const before = script.options.length;
  declareFilters(script);
  process.stdout.write(
    scriptHelp({ path, usage: script.usage, flags: scripts, filters: helpOf(script.options.slice(before)), width }),
  );
  return 0;
}

function helpOf(declarations: readonly OptionsDeclaration[]): OptionHelp[] {
  return declarations.flatMap(({ options }) =>
    options.map(({ spec }): OptionHelp => {
      const simple = ["number", "bigint", "string"].includes(typeof spec.default);
      const shown = spec.shownDefault ?? (simple ? String(spec.default) : undefined);
      return { flag: spec.flag, help: spec.help, ...(shown === undefined ? {} : { default: shown }) };
    }),
  );
}
