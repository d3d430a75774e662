import type { BinaryExpression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { nearestNames } from "../../../kernel/nearest.js";
import { type CompareOperator, createExpr, type Expr } from "../../ir/nodes.js";
import { BOOLEAN, describeType, numberType } from "../../ir/types.js";
import { isPure } from "../../ir/walk.js";
import { constantExpr, requirePresent } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { lowerExpr } from "./expressions.js";
import { refuseTemplate } from "./templates.js";

/** Comparison with JavaScript's rules for values of one type. */
export function compare(f: FunctionContext, op: CompareOperator, left: Expr, right: Expr, span: Span): Expr {
  const equality = op === "===" || op === "!==";
  for (const side of [left, right]) refuseTemplate(f, side);
  if (equality) {
    const special = nullTest(op, left, right, span) ?? textTest(f, op, left, right, span);
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
          : ["numbers, bigints, booleans, texts and undefined can be compared with their like"],
      },
    );
  }
  return createExpr({ kind: "compare", op, left, right, span, type: BOOLEAN });
}

/** `x === undefined`, `pointer === null`. */
function nullTest(op: CompareOperator, left: Expr, right: Expr, span: Span): Expr | undefined {
  const isNothing = (e: Expr) => e.type.kind === "undefined" || e.type.kind === "null";
  const [value, nothing] = isNothing(right) ? [left, right] : isNothing(left) ? [right, left] : [undefined, undefined];
  if (value === undefined || nothing === undefined) return undefined;
  // Any pointer is asked: what the kernel passes to a hook can be null where its types do not say so.
  const can = nothing.type.kind === "undefined" ? value.type.kind === "optional" : value.type.kind === "pointer";
  const present = presence(value, can, value.type.kind !== nothing.type.kind, span);
  return op === "!==" ? present : createExpr({ kind: "not", operand: present, span, type: BOOLEAN });
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
  const value = isNothing(right) ? left : isNothing(left) ? right : undefined;
  if (value === undefined)
    return f.report.refuse("TSP2101", span, `\`${op}\` is not available in kernel code`, { hints: [`write \`${op}=\``] });
  const can = value.type.kind === "optional" || value.type.kind === "pointer";
  const present = presence(value, can, !isNothing(value), span);
  return op === "!=" ? present : createExpr({ kind: "not", operand: present, span, type: BOOLEAN });
}

function textTest(f: FunctionContext, op: CompareOperator, left: Expr, right: Expr, span: Span): Expr | undefined {
  const texts = ["string", "literal", "name"];
  if (!texts.includes(left.type.kind) || !texts.includes(right.type.kind)) return undefined;
  const [value, literal] = right.type.kind === "literal" ? [left, right] : [right, left];
  const negate = (e: Expr) => (op === "===" ? e : createExpr({ kind: "not", operand: e, span, type: BOOLEAN }));
  if (literal.type.kind === "literal" && value.type.kind === "literal")
    return constantExpr((value.type.value === literal.type.value) === (op === "==="), span);
  if (value.type.kind === "name" && value.type.flags !== undefined)
    f.report.refuse("TSP2559", value.span, "flags cannot be compared with a text", { hints: ["test bits of the number: (x & 2) !== 0"] });
  if (value.type.kind === "name" && literal.type.kind === "literal") {
    const wanted = literal.type.value;
    const code = [...value.type.names].find(([, name]) => name === wanted)?.[0];
    if (code === undefined)
      f.report.refuse("TSP2204", literal.span, `no value has the name ${JSON.stringify(wanted)}`, {
        hints: namesHint(wanted, [...value.type.names.values()]),
      });
    const bare = createExpr({ kind: "label", operand: value, span: value.span, type: numberType(value.type.range) });
    return negate(createExpr({ kind: "compare", op: "===", left: bare, right: constantExpr(code, span), span, type: BOOLEAN }));
  }
  if (left.type.kind === "name" || right.type.kind === "name")
    f.report.refuse("TSP2201", span, "compare the numbers instead of their names");
  return negate(createExpr({ kind: "same-text", left: value, right: literal, span, type: BOOLEAN }));
}

/** A few names are all told, of many only the near ones. */
function namesHint(wanted: string, names: readonly string[]): string[] {
  if (names.length <= 20) return [`names are ${names.join(", ")}`];
  const near = nearestNames(wanted, names, 3);
  return near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : [`names are ${names.slice(0, 20).join(", ")} …`];
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
  if (inner === "object" || inner === "ints" || inner === "array")
    return presence(expr, expr.type.kind === "optional", true, expr.span);
  if (["number", "bigint", "boolean", "pointer", "string"].includes(inner))
    return createExpr({ kind: "truth", operand: expr, span: expr.span, type: BOOLEAN });
  return f.report.refuse("TSP2201", expr.span, `${describeType(expr.type)} cannot be used as a condition`);
}
