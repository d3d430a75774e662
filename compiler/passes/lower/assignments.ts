import type { AssignmentExpression, AssignmentTarget, UpdateExpression } from "oxc-parser";
import { createExpr, createStmt, type Expr, type Local, type Stmt } from "../../ir/nodes.js";
import { S64 } from "../../ir/range.js";
import { BOOLEAN, describeText, type IrType } from "../../ir/types.js";
import { coerceTo, constantExpr, sameRepresentation, unify } from "./coerce.js";
import { truth } from "./compare.js";
import { type FunctionContext, isLocalBinding } from "./context.js";
import { lowerExpr } from "./expressions.js";
import { refuseLongInLoop } from "./long-lets.js";
import { binaryOperation } from "./operators.js";
import { assignPattern } from "./patterns.js";
import { LoweredAgain, StatementAbandoned } from "./report.js";
import { branch } from "./statements.js";
import { learnAssigned } from "./variables.js";

/** `x = y`, `x += y`, `x ??= y`, `[x, y] = [y, x]`, as statements. */
export function lowerAssignment(f: FunctionContext, node: AssignmentExpression): readonly Stmt[] {
  const { left } = node;
  if (left.type === "ArrayPattern" || left.type === "ObjectPattern") return assignPattern(f, left, node.right);
  const span = f.span(node);
  const local = assignable(f, left);
  const op = node.operator.slice(0, -1);
  if (op === "&&" || op === "||" || op === "??") return lowerConditionally(f, node, local, op);
  const right = lowerExpr(f, node.right);
  // What unsigned values are added to is unsigned, if nothing says otherwise.
  if (["+", "*", "&", "|", "^"].includes(op) && isBeyondSigned(right.type)) wantUnsigned(f, local);
  const value = op === "" ? right : binaryOperation(f, op, f.read(local, f.span(left)), right, span);
  return [assign(f, local, value, span)];
}

/** The variable that an assignment changes. */
export function assignable(f: FunctionContext, node: AssignmentTarget | { type: string; start: number; end: number }): Local {
  const span = f.span(node);
  if (node.type !== "Identifier") {
    return f.report.refuse("TSP2127", span, "only variables can be assigned to in kernel code", {
      hints: ["keep state in a map: map.set(key, value)"],
    });
  }
  const { name } = node as { name: string };
  const binding = f.lookup(name);
  if (binding === undefined) {
    return f.report.refuse("TSP2127", span, `${name} belongs to the host and cannot be changed by kernel code`, {
      hints: ["keep state in a map: map.set(key, value)"],
    });
  }
  if (binding === "failed") throw new StatementAbandoned();
  if (!isLocalBinding(binding) || !binding.mutable)
    return f.report.refuse("TSP2127", span, `${name} is a const`, { hints: ["declare it with let"] });
  return binding;
}

/** `x ??= y`: assigned only when the test of the old value says so. */
function lowerConditionally(
  f: FunctionContext,
  node: AssignmentExpression,
  local: Local,
  op: "&&" | "||" | "??",
): readonly Stmt[] {
  const span = f.span(node);
  const current = f.read(local, f.span(node.left));
  const set = () => [assign(f, local, lowerExpr(f, node.right), span)];
  const nothing = () => [];
  // What is known to have a value keeps it.
  if (op === "??" && current.type.kind !== "optional" && !(current.type.kind === "pointer" && current.type.nullable)) return [];
  const test =
    op === "??" ? createExpr({ kind: "present", operand: current, span: current.span, type: BOOLEAN }) : truth(f, current);
  return [op === "&&" ? branch(f, test, set, nothing, span) : branch(f, test, nothing, set, span)];
}

/** `local = value`, with the value brought to the variable's type. */
export function assign(f: FunctionContext, local: Local, value: Expr, span: Stmt["span"]): Stmt {
  const type = unify(local.type, value.type);
  const fits = type !== undefined && sameRepresentation(type, local.type, true);
  const coerced = fits ? coerceTo(f, value, local.type) : value;
  if (!fits || !sameRepresentation(coerced.type, local.type)) {
    return f.report.refuse("TSP2201", span, `${local.name} holds ${describeText(local.type)}, not ${describeText(value.type)}`, {
      hints: local.type.kind === "string" ? ["a text variable has the length of its first value"] : [],
    });
  }
  if (isBeyondSigned(value.type) && !isBeyondSigned(type)) wantUnsigned(f, local);
  refuseLongInLoop(f, local, span);
  learnAssigned(f, local, value);
  return createStmt({ kind: "assign", local, value: coerced, span });
}

/** Whether values of a bigint's type can be 2^63 and more. */
function isBeyondSigned(type: IrType): boolean {
  if (type.kind === "optional") return isBeyondSigned(type.value);
  return type.kind === "bigint" && !type.signed && type.range.max > S64.max;
}

/** A `let x = 0n` that is given unsigned values later is unsigned: the function is lowered again with that knowledge. */
function wantUnsigned(f: FunctionContext, local: Local): void {
  const declaration = f.openLets.get(local);
  if (declaration === undefined || f.module.unsignedLets.has(declaration)) return;
  f.module.unsignedLets.add(declaration);
  throw new LoweredAgain();
}

export function lowerUpdate(f: FunctionContext, node: UpdateExpression): Stmt {
  const span = f.span(node);
  const local = assignable(f, node.argument);
  const current = f.read(local, f.span(node.argument));
  const one = constantExpr(current.type.kind === "bigint" ? 1n : 1, span);
  return assign(f, local, binaryOperation(f, node.operator === "++" ? "+" : "-", current, one, span), span);
}
