import type { Span } from "../../../diagnostics/span.js";
import { cutText } from "../../../dsl/shape.js";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { exactly, isWithin, join, type Range, S64, SAFE, U64 } from "../../ir/range.js";
import {
  BOOLEAN,
  bigintType,
  describeType,
  type IrType,
  NULL,
  numberType,
  optionalType,
  templateType,
  UNDEFINED,
} from "../../ir/types.js";
import type { FunctionContext } from "./context.js";

/** Makes a bigint type for a range: unsigned where it must be, signed where it can be and is not wanted otherwise. */
export function bigintFor(range: Range, preferUnsigned: boolean, address = false): IrType {
  if (isWithin(range, S64)) return bigintType(range, !(preferUnsigned && range.min >= 0n), address);
  return bigintType(range, false, address);
}

export function constantExpr(value: bigint | number | boolean | string | undefined | null, span: Span): Expr {
  const type: IrType =
    typeof value === "number"
      ? numberType(exactly(BigInt(value)))
      : typeof value === "bigint"
        ? bigintFor(exactly(value), false)
        : typeof value === "boolean"
          ? BOOLEAN
          : typeof value === "string"
            ? Object.freeze({ kind: "literal", value })
            : value === null
              ? NULL
              : UNDEFINED;
  return createExpr({ kind: "constant", value: typeof value === "number" ? BigInt(value) : value, span, type });
}

/** Converts between signed and unsigned bigint, checked where a value may not fit. */
export function toSigned(f: FunctionContext, expr: Expr, signed: boolean): Expr {
  if (expr.type.kind !== "bigint" || expr.type.signed === signed) return expr;
  const limits = signed ? S64 : U64;
  const fits = isWithin(expr.type.range, limits);
  const { min, max } = expr.type.range;
  const range = { min: min < limits.min ? limits.min : min, max: max > limits.max ? limits.max : max };
  return createExpr({
    kind: "convert",
    operand: expr,
    site: fits ? undefined : f.site("overflow", expr.span),
    span: expr.span,
    type: bigintType(Object.freeze(range), signed, expr.type.address),
  });
}

function isZero({ min, max }: Range): boolean {
  return min === 0n && max === 0n;
}

