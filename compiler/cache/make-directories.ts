import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory and those above it that are missing, for this user alone. Node's own `recursive` takes ENOENT for a missing
 * parent and tries for ever where the parent is there and refuses so, as /proc does.
 * @throws the system's error; a file in the directory's place is left to whoever uses it
 */
export function makeDirectories(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectories(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another run was faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
