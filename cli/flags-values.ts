import { type Diagnostic, DiagnosticError } from "../diagnostics/diagnostic.js";
import { MAX_DURATION_MS, parseDuration } from "../dsl/duration.js";

/** Codes of the command line's own errors. */
export type UsageCode = "TSP1111" | "TSP1112" | "TSP1113" | "TSP1114" | "TSP1115";

/** @throws DiagnosticError "usage", always */
export function refuseUsage(code: UsageCode, message: string, hints: readonly string[]): never {
  const diagnostic: Diagnostic = { code, failure: "usage", severity: "error", message, hints };
  throw new DiagnosticError(diagnostic);
}

/** Reads a flag's value, or refuses it with what would be right. */
export type ValueReader<T> = (text: string, flag: string) => T;

function refuseValue(flag: string, text: string, hint: string): never {
  refuseUsage("TSP1113", `${flag} does not take "${text}"`, [hint]);
}

/** Milliseconds. */
export const readDuration: ValueReader<number> = (text, flag) => {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0)
    refuseValue(flag, text, `write a time like 10s, 500ms, 2m or 1h30m; a plain number is seconds`);
  if (ms > MAX_DURATION_MS)
    refuseValue(flag, text, `at most ${Math.floor(MAX_DURATION_MS / 3_600_000)}h; without ${flag} it runs until Ctrl-C`);
  return ms;
};

export const readCount: ValueReader<number> = (text, flag) => {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count === 0 || !Number.isSafeInteger(count)) refuseValue(flag, text, "write a whole number from 1");
  return count;
};

const BYTES_PER_UNIT: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
const LEAST_RING = 4096;
const LARGEST_RING = 1024 ** 3;

/** Bytes of a ring buffer: the kernel wants a power of two of at least a page (kernel/bpf/ringbuf.c). */
export const readRingSize: ValueReader<number> = (text, flag) => {
  const [, digits, unit] = /^(\d+)([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  if (digits === undefined) refuseValue(flag, text, "write a size like 256K, 4M or 1G");
  const bytes = Number(digits) * (BYTES_PER_UNIT[(unit as string).toLowerCase()] as number);
  if (bytes < LEAST_RING || bytes > LARGEST_RING) refuseValue(flag, text, "write a size from 4K to 1G");
  const below = 2 ** Math.floor(Math.log2(bytes));
  if (bytes !== below) refuseValue(flag, text, `the kernel takes powers of two: ${sizeText(below)} or ${sizeText(below * 2)}`);
  return bytes;
};

function sizeText(bytes: number): string {
  if (bytes >= 1024 ** 3) return `${bytes / 1024 ** 3}G`;
  return bytes >= 1024 ** 2 ? `${bytes / 1024 ** 2}M` : `${bytes / 1024}K`;
}

export const readPath: ValueReader<string> = (text) => text;

/** One of a list of words. */
export function readChoice<const T extends string>(choices: readonly T[]): ValueReader<T> {
  return (text, flag) =>
    choices.find((choice) => choice === text) ?? refuseValue(flag, text, `choose one of ${choices.join(", ")}`);
}
