import { readFileSync } from "node:fs";

/** A file of /proc as text; undefined when the process has ended or we may not read it. */
export function readProcFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
