import { parseIp } from "../../dsl/ip-text.js";
import { parseMac } from "../../dsl/mac-text.js";
import type { Expr, ExprOf } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { stored } from "../passes/lower/coerce.js";
import { printRawText } from "./context-field.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";

const encoder = new TextEncoder();

/** A text under a name that can be repeated; what stands after its NUL may be anything. */
export function keptText(p: FunctionPrinter, e: Expr): string {
  return p.stable(p.program.types.of(stored(e.type)), printRawText(p, e) ?? printExpr(p, e));
}

export const textSizeOf = (e: Expr): number => (e.type as Extract<IrType, { kind: "string" }>).size;

/** Whether two texts, or two addresses, are equal. */
export function printSameText(p: FunctionPrinter, e: ExprOf<"same-text">): string {
  if (e.left.type.kind === "ip" || e.left.type.kind === "mac") return printSameAddress(p, e);
  const kept = keptText(p, e.left);
  const size = textSizeOf(e.left);
  if (e.right.type.kind !== "literal") {
    const other = keptText(p, e.right);
    return `tsp_same_text(${kept}.v, ${size}, ${other}.v, ${textSizeOf(e.right)})`;
  }
  const bytes = [...encoder.encode(e.right.type.value)];
  if (bytes.length > size) return "0";
  const end = bytes.length === size ? [] : [`${kept}.v[${bytes.length}] == 0`];
  return `(${[...characterTests(kept, bytes), ...end].join(" && ")})`;
}

/** A literal is compared character by character, which the verifier follows best. */
export function characterTests(text: string, bytes: readonly number[]): string[] {
  return bytes.map((byte, i) => `${text}.v[${i}] == ${character(byte)}`);
}

/** A byte of a text as char: letters and digits as such. */
function character(byte: number): string {
  const text = String.fromCharCode(byte);
  return /[ -&(-[\]-~]/.test(text) ? `'${text}'` : `(char)${byte}`;
}

function printSameAddress(p: FunctionPrinter, e: ExprOf<"same-text">): string {
  const { left, right } = e;
  const a = p.stable(p.program.types.of(left.type), printExpr(p, left));
  if (right.kind === "constant" && typeof right.value === "string") return sameConstant(a, left.type.kind, right.value);
  const b = p.stable(p.program.types.of(right.type), printExpr(p, right));
  if (left.type.kind === "mac") return `tsp_same_bytes(${a}.v, ${b}.v, 6)`;
  return `(${a}.family == ${b}.family && tsp_same_bytes(${a}.bytes, ${b}.bytes, 16))`;
}

/** An address beside one known when compiled: byte by byte, or in the words that hold it. */
function sameConstant(address: string, kind: IrType["kind"], text: string): string {
  if (kind === "mac") return `(${[...(parseMac(text) ?? [])].map((byte, i) => `${address}.v[${i}] == ${byte}`).join(" && ")})`;
  const parsed = parseIp(text);
  if (parsed === undefined) return `(${address}.family == 0)`;
  const view = new DataView(parsed.bytes.buffer);
  const words = Array.from({ length: parsed.bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
  const tests = words.map((word, i) => `((const __u32 *)${address}.bytes)[${i}] == 0x${word.toString(16)}`);
  return `(${[`${address}.family == ${parsed.family}`, ...tests].join(" && ")})`;
}
