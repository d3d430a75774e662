import type { LogicalExpression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { BOOLEAN, describeType, type IrType, optionalType } from "../../ir/types.js";
import { coerceTo, constantExpr, unify } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { lowerExpr } from "./expressions.js";

type PointerType = Extract<IrType, { kind: "pointer" }>;

/** `a ?? b`: b where a is undefined or null. */
export function lowerNullish(f: FunctionContext, maybe: Expr, node: LogicalExpression, span: Span): Expr {
  const left = undefinedAsNull(f, maybe);
  if (left.type.kind === "undefined" || left.type.kind === "null") return lowerExpr(f, node.right);
  if (left.type.kind === "pointer") return left.type.nullable ? pointerOr(f, left, left.type, node, span) : left;
  if (left.type.kind !== "optional") return left;
  const right = lowerExpr(f, node.right);
  const type = unify(left.type.value, right.type) ?? refuseChoice(f, left.type.value, right.type, span);
  return createExpr({
    kind: "default",
    left: coerceTo(f, left, optionalType(type)),
    right: coerceTo(f, right, type),
    span,
    type,
  });
}

/**
 * `a?.b` of a pointer that can be null is undefined, null or an address. Where undefined and null are the same (`??`, `?.`, `== null`) it
 * is a pointer that can be null; other values stay what they are.
 */
export function undefinedAsNull(f: FunctionContext, value: Expr): Expr {
  const { type, span } = value;
  if (type.kind !== "optional" || type.value.kind !== "pointer") return value;
  const pointer: PointerType = Object.freeze({ ...type.value, nullable: true });
  const none = coerceTo(f, constantExpr(null, span), pointer);
  return createExpr({ kind: "default", left: coerceTo(f, value, optionalType(pointer)), right: none, span, type: pointer });
}

/** A pointer, or what is on the right where it is null. It is read once: memory may change in between. */
function pointerOr(f: FunctionContext, left: Expr, type: PointerType, node: LogicalExpression, span: Span): Expr {
  const right = lowerExpr(f, node.right);
  const found: PointerType = Object.freeze({ ...type, nullable: false });
  const both = unify(found, right.type) ?? refuseChoice(f, found, right.type, span);
  const bound = f.inScope(() => f.declare("pointer", type, false));
  const read = (as: PointerType): Expr => createExpr({ kind: "local", local: bound, span: left.span, type: as });
  const test = createExpr({ kind: "present", operand: read(type), span: left.span, type: BOOLEAN });
  const [yes, no] = [coerceTo(f, read(found), both), coerceTo(f, right, both)];
  const result = createExpr({ kind: "conditional", test, yes, no, span, type: both });
  return createExpr({ kind: "let", bound, source: left, result, span, type: both });
}

function refuseChoice(f: FunctionContext, left: IrType, right: IrType, span: Span): never {
  return f.report.refuse("TSP2201", span, `\`??\` cannot choose between ${describeType(left)} and ${describeType(right)}`);
}
