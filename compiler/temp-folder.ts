import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiagnosticError } from "../diagnostics/diagnostic.js";

/**
 * Makes a folder for temporary files that only this user can see.
 * @throws DiagnosticError when the system has no room or place for it
 */
export function makeTempFolder(prefix: string): string {
  return orRefuse(() => mkdtempSync(join(tmpdir(), prefix)));
}

/** Writes temporary files. @throws DiagnosticError when the system lets us not, which is no fault of the script's or ours */
export function orRefuse<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new DiagnosticError({
      code: "TSP1401",
      failure: "usage",
      severity: "error",
      message: `temporary files cannot be written in ${tmpdir()} (${code})`,
      hints: [
        code === "ENOSPC"
          ? "free some space there, or name another folder: TMPDIR=/path/to/folder"
          : "name a folder that can be written: TMPDIR=/path/to/folder",
      ],
    });
  }
}
