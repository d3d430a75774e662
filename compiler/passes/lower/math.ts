import type { CallExpression } from "oxc-parser";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { checked, createRange, isWithin, type Range, rangeOfWidth, S64, SAFE } from "../../ir/range.js";
import { bigintType, numberType } from "../../ir/types.js";
import { isRepeatable } from "../../ir/walk.js";
import { lowerArguments, plainArgument } from "./calls.js";
import { bigintFor, constantExpr, requireInteger } from "./coerce.js";
import { truth } from "./compare.js";
import type { FunctionContext } from "./context.js";
import { lowerExpr } from "./expressions.js";
import type { StaticValue } from "./operand.js";
import { arithmetic } from "./operators.js";
import { stripSyntax } from "./syntax.js";

/** JavaScript's own functions that have an exact meaning in the kernel; undefined when the callee is none of them. */
export function lowerMathCall(f: FunctionContext, callee: StaticValue, node: CallExpression): Expr | undefined {
  switch (callee.value) {
    case Math.trunc:
      return trunc(f, node);
    case Math.abs:
      return absolute(f, node);
    case Math.min:
    case Math.max:
      return extreme(f, node, callee.value === Math.min ? "minimum" : "maximum");
    case BigInt:
      return toBigint(f, lowerArguments(f, node, 1, "BigInt(x)")[0] as Expr, node);
    case Number:
      return toNumber(f, lowerArguments(f, node, 1, "Number(x)")[0] as Expr, node);
    case Boolean:
      return truth(f, lowerArguments(f, node, 1, "Boolean(x)")[0] as Expr);
    case BigInt.asUintN:
    case BigInt.asIntN:
      return cut(f, node, callee.value === BigInt.asIntN);
    default:
      return undefined;
  }
}

/** Math.trunc(a / b) is integer division; of an integer it is the integer itself. */
function trunc(f: FunctionContext, node: CallExpression): Expr {
  const [argument] = node.arguments;
  if (node.arguments.length === 1 && argument !== undefined) {
    const inner = stripSyntax(plainArgument(f, argument));
    if (inner.type === "BinaryExpression" && inner.operator === "/") {
      const [left, right] = [lowerExpr(f, inner.left as never), lowerExpr(f, inner.right)].map((side) =>
        requireNumber(f, side),
      ) as [Expr, Expr];
      return arithmetic(f, "/", left, right, f.span(node));
    }
  }
  return requireNumber(f, lowerArguments(f, node, 1, "Math.trunc(a / b)")[0] as Expr);
}

function requireNumber(f: FunctionContext, value: Expr): Expr & { readonly type: { readonly range: Range } } {
  const integer = requireInteger(f, value);
  if (integer.type.kind === "bigint")
    f.report.refuse("TSP2203", value.span, "Math works on numbers, not on bigints", {
      hints: ["bigints divide with `/` and compare with < and >"],
    });
  return integer as never;
}

function absolute(f: FunctionContext, node: CallExpression): Expr {
  const value = requireNumber(f, lowerArguments(f, node, 1, "Math.abs(x)")[0] as Expr);
  const { min } = value.type.range;
  if (min >= 0n) return value;
  if (!isRepeatable(value)) {
    // Evaluated once: it may do something.
    const bound = f.inScope(() => f.declare("value", value.type, false));
    const once = createExpr({ kind: "local", local: bound, span: value.span, type: value.type });
    const result = magnitudeOf(f, once, value.type.range, node);
    return createExpr({ kind: "let", bound, source: value, result, span: f.span(node), type: result.type });
  }
  return magnitudeOf(f, value, value.type.range, node);
}

function magnitudeOf(f: FunctionContext, value: Expr, { min, max }: Range, node: CallExpression): Expr {
  const negated = createExpr({
    kind: "negate",
    operand: value,
    site: undefined,
    span: f.span(node),
    type: numberType(createRange(-max, -min)),
  });
  const range = createRange(0n, max > -min ? max : -min);
  return createExpr({ kind: "maximum", left: value, right: negated, span: f.span(node), type: numberType(range) });
}

function extreme(f: FunctionContext, node: CallExpression, kind: "minimum" | "maximum"): Expr {
  if (node.arguments.length < 1) f.report.refuse("TSP2119", f.span(node), "this call needs at least one argument");
  const values = node.arguments.map((argument) => requireNumber(f, lowerExpr(f, plainArgument(f, argument))));
  const pick = (a: bigint, b: bigint) => ((kind === "minimum") === a < b ? a : b);
  return values.reduce((left, right) => {
    const range = createRange(pick(left.type.range.min, right.type.range.min), pick(left.type.range.max, right.type.range.max));
    return createExpr({ kind, left, right, span: f.span(node), type: numberType(range) }) as never;
  }) as Expr;
}

function toBigint(f: FunctionContext, value: Expr, node: CallExpression): Expr {
  if (value.type.kind === "boolean") {
    const span = f.span(node);
    return createExpr({
      kind: "conditional",
      test: value,
      yes: constantExpr(1n, span),
      no: constantExpr(0n, span),
      span,
      type: bigintType(createRange(0n, 1n), true),
    });
  }
  const integer = requireInteger(f, value);
  if (integer.type.kind === "bigint") return integer;
  return createExpr({
    kind: "convert",
    operand: value,
    site: undefined,
    span: f.span(node),
    type: bigintType(integer.type.range, true),
  });
}

export function toNumber(f: FunctionContext, value: Expr, node: CallExpression): Expr {
  const span = f.span(node);
  if (value.type.kind === "boolean")
    return createExpr({
      kind: "conditional",
      test: value,
      yes: constantExpr(1, span),
      no: constantExpr(0, span),
      span,
      type: numberType(createRange(0n, 1n)),
    });
  const integer = requireInteger(f, value);
  if (integer.type.kind === "number") return integer;
  const fits = isWithin(integer.type.range, SAFE);
  return createExpr({
    kind: "convert",
    operand: value,
    site: fits ? undefined : f.site("overflow", span),
    span,
    type: numberType(checked(integer.type.range, SAFE)),
  });
}

/** BigInt.asUintN(bits, x), BigInt.asIntN(bits, x) with constant bits. */
function cut(f: FunctionContext, node: CallExpression, signed: boolean): Expr {
  const [width, value] = lowerArguments(f, node, 2, "BigInt.asUintN(32, x)") as [Expr, Expr];
  const bits = width.kind === "constant" && width.type.kind === "number" ? Number(width.value) : 0;
  if (![8, 16, 32, 64].includes(bits)) f.report.refuse("TSP2122", width.span, "the number of bits must be 8, 16, 32 or 64 here");
  const integer = requireInteger(f, value);
  if (integer.type.kind !== "bigint")
    f.report.refuse("TSP2203", value.span, "this needs a bigint", { hints: ["use `& 0xff` or `| 0` on numbers"] });
  const range = rangeOfWidth(bits / 8, signed);
  if (isWithin(integer.type.range, range)) return integer;
  return createExpr({
    kind: "cut",
    operand: value,
    bits,
    span: f.span(node),
    type: bits === 64 && signed ? bigintType(S64, true) : bigintFor(range, !signed),
  });
}
