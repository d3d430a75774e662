import { accessSync, constants } from "node:fs";
import { DiagnosticError } from "../diagnostics/diagnostic.js";

/**
 * The directory that the command was started in can be used: what tsprobe starts (the bundler, clang) starts there.
 * @throws DiagnosticError when it was removed, or is not this user's to enter (`sudo -u` in a private directory)
 */
export function requireWorkingDirectory(): void {
  try {
    accessSync(process.cwd(), constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DiagnosticError({
      code: "TSP1003",
      failure: "usage",
      severity: "error",
      message: `the directory that tsprobe was started in ${code === "ENOENT" ? "is no longer there" : `cannot be entered (${code})`}`,
      hints: ["change to another one first: cd /"],
    });
  }
}

/** The working directory, which messages name places from; the root, where it is no longer there. */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return "/";
  }
}
