import type { ExprOf } from "../../ir/nodes.js";
import type { FunctionPrinter } from "../printer.js";

export type BuiltinExpr = ExprOf<"builtin">;

/** How one builtin becomes C. */
export interface BuiltinPrinter {
  /** The value as a C expression; steps in front where it takes more. */
  print(p: FunctionPrinter, e: BuiltinExpr): string;
  /** A statement that puts the value into an event's field without a detour over the stack, when there is a shorter one. */
  store?(p: FunctionPrinter, target: string, e: BuiltinExpr): string;
}
