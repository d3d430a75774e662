import { parseIp } from "../../dsl/ip-text.js";
import { parseMac } from "../../dsl/mac-text.js";
import { holdsLong, isLong } from "../ir/long.js";
import type { ExprOf } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { stored } from "../passes/lower/coerce.js";
import { memberName } from "./c-types.js";
import { byteSize } from "./long-values.js";
import type { FunctionPrinter } from "./printer.js";
import { quote } from "./writer.js";

/** What an expression without a value is printed as, after its steps. */
export const NOTHING = "(void)0";

/** A value known when compiled. */
export function printConstant(p: FunctionPrinter, { value, type }: ExprOf<"constant">): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "bigint") return printInteger(value);
  if (typeof value === "string") return printText(p, value, type);
  return NOTHING;
}

/** A text known when compiled, in the form of a type. */
export function printText(p: FunctionPrinter, value: string, wanted: IrType): string {
  const type = stored(wanted);
  const name = p.program.types.of(type);
  if (type.kind === "ip" || type.kind === "mac") return printAddress(value, type, name);
  if (isLong(type)) {
    const { literals } = p.program;
    const literal = literals.get(value) ?? { name: `tsp_literal_${literals.size}`, bytes: 0 };
    // As large as any use of it thinks it is.
    literals.set(value, { name: literal.name, bytes: Math.max(literal.bytes, byteSize(type)) });
    return `(${name}){ ${literal.name} }`;
  }
  return `TEXT(${name}, ${quote(value)})`;
}

/**
 * The value with all bits zero, but for long texts and arrays, which are addresses: theirs are of zeros. Clang may take the address
 * and whether the value is there apart, so that the verifier sees a null address read.
 */
export function printEmpty(p: FunctionPrinter, type: IrType): string {
  if (!holdsLong(type)) return p.program.types.zero(type);
  const name = p.program.types.of(type);
  if (type.kind === "optional") return `(${name}){ .value = ${printEmpty(p, type.value)} }`;
  if (type.kind === "object") {
    const parts = type.fields.filter((field) => holdsLong(field.type));
    return `(${name}){ ${parts.map((field) => `.${memberName(field.name)} = ${printEmpty(p, field.type)}`).join(", ")} }`;
  }
  const text = printText(p, "", { kind: "string", size: byteSize(type) });
  return type.kind === "string" ? text : `(${name}){ (const void *)${text}.v }`;
}

function printAddress(value: string, type: IrType, name: string): string {
  const list = (bytes: Uint8Array | undefined) => `{ ${[...(bytes ?? [0])].join(", ")} }`;
  if (type.kind === "mac") return `(${name}){ ${list(parseMac(value))} }`;
  const { family, bytes } = parseIp(value) ?? { family: 0, bytes: undefined };
  return `(${name}){ .family = ${family}, .bytes = ${list(bytes)} }`;
}

/** An integer literal of C: negative ones in parentheses, the most negative one made of two. */
export function printInteger(value: bigint): string {
  if (value === -(2n ** 63n)) return "(-9223372036854775807LL - 1)";
  if (value < 0n) return `(${value}LL)`;
  return value >= 2n ** 63n ? `${value}ULL` : `${value}LL`;
}
