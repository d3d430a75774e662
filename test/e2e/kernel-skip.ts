import { accessSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Whether the tests of a file must be skipped, and prints why. */
export function skips(what: string, ...reasons: readonly (string | undefined)[]): boolean {
  const reason = reasons.find((each) => each !== undefined);
  if (reason !== undefined) process.stderr.write(`skipped: ${what}: ${reason}\n`);
  return reason !== undefined;
}

/** A reason to skip when this is not root. */
export function unlessRoot(): string | undefined {
  return process.geteuid?.() === 0 ? undefined : "needs root";
}

/** A reason to skip when a program is not installed. */
export function unlessInstalled(program: string): string | undefined {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => exists(join(folder, program)))
    ? undefined
    : `${program} is not installed`;
}

/** A reason to skip when a file is not there. */
export function unlessExists(path: string): string | undefined {
  return exists(path) ? undefined : `${path} is not there`;
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
