import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { printProgram } from "../emit/program.js";
import type { IrModule } from "../ir/nodes.js";
import type { Program } from "../program.js";
import { fold } from "./fold.js";
import { layOutEvents } from "./layout.js";
import { type LoweringInput, lower } from "./lower/index.js";
import { numberSites } from "./sites.js";

/** What the compiler makes of a script: with errors there is no program. */
export interface Compiled {
  readonly diagnostics: readonly Diagnostic[];
  readonly module?: IrModule;
  readonly program?: Program;
  /** Which alternatives of firstOf were chosen and why, for -v. */
  readonly notes?: readonly string[];
}

/** The passes that turn one IR into the next, in order. */
const PASSES: readonly { readonly name: string; readonly run: (module: IrModule) => IrModule }[] = [{ name: "fold", run: fold }];

/** Compiles a script whose module has run: lower, passes, C. Stops after the first step that reports errors. */
export function compileScript(input: LoweringInput): Compiled {
  const lowered = lower(input);
  if (lowered.diagnostics.some((diagnostic) => diagnostic.severity === "error")) return { diagnostics: lowered.diagnostics };
  const module = PASSES.reduce((current, pass) => pass.run(current), lowered.module);
  const program = printProgram(module, numberSites(module), layOutEvents(module), input.script, input.filters);
  return { diagnostics: lowered.diagnostics, module, program, notes: lowered.notes };
}
