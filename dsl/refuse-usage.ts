import { DiagnosticError } from "../diagnostics/diagnostic.js";

/**
 * Refuses what was given on the command line: values that do not go together, a flag that has no meaning here. The run ends with
 * exit code 2, as it does for a wrong flag. For the module itself, after `options`.
 * @param message one plain sentence
 * @param hint what to do instead
 * @throws DiagnosticError, always
 * @example if (opts.live && opts.perConnection) refuseUsage("--live and --per-connection exclude each other", "give one of them");
 */
export function refuseUsage(message: string, hint: string): never {
  throw new DiagnosticError({ code: "TSP1120", failure: "usage", severity: "error", message, hints: [hint] });
}
