import type { U16Set } from "../../dsl/opt.js";
import type { DeclaredOption } from "../../dsl/options.js";
import type { ExprOf, OptionRef } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import type { OptionSlot } from "../program.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";
import { bare, uncast } from "./text.js";

/** Options are constants that libbpf writes into .rodata before loading: the verifier then drops branches never taken. */
export function printOptionVariables(option: OptionRef): string {
  if (option.set) return `const volatile __u32 ${option.cName}__size;\nconst volatile __u64 ${option.cName}__bits[1024];`;
  const value = `const volatile ${scalarName(option.type)} ${option.cName};`;
  return option.type.kind === "optional" ? `const volatile _Bool ${option.cName}__given;\n${value}` : value;
}

function scalarName(type: IrType): string {
  if (type.kind === "optional") return scalarName(type.value);
  if (type.kind === "boolean") return "_Bool";
  return type.kind === "bigint" ? "__u64" : "__u32";
}

export function printOption(p: FunctionPrinter, { option, type }: ExprOf<"option">): string {
  if (type.kind === "number") return `(__s64)${option.cName}`;
  if (type.kind !== "optional") return option.cName;
  return `(${p.program.types.of(type)}){ .has = ${option.cName}__given, .value = ${option.cName} }`;
}

/** Whether a number is in the set: one bit of a bitmap. */
export function printOptionHas(p: FunctionPrinter, e: ExprOf<"option-has">): string {
  const { cName } = e.option;
  return `tsp_in_set(${cName}__bits, ${uncast(bare(printExpr(p, e.value)))})`;
}

/** The bytes that the given flags put into an option's variables. */
export function optionSlots(option: OptionRef, declared: DeclaredOption): readonly OptionSlot[] {
  if (option.set) {
    const set = declared.value as U16Set;
    const bits = new Uint8Array(8192);
    for (const value of set.values()) bits[value >> 3] = (bits[value >> 3] as number) | (1 << (value & 7));
    return [
      { variable: `${option.cName}__size`, bytes: integerBytes(BigInt(set.size), 4) },
      { variable: `${option.cName}__bits`, bytes: bits },
    ];
  }
  const size = { _Bool: 1, __u32: 4, __u64: 8 }[scalarName(option.type) as "_Bool" | "__u32" | "__u64"];
  const value = declared.value === undefined ? 0n : BigInt(declared.value as number | bigint | boolean);
  const slot = { variable: option.cName, bytes: integerBytes(value, size) };
  if (option.type.kind !== "optional") return [slot];
  return [{ variable: `${option.cName}__given`, bytes: integerBytes(declared.value === undefined ? 0n : 1n, 1) }, slot];
}

function integerBytes(value: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}
