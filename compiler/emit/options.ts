import { DiagnosticError } from "../../diagnostics/diagnostic.js";
import { type CidrSet, MOST_NETWORKS } from "../../dsl/networks.js";
import type { U16Set } from "../../dsl/opt.js";
import type { DeclaredOption } from "../../dsl/options.js";
import { isLong } from "../ir/long.js";
import type { Expr, ExprOf, OptionRef } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import type { OptionSlot } from "../program.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";
import { bare, uncast } from "./text.js";

/** Options are constants that libbpf writes into .rodata before loading: the verifier then drops branches never taken. */
export function printOptionVariables(option: OptionRef): string {
  if (option.set === "networks")
    return `const volatile __u32 ${option.cName}__size;\nconst volatile __u32 ${option.cName}__networks[${MOST_NETWORKS * NETWORK_WORDS}];`;
  if (option.set === "numbers")
    return `const volatile __u32 ${option.cName}__size;\nconst volatile __u64 ${option.cName}__bits[1024];`;
  const size = textBytes(option.type);
  const value = `const volatile ${size === undefined ? `${scalarName(option.type)} ${option.cName}` : `char ${option.cName}[${size}]`};`;
  return option.type.kind === "optional" ? `const volatile _Bool ${option.cName}__given;\n${value}` : value;
}

/** Family, address and mask of a network: words as they lie in memory. */
const NETWORK_WORDS = 9;

/** Bytes of an option that is a text. */
function textBytes(type: IrType): number | undefined {
  if (type.kind === "optional") return textBytes(type.value);
  return type.kind === "string" ? type.size : undefined;
}

function scalarName(type: IrType): string {
  if (type.kind === "optional") return scalarName(type.value);
  if (type.kind === "boolean") return "_Bool";
  return type.kind === "bigint" ? "__u64" : "__u32";
}

export function printOption(p: FunctionPrinter, { option, type }: ExprOf<"option">): string {
  if (textBytes(type) !== undefined) {
    const text = printOptionText(p, option);
    return type.kind === "optional" ? `(${p.program.types.of(type)}){ .has = ${option.cName}__given, .value = ${text} }` : text;
  }
  if (type.kind === "number") return `(__s64)${option.cName}`;
  if (type.kind !== "optional") return option.cName;
  return `(${p.program.types.of(type)}){ .has = ${option.cName}__given, .value = ${option.cName} }`;
}

/** A text where it lies. Clang must not know the place: it would take the constant for the zeros that it is declared with. */
export function printOptionText(p: FunctionPrinter, option: OptionRef): string {
  const { types } = p.program;
  const type = option.type.kind === "optional" ? option.type.value : option.type;
  const text = types.of(type);
  const from = p.temporary("from");
  if (isLong(type)) {
    p.step(`const char *${from} = (const void *)${option.cName};`, `asm("" : "+r"(${from}));`);
    return `(${text}){ ${from} }`;
  }
  p.step(`const ${text} *${from} = (const void *)${option.cName};`, `asm("" : "+r"(${from}));`);
  return `${from}[0]`;
}

/** Whether an option that is a text was given. */
export function isOptionText(e: Expr): e is ExprOf<"option"> {
  return e.kind === "option" && textBytes(e.option.type) !== undefined;
}

/** Whether a number is in the set (one bit of a bitmap), or an address in one of the networks. */
export function printOptionHas(p: FunctionPrinter, e: ExprOf<"option-has">): string {
  if (e.option.set === "networks") return `(${networkOf(p, e)} >= 0)`;
  return `tsp_in_set(${e.option.cName}__bits, ${uncast(bare(printExpr(p, e.value)))})`;
}

/** Which of the networks has an address: they lie in the order of `networks()`, the smallest first. */
export function printOptionFind(p: FunctionPrinter, e: ExprOf<"option-find">): string {
  return `(__s64)${networkOf(p, e)}`;
}

function networkOf(p: FunctionPrinter, { option: { cName }, value }: ExprOf<"option-has" | "option-find">): string {
  const address = p.stable(p.program.types.of(value.type), printExpr(p, value));
  return `tsp_find_network(${cName}__networks, ${cName}__size, ${address}.family, (const __u32 *)${address}.bytes)`;
}

/** The bytes that the given flags put into an option's variables. */
export function optionSlots(option: OptionRef, declared: DeclaredOption): readonly OptionSlot[] {
  if (option.set === "networks") return networkSlots(option.cName, declared.value as CidrSet);
  if (option.set === "numbers") {
    const set = declared.value as U16Set;
    const bits = new Uint8Array(8192);
    for (const value of set.values()) bits[value >> 3] = (bits[value >> 3] as number) | (1 << (value & 7));
    return [
      { variable: `${option.cName}__size`, bytes: integerBytes(BigInt(set.size), 4) },
      { variable: `${option.cName}__bits`, bytes: bits },
    ];
  }
  const text = textBytes(option.type);
  if (text !== undefined) return textSlots(option, declared, text);
  const size = { _Bool: 1, __u32: 4, __u64: 8 }[scalarName(option.type) as "_Bool" | "__u32" | "__u64"];
  const value = declared.value === undefined ? 0n : BigInt(declared.value as number | bigint | boolean);
  const slot = { variable: option.cName, bytes: integerBytes(value, size) };
  if (option.type.kind !== "optional") return [slot];
  return [{ variable: `${option.cName}__given`, bytes: integerBytes(declared.value === undefined ? 0n : 1n, 1) }, slot];
}

function networkSlots(cName: string, set: CidrSet): readonly OptionSlot[] {
  const bytes = new Uint8Array(MOST_NETWORKS * NETWORK_WORDS * 4);
  for (const [i, { family, prefix, bytes: address }] of set.networks().entries()) {
    const at = i * NETWORK_WORDS * 4;
    bytes[at] = family;
    bytes.set(address, at + 4);
    for (let byte = 0; byte < 16; byte++) bytes[at + 20 + byte] = 0xff00 >> Math.min(8, Math.max(0, prefix - 8 * byte));
  }
  return [
    { variable: `${cName}__size`, bytes: integerBytes(BigInt(set.size), 4) },
    { variable: `${cName}__networks`, bytes },
  ];
}

/** @throws DiagnosticError for a text that has no room: cut, it would be another one */
function textSlots(option: OptionRef, { long, value }: DeclaredOption, size: number): readonly OptionSlot[] {
  const bytes = new Uint8Array(size);
  const given = new TextEncoder().encode(typeof value === "string" ? value : "");
  if (given.length >= size)
    throw new DiagnosticError({
      code: "TSP3100",
      failure: "usage",
      severity: "error",
      message: `--${long}: this text is too long: it has ${given.length} bytes`,
      hints: [`handlers compare with it, which takes at most ${size - 1} bytes`],
    });
  bytes.set(given);
  const slot = { variable: option.cName, bytes };
  if (option.type.kind !== "optional") return [slot];
  return [{ variable: `${option.cName}__given`, bytes: integerBytes(value === undefined ? 0n : 1n, 1) }, slot];
}

function integerBytes(value: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}