/** The type that can hold values of both, or undefined when TypeScript would make a union that has no place in the kernel. */
export function unify(a: IrType, b: IrType): IrType | undefined {
  if (a.kind === "undefined" && b.kind === "undefined") return a;
  if (a.kind === "undefined" || b.kind === "undefined") {
    const value = a.kind === "undefined" ? b : a;
    return value.kind === "null" || value.kind === "context" ? undefined : optionalType(stored(value));
  }
  if (a.kind === "optional" || b.kind === "optional") {
    const inner = unify(a.kind === "optional" ? a.value : a, b.kind === "optional" ? b.value : b);
    return inner === undefined ? undefined : optionalType(inner);
  }
  if (a.kind === "number" && b.kind === "number") return numberType(join(a.range, b.range));
  if (a.kind === "bigint" && b.kind === "bigint") {
    const range = join(a.range, b.range);
    // 0n beside an address stands for none.
    const address = (a.address && (b.address || isZero(b.range))) || (b.address && isZero(a.range));
    if (a.signed === b.signed) return bigintType(range, a.signed, address);
    if (isWithin(range, U64)) return bigintType(range, false, address);
    return bigintType(isWithin(range, S64) ? range : S64, true, address);
  }
  if ((a.kind === "string" || a.kind === "literal") && (b.kind === "string" || b.kind === "literal")) {
    if (a.kind === "literal" && b.kind === "literal" && a.value === b.value) return a;
    return Object.freeze({ kind: "string", size: Math.max(textSize(a), textSize(b)) });
  }
  if (a.kind === "name" && b.kind === "name" && a.names === b.names && a.flags === b.flags)
    return Object.freeze({ ...a, range: join(a.range, b.range) });
  if (a.kind === "template" && b.kind === "template") {
    const values = a.values.map((value, i) => (b.values[i] === undefined ? undefined : unify(value, b.values[i])));
    const alike = a.texts.length === b.texts.length && a.texts.every((text, i) => text === b.texts[i]);
    const held = values.every(
      (value, i) =>
        value !== undefined &&
        sameRepresentation(value, a.values[i] as IrType) &&
        sameRepresentation(value, b.values[i] as IrType),
    );
    return alike && held ? templateType(a.texts, values as IrType[]) : undefined;
  }
  if (a.kind === "double" && b.kind === "double" && a.signed === b.signed) return a;
  if (
    a.kind === "ints" &&
    b.kind === "ints" &&
    a.count === b.count &&
    a.element.size === b.element.size &&
    a.element.signed === b.element.signed
  )
    return a;
  if ((a.kind === "stack" && b.kind === "stack") || (a.kind === "symbol" && b.kind === "symbol"))
    return a.user === b.user ? a : undefined;
  if (a.kind === "pointer" && b.kind === "pointer" && a.struct === b.struct)
    return Object.freeze({ ...a, nullable: a.nullable || b.nullable });
  if (a.kind === "pointer" && b.kind === "null") return Object.freeze({ ...a, nullable: true });
  if (a.kind === "null" && b.kind === "pointer") return Object.freeze({ ...b, nullable: true });
  if (a.kind === "array" && b.kind === "array" && a.count === b.count) {
    const element = unify(a.element, b.element);
    return element === undefined ? undefined : Object.freeze({ ...a, element });
  }
  if (a.kind === "object" && b.kind === "object")
    return a.tuple === b.tuple ? unifyObjects(a.fields, b.fields, a.tuple) : undefined;
  return a.kind === b.kind &&
    (a.kind === "boolean" || a.kind === "ip" || a.kind === "mac" || a.kind === "null" || a.kind === "context")
    ? a
    : undefined;
}

/** A type that has a place in C: a text known when compiled becomes one with bytes. */
export function stored(type: IrType): IrType {
  return type.kind === "literal" ? Object.freeze({ kind: "string", size: textSize(type) }) : type;
}

type Fields = Extract<IrType, { kind: "object" }>["fields"];
function unifyObjects(a: Fields, b: Fields, tuple: true | undefined): IrType | undefined {
  if (a.length !== b.length) return undefined;
  const fields = a.map((field, i) => {
    const other = b[i] as Fields[number];
    const type = field.name === other.name ? unify(field.type, other.type) : undefined;
    return type === undefined ? undefined : { name: field.name, type };
  });
  return fields.includes(undefined)
    ? undefined
    : Object.freeze({ kind: "object", fields: Object.freeze(fields as Fields[number][]), ...(tuple ? { tuple } : {}) });
}

const encoder = new TextEncoder();

/** Bytes a text takes with its NUL. */
export function textSize(type: Extract<IrType, { kind: "string" | "literal" }>): number {
  return type.kind === "string" ? type.size : encoder.encode(type.value).length + 1;
}

/** Brings an expression to a type that `unify` gave, or that a map or channel declares. */
export function coerceTo(f: FunctionContext, expr: Expr, type: IrType): Expr {
  const from = expr.type;
  if (type.kind === "optional" && from.kind !== "optional") {
    return createExpr({
      kind: "wrap",
      operand: from.kind === "undefined" ? expr : coerceTo(f, expr, type.value),
      span: expr.span,
      type,
    });
  }
  // Every pointer is held as an address, and null as address 0.
  if (from.kind === "null" && type.kind === "pointer") return createExpr({ kind: "constant", value: 0n, span: expr.span, type });
  if (from.kind === "bigint" && type.kind === "bigint") return toSigned(f, expr, type.signed);
  if (from.kind === "literal" && type.kind === "string") return textOf(expr, from.value, type);
  if (from.kind === "object" && type.kind === "object" && expr.kind === "object") {
    const fields = expr.fields.map((field, i) => ({
      name: field.name,
      value: coerceTo(f, field.value, (type.fields[i] as Fields[number]).type),
    }));
    return createExpr({ ...expr, fields: Object.freeze(fields), type });
  }
  if (from.kind === "array" && type.kind === "array" && expr.kind === "array") {
    return createExpr({
      ...expr,
      elements: Object.freeze(expr.elements.map((element) => coerceTo(f, element, type.element))),
      type,
    });
  }
  if (from.kind !== type.kind || sameRepresentation(from, type)) return expr;
  const site = mayNotFit(from, type) ? f.site("overflow", expr.span) : undefined;
  return createExpr({ kind: "reshape", operand: expr, site, span: expr.span, type });
}

