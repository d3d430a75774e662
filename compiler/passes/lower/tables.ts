import type { Span } from "../../../diagnostics/span.js";
import { createExpr, type Expr } from "../../ir/nodes.js";
import type { IrType } from "../../ir/types.js";
import { coerceTo, constantExpr, unify } from "./coerce.js";
import type { FunctionContext } from "./context.js";

/** An array of integers or booleans of the host as constant data of the program; undefined for any other. */
export function tableOf(f: FunctionContext, values: readonly unknown[], span: Span): Expr | undefined {
  const kinds = new Set(values.map((value) => typeof value));
  const [kind] = kinds;
  if (kinds.size !== 1 || (kind !== "number" && kind !== "bigint" && kind !== "boolean")) return undefined;
  if (values.some((value) => typeof value === "number" && !Number.isSafeInteger(value))) return undefined;
  const constants = values.map((value) => constantExpr(value as number, span));
  const element = constants.reduce<IrType | undefined>(
    (type, constant) => (type === undefined ? undefined : unify(type, constant.type)),
    constants[0]?.type,
  );
  if (element === undefined) return undefined;
  const elements = Object.freeze(constants.map((constant) => coerceTo(f, constant, element)));
  return createExpr({ kind: "table", elements, span, type: Object.freeze({ kind: "array", element, count: values.length }) });
}
