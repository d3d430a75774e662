import type { Shape } from "../../../dsl/types.js";
import { nearestNames } from "../../../kernel/nearest.js";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { describeType, type IrType } from "../../ir/types.js";
import { isPure } from "../../ir/walk.js";
import { coerceTo, requirePresent, textOf } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { shapeType } from "./shapes.js";

/**
 * Brings a value to the declared type of a map or channel. Integers wrap to the declared width, as in a typed array
 * (dsl/shape.ts does the same in Node); everything else must fit.
 */
export function convertArgument(f: FunctionContext, value: Expr, shape: Shape, subject: string): Expr {
  const type = shapeType(shape);
  requirePresent(f, value);
  if (type.kind === "object") return convertRecord(f, value, type, subject);
  return convertScalar(f, value, type, subject);
}

function convertScalar(f: FunctionContext, value: Expr, type: IrType, subject: string): Expr {
  const from = requirePresent(f, value).type;
  const matches = from.kind === type.kind || (type.kind === "string" && (from.kind === "literal" || from.kind === "string"));
  if (!matches) {
    const mixed = (from.kind === "number" && type.kind === "bigint") || (from.kind === "bigint" && type.kind === "number");
    f.report.refuse(
      mixed ? "TSP2203" : "TSP2201",
      value.span,
      `${subject} holds ${describeType(type)} here, not ${describeType(from)}`,
      {
        hints: mixed ? ["convert with BigInt(x) or Number(x), or declare the other type"] : [],
      },
    );
  }
  if (type.kind === "string" && from.kind === "literal") return textOf(value, from.value, type);
  if (type.kind === "string" && from.kind === "string" && from.size !== type.size) return coerceTo(f, value, type);
  return createExpr({ kind: "label", operand: value, span: value.span, type });
}

function convertRecord(f: FunctionContext, value: Expr, type: Extract<IrType, { kind: "object" }>, subject: string): Expr {
  const from = value.type;
  if (from.kind !== "object")
    return f.report.refuse("TSP2201", value.span, `${subject} holds ${describeType(type)}, not ${describeType(from)}`);
  const given = new Map(from.fields.map((field) => [field.name, field.type]));
  for (const name of given.keys()) {
    if (!type.fields.some((field) => field.name === name)) {
      const near = nearestNames(
        name,
        type.fields.map((field) => field.name),
        1,
      );
      f.report.refuse("TSP2120", value.span, `${subject} has no field ${name}`, { hints: near.map((n) => `did you mean ${n}?`) });
    }
  }
  if (value.kind !== "object" && !isPure(value)) {
    const bound = f.inScope(() => f.declare("record", from, false));
    const once = createExpr({ kind: "local", local: bound, span: value.span, type: from });
    return createExpr({
      kind: "let",
      bound,
      source: value,
      result: convertRecord(f, once, type, subject),
      span: value.span,
      type,
    });
  }
  const fields = type.fields.map((field) => {
    const fieldType = given.get(field.name);
    if (fieldType === undefined)
      return f.report.refuse("TSP2120", value.span, `the field ${field.name} of ${subject} is missing`);
    const part =
      value.kind === "object"
        ? (value.fields.find((candidate) => candidate.name === field.name) as { value: Expr }).value
        : createExpr({ kind: "field", object: value, name: field.name, span: value.span, type: fieldType });
    return { name: field.name, value: convertScalar(f, part, field.type, `${subject}.${field.name}`) };
  });
  return createExpr({ kind: "object", fields: Object.freeze(fields), span: value.span, type });
}
