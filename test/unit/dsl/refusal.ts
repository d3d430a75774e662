import { expect } from "vitest";
import type { Diagnostic, DiagnosticError } from "../../../diagnostics/diagnostic.js";

/** The one diagnostic that an action is refused with. */
export function refusalOf(action: () => unknown): Diagnostic {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toHaveProperty("name", "DiagnosticError");
  const { diagnostics } = thrown as DiagnosticError;
  expect(diagnostics).toHaveLength(1);
  return diagnostics[0] as Diagnostic;
}
