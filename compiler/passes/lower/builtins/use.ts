import type { CallExpression } from "oxc-parser";
import type { Span } from "../../../../diagnostics/span.js";
import type { Builtin } from "../../../../dsl/builtin.js";
import { type BuiltinCall, createExpr, type Expr, type Site } from "../../../ir/nodes.js";
import type { IrType } from "../../../ir/types.js";
import type { FunctionContext } from "../context.js";

/** A call of a builtin in kernel code. */
export interface BuiltinUse {
  readonly f: FunctionContext;
  readonly builtin: Builtin;
  readonly node: CallExpression;
  readonly span: Span;
}

export type BuiltinLowering = (use: BuiltinUse) => Expr;

/** The builtin's expression in the IR. */
export function builtinExpr(
  call: BuiltinCall,
  given: readonly Expr[],
  type: IrType,
  { span }: BuiltinUse,
  site: Site | undefined = undefined,
): Expr {
  return createExpr({ kind: "builtin", call, arguments: Object.freeze([...given]), site, span, type });
}
