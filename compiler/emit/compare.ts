import type { Expr, ExprOf } from "../ir/nodes.js";
import { rangeOfWidth } from "../ir/range.js";
import type { IrType } from "../ir/types.js";
import { printContextRead } from "./context-field.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";
import { bare } from "./text.js";

const OPERATORS = { "===": "==", "!==": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=" } as const;

/** A comparison of two values of one type. */
export function printCompare(p: FunctionPrinter, e: ExprOf<"compare">): string {
  const op = OPERATORS[e.op];
  const narrow = printNarrow(p, e.left, e.right);
  if (narrow !== undefined) return `(${narrow} ${op} ${constantText(p, e.right)})`;
  const [left, right] = [printExpr(p, e.left), e.right.kind === "constant" ? constantText(p, e.right) : printExpr(p, e.right)];
  const [a, b] = [e.left.type, e.right.type];
  if (a.kind !== "bigint" || b.kind !== "bigint" || a.signed === b.signed) return `(${left} ${op} ${right})`;
  // One side is signed, the other not. C would compare both as unsigned: right only for values that are not negative.
  const signedSide = a.signed ? a : b;
  if (signedSide.range.min >= 0n) return `(${unsigned(e.left, left)} ${op} ${unsigned(e.right, right)})`;
  const [x, y] = [p.stable(p.program.types.of(a), left), p.stable(p.program.types.of(b), right)];
  // What the comparison gives when the signed side is below zero, and so below the other.
  const below = e.op === "!==" || (a.signed ? e.op.startsWith("<") : e.op.startsWith(">"));
  const negative = `${a.signed ? x : y} < 0`;
  const usual = `${unsigned(e.left, x)} ${op} ${unsigned(e.right, y)}`;
  return below ? `(${negative} || ${usual})` : `(!(${negative}) && ${usual})`;
}

const unsigned = (e: Expr, text: string) =>
  e.kind === "constant" || (e.type.kind === "bigint" && !e.type.signed) ? text : `(__u64)${text}`;

/** A constant beside a 64-bit value: C widens it. */
function constantText(p: FunctionPrinter, e: Expr): string {
  const text = printExpr(p, e);
  return text.startsWith("(") ? text : bare(text);
}

/** A narrow field beside a constant of its own type's range: C compares these exactly, without a cast. */
function printNarrow(p: FunctionPrinter, left: Expr, right: Expr): string | undefined {
  if (left.kind !== "context-field" || left.field.type.kind !== "int" || left.type.kind !== "number") return undefined;
  if (right.kind !== "constant" || typeof right.value !== "bigint") return undefined;
  const { min, max } = rangeOfWidth(left.field.type.size, left.field.type.signed);
  return right.value >= min && right.value <= max ? printContextRead(p, left) : undefined;
}

/** JavaScript's truth: not undefined, null, 0, 0n or "". */
export function printTruth(p: FunctionPrinter, e: ExprOf<"truth">): string {
  const text = printExpr(p, e.operand);
  if (e.operand.type.kind !== "optional") return truthOf(text, e.operand.type);
  const kept = p.stable(p.program.types.of(e.operand.type), text);
  return `(${kept}.has && ${bare(truthOf(`${kept}.value`, e.operand.type.value))})`;
}

function truthOf(text: string, type: IrType): string {
  if (type.kind === "boolean") return text;
  if (type.kind === "ip") return `(${text}.family != 0)`;
  return type.kind === "string" ? `(${text}.v[0] != 0)` : `(${text} != 0)`;
}
