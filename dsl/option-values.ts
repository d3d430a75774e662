import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { type DurationUnit, durationNs } from "./duration.js";
import { readCgroup, readComm, readNetns } from "./kernel-places.js";
import { cidrSet, MOST_NETWORKS, type Network, parseNetwork } from "./networks.js";
import { type OptionReading, type OptionSpec, u16Set } from "./opt.js";

const MAXIMUM = { u16: 0xffffn, u32: 0xffff_ffffn, u64: 0xffff_ffff_ffff_ffffn } as const;

function refuse(flag: string, message: string, hint: string): never {
  refuseValue(`${flag}: ${message}`, hint);
}

function refuseValue(message: string, hint: string): never {
  throw new DiagnosticError({ code: "TSP1102", failure: "usage", severity: "error", message, hints: [hint] });
}

/** @throws DiagnosticError, always */
export function refuseMissingValue(spec: OptionSpec, flag: string): never {
  const hint = `write ${flag} ${/<[^>]+>$/.exec(spec.flag)?.[0] ?? "<value>"}: ${spec.help}`;
  throw new DiagnosticError({
    code: "TSP1101",
    failure: "usage",
    severity: "error",
    message: `${flag} needs a value`,
    hints: [hint],
  });
}

type Bounds = Pick<OptionSpec, "min" | "max">;

function parseInteger(flag: string, text: string, maximum: bigint, bounds: Bounds = {}): bigint {
  const hint = `give a number from ${bounds.min?.text ?? 0} to ${bounds.max?.text ?? maximum}`;
  if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(text)) refuse(flag, `"${text}" is not a whole number`, hint);
  const value = BigInt(text);
  checkBounds(flag, value, bounds, hint);
  if (value > maximum) refuse(flag, `${text} is too large`, hint);
  return value;
}

function checkBounds(flag: string, value: bigint, { min, max }: Bounds, hint: string): void {
  if (min !== undefined && value < min.value) refuseValue(`${flag} must be at least ${min.text}`, hint);
  if (max !== undefined && value > max.value) refuseValue(`${flag} must be at most ${max.text}`, hint);
}

function parseDuration(flag: string, text: string, unit: DurationUnit, bounds: Bounds): bigint {
  const hint = `give a number (in ${unit}) or one with a unit: 1.5ms, 10s, 1h30m`;
  const value = durationNs(text, unit) ?? refuse(flag, `"${text}" is no duration`, hint);
  checkBounds(flag, value, bounds, hint);
  return value;
}

function parseSet(flag: string, text: string): number[] {
  return text.split(",").flatMap((part) => {
    if (part.trim() === "") refuse(flag, `a number is missing in "${text}"`, "write a list like 80,443 or 8000-8010");
    const range = /^(\d+)-(\d+)$/.exec(part.trim());
    if (range === null) return [Number(parseInteger(flag, part.trim(), MAXIMUM.u16))];
    const [low, high] = [range[1], range[2]].map((end) => Number(parseInteger(flag, end as string, MAXIMUM.u16))) as [
      number,
      number,
    ];
    if (low > high) refuse(flag, `the range ${part.trim()} is empty`, `write ${high}-${low}`);
    return Array.from({ length: high - low + 1 }, (_, i) => low + i);
  });
}

function parseNetworks(flag: string, texts: readonly string[]): Network[] {
  const parts = texts.flatMap((text) => text.split(",")).map((part) => part.trim());
  if (parts.length > MOST_NETWORKS)
    refuse(flag, `${parts.length} networks are too many`, `give at most ${MOST_NETWORKS}; a shorter prefix covers several`);
  return parts.map(
    (part) =>
      parseNetwork(part) ??
      refuse(flag, `"${part}" is no address and no network`, "write a list like 10.0.0.0/8,192.168.1.7,fe80::/10"),
  );
}

function readText(reading: OptionReading, spec: OptionSpec, flag: string, text: string): bigint | number | string {
  switch (reading.kind) {
    case "duration":
      return parseDuration(flag, text, reading.unit, spec);
    case "netns":
      return readNetns(flag, text);
    case "cgroup":
      return readCgroup(flag, text).id;
    case "comm":
      return readComm(flag, text);
  }
}

/** Whether a default is a value that the flag could give. */
export function isPossibleValue({ type, min, max }: OptionSpec, value: unknown): boolean {
  if (value === undefined || type === "flag" || type === "u16Set" || type === "cidrSet" || type === "string") return true;
  const isWhole = typeof value === (type === "u64" ? "bigint" : "number") && (type === "u64" || Number.isInteger(value));
  if (!isWhole) return false;
  const number = BigInt(value as number | bigint);
  return number >= (min?.value ?? 0n) && number <= (max?.value ?? MAXIMUM[type]);
}

/** The value that a flag's text means. A repeated flag of a set adds to it; of others the last one counts. */
export function parseOptionValue(spec: OptionSpec, flag: string, texts: readonly string[]): unknown {
  const last = texts.at(-1) as string;
  if (last === "" && spec.type !== "flag") refuseMissingValue(spec, flag);
  if (spec.reading !== undefined) return readText(spec.reading, spec, flag, last);
  switch (spec.type) {
    case "flag":
      return true;
    case "string":
      return last;
    case "u16Set":
      return u16Set(texts.flatMap((text) => parseSet(flag, text)));
    case "cidrSet":
      return cidrSet(parseNetworks(flag, texts));
    case "u64":
      return parseInteger(flag, last, MAXIMUM.u64, spec);
    case "u16":
    case "u32":
      return Number(parseInteger(flag, last, MAXIMUM[spec.type], spec));
  }
}