/** A text known when compiled, as bytes of a declared size; a longer one is cut, as in dsl/shape.ts. */
export function textOf(expr: Expr, value: string, type: Extract<IrType, { kind: "string" }>): Expr {
  const constant = createExpr({ kind: "constant", value: cutText(value, type.size - 1), span: expr.span, type });
  // One that stands for more than its text (a helper's result) is still evaluated.
  return expr.kind === "constant"
    ? constant
    : createExpr({ kind: "reshape", operand: expr, site: undefined, span: expr.span, type });
}

/** Whether an integer somewhere inside may not fit the type it is brought to. */
function mayNotFit(from: IrType, to: IrType): boolean {
  if (from.kind === "bigint" && to.kind === "bigint")
    return from.signed !== to.signed && !isWithin(from.range, to.signed ? S64 : U64);
  const inner = (type: IrType) => (type.kind === "optional" ? type.value : type);
  if (from.kind === "optional" || to.kind === "optional") return mayNotFit(inner(from), inner(to));
  if (from.kind === "array" && to.kind === "array") return mayNotFit(from.element, to.element);
  if (from.kind !== "object" || to.kind !== "object") return false;
  return from.fields.some((field, i) => mayNotFit(field.type, (to.fields[i] as Fields[number]).type));
}

/** Whether two types are held alike in C, so that one can stand for the other as it is; `anySign`: but for the sign of bigints. */
export function sameRepresentation(a: IrType, b: IrType, anySign = false): boolean {
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case "bigint":
    case "double":
      return anySign || a.signed === (b as typeof a).signed;
    case "string":
      return a.size === (b as typeof a).size;
    case "template":
      return a.values.every((value, i) => sameRepresentation(value, (b as typeof a).values[i] as IrType));
    case "ints":
    case "stack":
    case "symbol":
      return unify(a, b) !== undefined;
    case "literal":
      return a.value === (b as typeof a).value;
    case "array":
      return a.count === (b as typeof a).count && sameRepresentation(a.element, (b as typeof a).element, anySign);
    case "object":
      return (
        a.fields.length === (b as typeof a).fields.length &&
        a.fields.every((field, i) => sameRepresentation(field.type, ((b as typeof a).fields[i] as Fields[number]).type, anySign))
      );
    case "optional":
      return sameRepresentation(a.value, (b as typeof a).value, anySign);
    default:
      return true;
  }
}

/** Requires an optional to have been tested, as TypeScript's strict null check does. */
export function requirePresent(f: FunctionContext, expr: Expr): Expr {
  if (expr.type.kind === "optional" || expr.type.kind === "undefined") {
    f.report.refuse("TSP2202", expr.span, "this value may be undefined here", {
      hints: ["test it first: `if (x === undefined) return;`, or give a default: `x ?? 0n`"],
    });
  }
  return expr;
}

/** Requires an integer. */
export function requireInteger(f: FunctionContext, expr: Expr): Expr & { type: Extract<IrType, { kind: "number" | "bigint" }> } {
  requirePresent(f, expr);
  if (expr.type.kind !== "number" && expr.type.kind !== "bigint")
    f.report.refuse("TSP2201", expr.span, `this needs a number or a bigint, not ${describeType(expr.type)}`);
  return expr as never;
}

/** The range of an integer's type; SAFE for anything else. */
export function rangeOf(expr: Expr): Range {
  return "range" in expr.type ? expr.type.range : SAFE;
}
