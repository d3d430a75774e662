import type { ExprOf } from "../../ir/nodes.js";
import type { FunctionPrinter } from "../printer.js";

export type BuiltinExpr = ExprOf<"builtin">;

/** How one builtin becomes C. */
export interface BuiltinPrinter {
  /** The value as a C expression; steps in front where it takes more. */
  print(p: FunctionPrinter, e: BuiltinExpr): string;
  /**
   * A statement that puts the value into an event's field without a detour over the stack, when there is a shorter one.
   * @param record the reserved record, which must be discarded before the run ends
   */
  store?(p: FunctionPrinter, target: string, e: BuiltinExpr, record: string): string;
  /** Whether `store` can be used though evaluating may end the run. */
  readonly discards?: boolean;
}
