import type { CallExpression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import type { Expr } from "../../ir/nodes.js";
import type { FunctionContext } from "./context.js";
import type { KernelPlace } from "./operand.js";

/** A method of a value of kernel code: `text.startsWith("x")`. */
export function lowerValueMethod(
  f: FunctionContext,
  _object: Expr | KernelPlace,
  method: string,
  _node: CallExpression,
  place: Span,
): Expr {
  return f.report.refuse("TSP2118", place, `.${method}() is not available in kernel code`, {
    hints: ["call it in the callback"],
  });
}
