import type { BinaryExpression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { type CompareOperator, createExpr, type Expr } from "../../ir/nodes.js";
import { BOOLEAN, describeType } from "../../ir/types.js";
import { isPure } from "../../ir/walk.js";
import { constantExpr, requirePresent } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { lowerExpr } from "./expressions.js";
import { undefinedAsNull } from "./nullish.js";
import { refuseTemplate } from "./templates.js";
import { textEquality } from "./text-equality.js";

/** Comparison with JavaScript's rules for values of one type. */
export function compare(f: FunctionContext, op: CompareOperator, left: Expr, right: Expr, span: Span): Expr {
  const equality = op === "===" || op === "!==";
  for (const side of [left, right]) refuseTemplate(f, side);
  if (equality) {
    const special = nullTest(f, op, left, right, span) ?? textEquality(f, op, left, right, span);
    if (special !== undefined) return special;
  } else {
    requirePresent(f, left);
    requirePresent(f, right);
  }
  if (equality && (left.type.kind === "optional" || right.type.kind === "optional"))
    return optionalEquality(f, op, left, right, span);
  const [a, b] = [left.type.kind, right.type.kind];
  const comparable = a === b && (a === "number" || a === "bigint" || (equality && (a === "boolean" || a === "pointer")));
  if (!comparable) {
    const mixed = (a === "number" && b === "bigint") || (a === "bigint" && b === "number");
    f.report.refuse(
      mixed ? "TSP2203" : "TSP2201",
      span,
      `\`${op}\` cannot compare ${describeType(left.type)} with ${describeType(right.type)}`,
      {
        hints: mixed
          ? ["64-bit values are bigint: write constants with n (1000n), or convert with BigInt(x)"]
          : a === "ints" && b === "ints"
            ? ["compare texts: ip(a) === ip(b), mac(a) === mac(b); or element by element: a[0] === b[0]"]
            : ["numbers, bigints, booleans, texts and undefined can be compared with their like"],
      },
    );
  }
  return createExpr({ kind: "compare", op, left, right, span, type: BOOLEAN });
}

/** `x === undefined`, `pointer === null`. */
function nullTest(f: FunctionContext, op: CompareOperator, left: Expr, right: Expr, span: Span): Expr | undefined {
  const isNothing = (e: Expr) => e.type.kind === "undefined" || e.type.kind === "null";
  const [value, nothing] = isNothing(right) ? [left, right] : isNothing(left) ? [right, left] : [undefined, undefined];
  if (value === undefined || nothing === undefined) return undefined;
  // Any pointer is asked: what the kernel passes to a hook can be null where its types do not say so.
  if (nothing.type.kind === "null" && value.type.kind === "optional" && value.type.value.kind === "pointer")
    return optionalNullTest(f, op, value, span);
  const can = nothing.type.kind === "undefined" ? value.type.kind === "optional" : value.type.kind === "pointer";
  const present = presence(value, can, value.type.kind !== nothing.type.kind, span);
  return op === "!==" ? present : createExpr({ kind: "not", operand: present, span, type: BOOLEAN });
}

/** `a?.b === null` of a pointer: it is there, and null. */
function optionalNullTest(f: FunctionContext, op: CompareOperator, value: Expr, span: Span): Expr {
  const known = value.kind === "local";
  const bound = known ? undefined : f.inScope(() => f.declare("value", value.type, false));
  const once = bound === undefined ? value : createExpr({ kind: "local", local: bound, span: value.span, type: value.type });
  const inner = (value.type as Extract<Expr["type"], { kind: "optional" }>).value;
  const pointer = createExpr({ kind: "unwrap", operand: once, span: value.span, type: inner });
  const present = createExpr({ kind: "present", operand: once, span, type: BOOLEAN });
  const isAddress = createExpr({ kind: "present", operand: pointer, span, type: BOOLEAN });
  const right = createExpr({ kind: "not", operand: isAddress, span, type: BOOLEAN });
  const isNull = createExpr({ kind: "and", left: present, right, span, type: BOOLEAN });
  const result = op === "===" ? isNull : createExpr({ kind: "not", operand: isNull, span, type: BOOLEAN });
  return bound === undefined ? result : createExpr({ kind: "let", bound, source: value, result, span, type: BOOLEAN });
}

/** Whether a value is there: asked at run time when it may be missing, else known; what evaluating it does is done all the same. */
function presence(value: Expr, mayBeMissing: boolean, otherwise: boolean, span: Span): Expr {
  if (mayBeMissing) return createExpr({ kind: "present", operand: value, span, type: BOOLEAN });
  if (isPure(value)) return constantExpr(otherwise, span);
  const evaluated = createExpr({ kind: "present", operand: value, span, type: BOOLEAN });
  return otherwise ? evaluated : createExpr({ kind: "not", operand: evaluated, span, type: BOOLEAN });
}

/** `x == null`: the one use of == with clear meaning. */
export function looseNullTest(f: FunctionContext, node: BinaryExpression, op: "==" | "!="): Expr {
  const span = f.span(node);
  const [left, right] = [lowerExpr(f, node.left as never), lowerExpr(f, node.right)];
  const isNothing = (e: Expr) => e.type.kind === "undefined" || e.type.kind === "null";
  const found = isNothing(right) ? left : isNothing(left) ? right : undefined;
  if (found === undefined)
    return f.report.refuse("TSP2101", span, `\`${op}\` is not available in kernel code`, { hints: [`write \`${op}=\``] });
  const value = undefinedAsNull(f, found);
  const can = value.type.kind === "optional" || value.type.kind === "pointer";
  const present = presence(value, can, !isNothing(value), span);
  return op === "!=" ? present : createExpr({ kind: "not", operand: present, span, type: BOOLEAN });
}

/** `map.get(k) === 5n`: false when absent. */
function optionalEquality(f: FunctionContext, op: CompareOperator, left: Expr, right: Expr, span: Span): Expr {
  const [maybe, value] = left.type.kind === "optional" ? [left, right] : [right, left];
  const known = maybe.kind === "local" || maybe.kind === "option";
  if (value.type.kind === "optional" || !(known || isPure(value))) {
    f.report.refuse("TSP2202", maybe.span, "this value may be undefined here", {
      hints: ["put it into a const and test it for undefined first"],
    });
  }
  const bound = known ? undefined : f.inScope(() => f.declare("value", maybe.type, false));
  const once = bound === undefined ? maybe : createExpr({ kind: "local", local: bound, span: maybe.span, type: maybe.type });
  const inner = (maybe.type as Extract<Expr["type"], { kind: "optional" }>).value;
  const equal = compare(f, "===", createExpr({ kind: "unwrap", operand: once, span: maybe.span, type: inner }), value, span);
  const present = createExpr({ kind: "present", operand: once, span, type: BOOLEAN });
  const both = createExpr({ kind: "and", left: present, right: equal, span, type: BOOLEAN });
  const result = op === "===" ? both : createExpr({ kind: "not", operand: both, span, type: BOOLEAN });
  return bound === undefined ? result : createExpr({ kind: "let", bound, source: maybe, result, span, type: BOOLEAN });
}

/** JavaScript's truth of a value, as a boolean. */
export function truth(f: FunctionContext, expr: Expr): Expr {
  refuseTemplate(f, expr);
  if (expr.type.kind === "boolean") return expr;
  if (expr.type.kind === "undefined" || expr.type.kind === "null") return constantExpr(false, expr.span);
  if (expr.type.kind === "literal") return constantExpr(expr.type.value !== "", expr.span);
  const inner = expr.type.kind === "optional" ? expr.type.value.kind : expr.type.kind;
  // Objects are true whatever is in them.
  if (inner === "object" || inner === "ints" || inner === "array" || inner === "mac")
    return presence(expr, expr.type.kind === "optional", true, expr.span);
  if (["number", "bigint", "boolean", "pointer", "string", "ip"].includes(inner))
    return createExpr({ kind: "truth", operand: expr, span: expr.span, type: BOOLEAN });
  return f.report.refuse("TSP2201", expr.span, `${describeType(expr.type)} cannot be used as a condition`);
}
