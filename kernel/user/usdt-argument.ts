import type { Machine } from "./machine.js";

/** Where a value is when a probe is hit. Registers are given by their place in struct pt_regs. */
export type UserLocation =
  /** In a register, its lower bytes first. */
  | { readonly kind: "register"; readonly register: number }
  /** A number that the compiler knew. */
  | { readonly kind: "constant"; readonly value: bigint }
  /** In memory, at base + index * scale + displacement. */
  | {
      readonly kind: "memory";
      readonly base: number | undefined;
      readonly index: number | undefined;
      readonly scale: number;
      readonly displacement: bigint;
    };

/** An argument of a USDT probe at one of its places. */
export interface UsdtArgument {
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  /** Undefined when it lies where it cannot be read from: a vector register, or a variable without a symbol. */
  readonly location: UserLocation | undefined;
  /** As the note says it. */
  readonly text: string;
}

/** Address of a variable of the file, and of the place: for operands that are relative to the instruction. */
export interface FileAddresses {
  readonly place: number;
  symbol(name: string): number | undefined;
}

/**
 * The arguments at one place: "-4@%edi 8@8(%rsp) -4@$5" on x86-64, "8@x0 -4@[sp, 60] -4@5" on arm64
 * (https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation). A minus before the size says signed, an "f"
 * behind it floating point.
 */
export function parseUsdtArguments(text: string, machine: Machine, file: FileAddresses): readonly UsdtArgument[] {
  return splitArguments(text).map((one) => parseArgument(one, machine, file));
}

/** Operands may have blanks inside ("[sp, 60]"): each argument begins with its size. */
function splitArguments(text: string): readonly string[] {
  return text
    .trim()
    .split(/\s+(?=-?\d+f?@)/)
    .filter((part) => part !== "");
}

function parseArgument(text: string, machine: Machine, file: FileAddresses): UsdtArgument {
  const [, minus, digits = "8", float, operand = text] = /^(?:(-?)(\d+)(f?)@)?(.*)$/s.exec(text) ?? [];
  const size = Number(digits);
  const isSize = size === 1 || size === 2 || size === 4 || size === 8;
  const parse = machine.name === "x86-64" ? parseX86Operand : parseArmOperand;
  const location = !isSize || float === "f" ? undefined : parse(operand.trim(), machine, file);
  return { size: isSize ? size : 8, signed: minus === "-", location, text };
}

const NUMBER = String.raw`[+-]?(?:0x[\da-f]+|\d+)`;
const X86_MEMORY = /^(.*?)\(\s*(?:%(\w+))?\s*(?:,\s*%(\w+)\s*(?:,\s*([1248])\s*)?)?\)$/i;

/** AT&T syntax: %rax, $5, 8(%rsp), -4(%rbp,%rax,4), counter(%rip), counter+8(%rip), 16 (memory at this address). */
function parseX86Operand(operand: string, machine: Machine, file: FileAddresses): UserLocation | undefined {
  const constant = operand.startsWith("$") ? parseInteger(operand.slice(1)) : undefined;
  if (constant !== undefined) return { kind: "constant", value: constant };
  if (operand.startsWith("%")) return registerLocation(operand.slice(1), machine);
  const absolute = parseInteger(operand);
  if (absolute !== undefined) return { kind: "memory", base: undefined, index: undefined, scale: 1, displacement: absolute };
  const [, front, baseName, indexName, scale = "1"] = X86_MEMORY.exec(operand) ?? [];
  if (front === undefined) return undefined;
  const base = baseName === undefined ? undefined : machine.registerOffset(baseName.toLowerCase());
  const index = indexName === undefined ? undefined : machine.registerOffset(indexName.toLowerCase());
  if ((baseName !== undefined && base === undefined) || (indexName !== undefined && index === undefined)) return undefined;
  const displacement = baseName === "rip" ? fromInstruction(front.trim(), file) : parseDisplacement(front.trim());
  if (displacement === undefined) return undefined;
  return { kind: "memory", base, index, scale: Number(scale), displacement };
}

/** How far a variable is from the place: the breakpoint's address is in the instruction pointer then. */
function fromInstruction(text: string, file: FileAddresses): bigint | undefined {
  const [, name, more = "0"] = new RegExp(String.raw`^([A-Za-z_.$][\w.$@]*)(${NUMBER})?$`, "i").exec(text) ?? [];
  const address = name === undefined ? undefined : file.symbol(name.replace(/@.*$/, ""));
  const offset = parseInteger(more);
  return address === undefined || offset === undefined ? undefined : BigInt(address - file.place) + offset;
}

function parseDisplacement(text: string): bigint | undefined {
  return text === "" ? 0n : parseInteger(text);
}

const ARM_MEMORY = /^\[\s*(\w+)\s*(?:,\s*#?([^\],\s]+)\s*(?:,\s*lsl\s+#?(\d)\s*)?)?\]$/i;

/** x0, 5, #5, [sp, 60], [x19], [x0, x1], [x0, x1, lsl 3]. */
function parseArmOperand(operand: string, machine: Machine): UserLocation | undefined {
  const constant = parseInteger(operand.replace(/^#/, ""));
  if (constant !== undefined) return { kind: "constant", value: constant };
  if (/^[xw]zr$/i.test(operand)) return { kind: "constant", value: 0n };
  const [, baseName, second, shift = "0"] = ARM_MEMORY.exec(operand) ?? [];
  if (baseName === undefined) return registerLocation(operand, machine);
  const base = machine.registerOffset(baseName.toLowerCase());
  if (base === undefined) return undefined;
  const displacement = second === undefined ? 0n : parseInteger(second);
  if (displacement !== undefined) return { kind: "memory", base, index: undefined, scale: 1, displacement };
  const index = machine.registerOffset((second ?? "").toLowerCase());
  return index === undefined ? undefined : { kind: "memory", base, index, scale: 2 ** Number(shift), displacement: 0n };
}

function registerLocation(name: string, machine: Machine): UserLocation | undefined {
  const register = machine.registerOffset(name.toLowerCase());
  return register === undefined ? undefined : { kind: "register", register };
}

function parseInteger(text: string): bigint | undefined {
  const [, sign, digits] = /^([+-]?)(0x[\da-f]+|\d+)$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return sign === "-" ? -BigInt(digits) : BigInt(digits);
}
