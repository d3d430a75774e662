import type { Shape } from "../../../dsl/types.js";
import { nearestNames } from "../../../kernel/nearest.js";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { describeText, describeType, type IrType, numberType } from "../../ir/types.js";
import { isRepeatable } from "../../ir/walk.js";
import { coerceTo, constantExpr, requirePresent, textOf } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { elementType } from "./members.js";
import { numberOfProbe } from "./probe-titles.js";
import { shapeType } from "./shapes.js";
import { refuseTemplate } from "./templates.js";

/**
 * Brings a value to the declared type of a map or channel. Integers wrap to the declared width, as in a typed array
 * (dsl/shape.ts does the same in Node); everything else must fit.
 */
export function convertArgument(f: FunctionContext, value: Expr, shape: Shape, subject: string): Expr {
  return convertTo(f, value, shapeType(shape, f.module.probeTitles), subject);
}

function convertTo(f: FunctionContext, value: Expr, type: IrType, subject: string): Expr {
  requirePresent(f, value);
  refuseTemplate(f, value);
  if (type.kind !== "object") return convertScalar(f, value, type, subject);
  return type.tuple ? convertTuple(f, value, type, subject) : convertRecord(f, value, type, subject);
}

function convertScalar(f: FunctionContext, value: Expr, type: IrType, subject: string): Expr {
  const from = value.type;
  const { probeTitles } = f.module;
  // Of a probe with one place the name is known when the program is compiled.
  if (type.kind === "name" && from.kind === "literal" && type.names === probeTitles && from.value === f.hook?.title) {
    const number = constantExpr(numberOfProbe(probeTitles, from.value), value.span);
    return createExpr({ kind: "label", operand: number, span: value.span, type });
  }
  const matches =
    (from.kind === type.kind &&
      (type.kind !== "name" || (from.kind === "name" && from.names === type.names)) &&
      ("user" in from && "user" in type ? from.user === type.user : true)) ||
    (type.kind === "string" && (from.kind === "literal" || from.kind === "string"));
  if (!matches) {
    const mixed = (from.kind === "number" && type.kind === "bigint") || (from.kind === "bigint" && type.kind === "number");
    f.report.refuse(
      mixed ? "TSP2203" : "TSP2201",
      value.span,
      `${subject} holds ${describeText(type)} here, not ${describeText(from)}`,
      {
        hints: mixed ? ["convert with BigInt(x) or Number(x), or declare the other type"] : textHints(from),
      },
    );
  }
  if (type.kind === "string" && from.kind === "literal") return textOf(value, from.value, type);
  if (type.kind === "string" && from.kind === "string" && from.size !== type.size) return coerceTo(f, value, type);
  return createExpr({ kind: "label", operand: value, span: value.span, type });
}

/** What to do with a text that has no bytes of its own in the kernel. */
function textHints(from: IrType): string[] {
  if (from.kind === "name")
    return ["keep the number behind the name, or a number or text of your own; events can hold the name itself"];
  return from.kind === "ip" ? ['declare the type "ip"'] : [];
}

/** A value that is not written here and has parts is evaluated once. */
function evaluatedOnce(f: FunctionContext, value: Expr, type: IrType, convert: (once: Expr) => Expr): Expr {
  if (value.kind === "object" || value.kind === "array" || isRepeatable(value)) return convert(value);
  const bound = f.inScope(() => f.declare("record", value.type, false));
  const once = createExpr({ kind: "local", local: bound, span: value.span, type: value.type });
  return createExpr({ kind: "let", bound, source: value, result: convert(once), span: value.span, type });
}

type ObjectType = Extract<IrType, { kind: "object" }>;

function convertRecord(f: FunctionContext, value: Expr, type: ObjectType, subject: string): Expr {
  const from = value.type;
  if (from.kind !== "object" || from.tuple)
    return f.report.refuse("TSP2201", value.span, `${subject} holds ${describeType(type)}, not ${describeType(from)}`);
  checkFieldNames(f, value, from, type, subject);
  return evaluatedOnce(f, value, type, (once) => {
    const fields = type.fields.map((field) => {
      const part = fieldOf(once, field.name);
      if (part === undefined)
        return f.report.refuse("TSP2120", value.span, `the field ${field.name} of ${subject} is missing`, {
          hints: [`give all fields: ${type.fields.map(({ name }) => name).join(", ")}`],
        });
      return { name: field.name, value: convertTo(f, part, field.type, `${subject}.${field.name}`) };
    });
    return createExpr({ kind: "object", fields: Object.freeze(fields), span: value.span, type });
  });
}

/** Refuses fields that the declared record does not have. */
export function checkFieldNames(f: FunctionContext, value: Expr, from: ObjectType, type: ObjectType, subject: string): void {
  const known = type.fields.map((field) => field.name);
  const unknown = from.fields.find((field) => !known.includes(field.name));
  if (unknown === undefined) return;
  const near = nearestNames(unknown.name, known, 1);
  f.report.refuse("TSP2120", value.span, `${subject} has no field ${unknown.name}`, {
    hints: near.map((name) => `did you mean ${name}?`),
  });
}

/** A field of a record: of a literal the expression that stands there. */
export function fieldOf(value: Expr, name: string): Expr | undefined {
  if (value.kind === "object") return value.fields.find((candidate) => candidate.name === name)?.value;
  const field = value.type.kind === "object" ? value.type.fields.find((candidate) => candidate.name === name) : undefined;
  return field && createExpr({ kind: "field", object: value, name, span: value.span, type: field.type });
}

function convertTuple(f: FunctionContext, value: Expr, type: ObjectType, subject: string): Expr {
  const from = value.type;
  const count =
    from.kind === "object" && from.tuple ? from.fields.length : from.kind === "array" || from.kind === "ints" ? from.count : 0;
  if (count !== type.fields.length)
    return f.report.refuse("TSP2400", value.span, `${subject} holds the tuple ${describeType(type)}, not ${describeType(from)}`, {
      hints: [`give ${type.fields.length} elements, as its type lists them`],
    });
  return evaluatedOnce(f, value, type, (once) => {
    const fields = type.fields.map((field, i) => ({
      name: field.name,
      value: convertTo(f, elementOf(once, i), field.type, `${subject}[${i}]`),
    }));
    return createExpr({ kind: "object", fields: Object.freeze(fields), span: value.span, type });
  });
}

/** An element of a tuple or of an array of alike elements. */
function elementOf(value: Expr, at: number): Expr {
  if (value.kind === "array") return value.elements[at] as Expr;
  const field = fieldOf(value, String(at));
  if (field !== undefined) return field;
  const { span } = value;
  const index = createExpr({ kind: "constant", value: BigInt(at), span, type: numberType({ min: BigInt(at), max: BigInt(at) }) });
  const { type } = value as { readonly type: Extract<IrType, { kind: "array" | "ints" }> };
  return createExpr({ kind: "element", array: value, index, site: undefined, span, type: elementType(type) });
}
