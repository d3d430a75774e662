import { DiagnosticError } from "../diagnostics/diagnostic.js";

/**
 * Refuses a declaration that a script made wrongly. The place is not known here: whoever runs the script finds it in the
 * stack of the error.
 * @throws DiagnosticError, always
 */
export function refuseDeclaration(message: string, hint: string): never {
  throw new DiagnosticError({ code: "TSP2302", failure: "script-error", severity: "error", message, hints: [hint] });
}

/** What a type in a map or an event channel may be called. */
export const TYPE_HINT =
  "types are u8 u16 u32 u64, s8 s16 s32 s64, ptr, bool, comm, ip, and str16 (text in so many bytes, up to str256)";

/** A wrong type name as the script wrote it. */
export function nameOf(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
