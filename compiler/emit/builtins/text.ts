import type { Expr } from "../../ir/nodes.js";
import type { FunctionPrinter } from "../printer.js";
import { characterTests, keptText, textSizeOf } from "../same-text.js";
import type { BuiltinExpr, BuiltinPrinter } from "./printer.js";

const encoder = new TextEncoder();

/** Literals of more bytes than this are compared by a loop. */
const MOST_TESTS = 64;

/** text.startsWith(other): the first bytes of UTF-8 are the same exactly when the first characters are. */
export const printStartsWith: BuiltinPrinter = {
  print(p, { arguments: [text, start] }) {
    const kept = keptText(p, text as Expr);
    const size = sizeOf(text as Expr);
    const literal = literalOf(start as Expr);
    if (literal !== undefined && literal.length > size) return "0";
    if (literal !== undefined && literal.length <= MOST_TESTS && (text as Expr).type.kind === "string")
      return literal.length === 0 ? "1" : `(${characterTests(kept, literal).join(" && ")})`;
    const other = keptText(p, start as Expr);
    return `tsp_starts_with(${kept}.v, ${size}, ${other}.v, ${sizeOf(start as Expr)})`;
  },
};

/** The bytes of a literal; a text that is held as bytes has none. */
function literalOf({ type }: Expr): number[] | undefined {
  return type.kind === "literal" ? [...encoder.encode(type.value)] : undefined;
}

function sizeOf(e: Expr): number {
  return e.type.kind === "literal" ? encoder.encode(e.type.value).length + 1 : textSizeOf(e);
}

function printFind(p: FunctionPrinter, { arguments: [text, wanted] }: BuiltinExpr, atEnd: boolean): string {
  const kept = keptText(p, text as Expr);
  const bytes = literalOf(wanted as Expr) ?? [];
  if (bytes.length === 0) return "1";
  return `tsp_find(${kept}.v, ${sizeOf(text as Expr)}, ${bytes.length}, ${patternWords(bytes).join(", ")}, ${atEnd ? 1 : 0})`;
}

/** Four words of a literal's bytes, its last byte the lowest. */
function patternWords(bytes: readonly number[]): string[] {
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return [0n, 64n, 128n, 192n].map((shift) => `0x${BigInt.asUintN(64, value >> shift).toString(16)}ULL`);
}

export const printEndsWith: BuiltinPrinter = { print: (p, e) => printFind(p, e, true) };
export const printIncludes: BuiltinPrinter = { print: (p, e) => printFind(p, e, false) };

export const printTextLength: BuiltinPrinter = {
  print(p, { arguments: [text] }) {
    return `tsp_text_length(${keptText(p, text as Expr)}.v, ${sizeOf(text as Expr)})`;
  },
};
