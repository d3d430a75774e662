import { DiagnosticError } from "../diagnostics/diagnostic.js";

/** What cannot happen unless tsprobe itself is wrong. */
export function internalError(message: string): DiagnosticError {
  return new DiagnosticError({ code: "TSP6009", failure: "internal", severity: "error", message });
}
