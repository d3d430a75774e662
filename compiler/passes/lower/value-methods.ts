import type { CallExpression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { nearestNames } from "../../../kernel/nearest.js";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { optionalType } from "../../ir/types.js";
import { requirePresent } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import type { KernelPlace } from "./operand.js";
import { stripSyntax } from "./syntax.js";
import { lowerTextMethod, TEXT_METHODS, type TextMethod } from "./text-methods.js";

/** A method of a value of kernel code: `text.startsWith("x")`. */
export function lowerValueMethod(
  f: FunctionContext,
  object: Expr | KernelPlace,
  method: string,
  node: CallExpression,
  place: Span,
): Expr {
  if (object.kind !== "place" && object.type.kind === "optional" && isOptionalCall(node))
    return whenPresent(f, object, method, node, place);
  if (object.kind !== "place") {
    const { type } = requirePresent(f, object);
    if (type.kind === "string" || type.kind === "literal") {
      if (isTextMethod(method)) return lowerTextMethod(f, object, method, node);
      const near = nearestNames(method, TEXT_METHODS, 1);
      f.report.refuse("TSP2118", place, `.${method}() is not available in kernel code`, {
        hints: [near.length > 0 ? `did you mean .${near[0]}()?` : "call it in the callback"],
      });
    }
    if ((type.kind === "name" || type.kind === "ip" || type.kind === "mac") && isTextMethod(method))
      f.report.refuse(
        "TSP2118",
        place,
        `.${method}() is not available here: the text of ${describeSource(type.kind)} is made in Node`,
        {
          hints: ["compare it with ===, or call the method in the callback"],
        },
      );
  }
  return f.report.refuse("TSP2118", place, `.${method}() is not available in kernel code`, {
    hints: ["call it in the callback"],
  });
}

const isTextMethod = (method: string): method is TextMethod => (TEXT_METHODS as readonly string[]).includes(method);

function describeSource(kind: "name" | "ip" | "mac"): string {
  return kind === "name" ? "a name" : `${kind}()`;
}

/** `a?.method()` */
function isOptionalCall(node: CallExpression): boolean {
  const callee = stripSyntax(node.callee);
  return callee.type === "MemberExpression" && callee.optional;
}

/** The call when there is a value, else undefined. */
function whenPresent(f: FunctionContext, object: Expr, method: string, node: CallExpression, place: Span): Expr {
  const { value: type } = object.type as Extract<Expr["type"], { kind: "optional" }>;
  return f.inScope(() => {
    const bound = f.declare("value", type, false);
    const inner = lowerValueMethod(f, f.read(bound, object.span), method, node, place);
    const maybe = optionalType(inner.type);
    const result =
      inner.type.kind === "optional" ? inner : createExpr({ kind: "wrap", operand: inner, span: inner.span, type: maybe });
    return createExpr({ kind: "if-not-null", pointer: object, bound, result, span: f.span(node), type: maybe });
  });
}
