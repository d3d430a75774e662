import { readFileSync } from "node:fs";

/**
 * A soft limit of this process, which its children inherit, in bytes.
 * @param name as /proc/self/limits writes it: "Max stack size"
 * @returns undefined where it is not known: no Linux, or no /proc
 */
export function softLimit(name: string): number | undefined {
  let limits: string;
  try {
    limits = readFileSync("/proc/self/limits", "latin1");
  } catch {
    return undefined;
  }
  const found = limits.split("\n").find((line) => line.startsWith(`${name} `));
  const soft = found?.slice(name.length).trim().split(/\s+/, 1)[0];
  return soft === "unlimited" ? Number.POSITIVE_INFINITY : soft === undefined ? undefined : Number(soft);
}

/** V8's words for memory that the system does not give. */
const NO_MEMORY = /out of memory|could not allocate|allocation failed/i;

/** Whether a process of Node's ended because V8 was refused memory. */
export const diedOfMemory = (stderr: string): boolean => /^FATAL ERROR: /m.test(stderr) && NO_MEMORY.test(stderr);

/**
 * The line that says why a process of Node's ended: the error's own, which comes after the line of code that threw it.
 * @returns undefined for an empty text
 */
export function errorLine(stderr: string): string | undefined {
  const lines = stderr.split("\n").map((line) => line.trim());
  return lines.find((line) => /^(\w*Error( \[\w+\])?|FATAL ERROR): /.test(line)) ?? lines.find((line) => line !== "");
}

/** Adds the limit that a refusal of memory comes from. V8 reserves some 12 GB of address space for a module, used or not. */
export function withMemoryLimit(reason: string): string {
  const limit = softLimit("Max address space") ?? Number.POSITIVE_INFINITY;
  if (!NO_MEMORY.test(reason) || limit === Number.POSITIVE_INFINITY) return reason;
  return `not enough address space (it needs 12 GB, ulimit -v is ${Math.floor(limit / 1024)}): ${reason}`;
}
