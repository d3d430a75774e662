import type { ChainExpression, Expression, MemberExpression } from "oxc-parser";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { describeType, type IrType, optionalType } from "../../ir/types.js";
import { coerceTo, constantExpr, stored } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { lowerOperand, refuseSyntax, toValue } from "./expressions.js";
import { memberOf } from "./members.js";
import { undefinedAsNull } from "./nullish.js";
import type { Operand } from "./operand.js";
import { stripSyntax } from "./syntax.js";

/** `a?.b.c`: when `a` is absent, the whole rest of the chain is skipped and the result is undefined. */
export function lowerChain(f: FunctionContext, node: ChainExpression): Operand {
  const steps: MemberExpression[] = [];
  let base: Expression = node.expression as Expression;
  while (base.type === "MemberExpression") {
    steps.unshift(base);
    base = stripSyntax(base.object);
  }
  if (base.type === "TSNonNullExpression") return refuseSyntax(f, base);
  if (base.type === "CallExpression" && base.optional)
    return f.report.refuse("TSP2101", f.span(base), "`?.(` is not available in kernel code", {
      hints: ["test the value with if"],
    });
  return followSteps(f, lowerOperand(f, base), steps);
}

function followSteps(f: FunctionContext, from: Operand, steps: readonly MemberExpression[]): Operand {
  let operand = from;
  for (const [i, step] of steps.entries()) {
    if (step.optional) {
      const value = operand.kind === "static" || operand.kind === "place" ? operand : skipWhenAbsent(f, operand, steps.slice(i));
      if (value !== operand) return value;
    }
    operand = memberOf(f, operand, step);
  }
  return operand;
}

/** The rest of the chain under the condition that `object` has a value; the same operand when it always has. */
function skipWhenAbsent(f: FunctionContext, from: Expr, rest: readonly MemberExpression[]): Expr {
  const object = undefinedAsNull(f, from);
  const { type, span } = object;
  if (type.kind === "undefined" || type.kind === "null") return constantExpr(undefined, span);
  const certain: IrType | undefined =
    type.kind === "optional"
      ? type.value
      : type.kind === "pointer" && type.nullable
        ? Object.freeze({ ...type, nullable: false })
        : undefined;
  if (certain === undefined) return from;
  return f.inScope(() => {
    const bound = f.declare("link", certain, false);
    const [first, ...others] = rest as [MemberExpression, ...MemberExpression[]];
    const start = memberOf(f, f.read(bound, span), first);
    const found = toValue(f, followSteps(f, start, others));
    const inner = coerceTo(f, found, stored(found.type));
    if (inner.type.kind === "object" || inner.type.kind === "array")
      f.report.refuse("TSP2107", inner.span, `${describeType(inner.type)} as a whole cannot follow ?.`);
    const type = optionalType(inner.type);
    const result = inner.type.kind === "optional" ? inner : createExpr({ kind: "wrap", operand: inner, span: inner.span, type });
    return createExpr({ kind: "if-not-null", pointer: object, bound, result, span, type });
  });
}
