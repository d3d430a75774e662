import type { Expr, ExprOf } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";

const OPERATORS = { "===": "==", "!==": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=" } as const;

/** A comparison of two values of one type. */
export function printCompare(p: FunctionPrinter, e: ExprOf<"compare">): string {
  const op = OPERATORS[e.op];
  const [left, right] = [printExpr(p, e.left), printExpr(p, e.right)];
  const [a, b] = [e.left.type, e.right.type];
  if (a.kind !== "bigint" || b.kind !== "bigint" || a.signed === b.signed) return `(${left} ${op} ${right})`;
  // One side is signed, the other not. C would compare both as unsigned: right only for values that are not negative.
  const signedSide = a.signed ? a : b;
  if (signedSide.range.min >= 0n) return `((__u64)${left} ${op} (__u64)${right})`;
  const [x, y] = [p.temporary(), p.temporary()];
  const negative = a.signed ? `${x} < 0` : `${y} < 0`;
  // What the comparison gives when the signed side is below zero, and so below the other.
  const below = { "===": "0", "!==": "1", "<": a.signed ? "1" : "0", "<=": a.signed ? "1" : "0", ">": a.signed ? "0" : "1", ">=": a.signed ? "0" : "1" }[e.op];
  return p.steps(`${p.program.types.of(a)} ${x} = ${left};`, `${p.program.types.of(b)} ${y} = ${right};`, `${negative} ? ${below} : ((__u64)${x} ${op} (__u64)${y});`);
}

/** Whether two texts are equal; a literal is compared character by character, which the verifier follows best. */
export function printSameText(p: FunctionPrinter, e: ExprOf<"same-text">): string {
  const kept = p.temporary();
  const declared = `${p.program.types.of(e.left.type)} ${kept} = ${printExpr(p, e.left)};`;
  const size = (e.left.type as Extract<IrType, { kind: "string" }>).size;
  if (e.right.type.kind !== "literal") {
    const other = p.temporary();
    const otherSize = (e.right.type as Extract<IrType, { kind: "string" }>).size;
    return p.steps(declared, `${p.program.types.of(e.right.type)} ${other} = ${printExpr(p, e.right)};`, `tsp_same_text(${kept}.v, ${size}, ${other}.v, ${otherSize});`);
  }
  const bytes = [...new TextEncoder().encode(e.right.type.value)];
  if (bytes.length > size) return "0";
  const tests = bytes.map((byte, i) => `${kept}.v[${i}] == (char)${byte}`);
  if (bytes.length < size) tests.push(`${kept}.v[${bytes.length}] == 0`);
  return p.steps(declared, `${tests.join(" && ")};`);
}

/** JavaScript's truth: not undefined, null, 0, 0n or "". */
export function printTruth(p: FunctionPrinter, e: ExprOf<"truth">): string {
  const text = printExpr(p, e.operand);
  if (e.operand.type.kind !== "optional") return truthOf(text, e.operand.type);
  const kept = p.temporary();
  return p.steps(`${p.program.types.of(e.operand.type)} ${kept} = ${text};`, `${kept}.has && ${truthOf(`${kept}.value`, e.operand.type.value)};`);
}

function truthOf(text: string, type: Expr["type"]): string {
  return type.kind === "string" ? `((${text}).v[0] != 0)` : `(${text} != 0)`;
}
