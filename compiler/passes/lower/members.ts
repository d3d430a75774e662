import type { Expression, MemberExpression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { isAggregation } from "../../../dsl/aggregations.js";
import { KernelArray, ReadableMap } from "../../../dsl/maps.js";
import { optionsOf } from "../../../dsl/options.js";
import type { ContextField } from "../../../hooks/hook.js";
import { nearestNames } from "../../../kernel/nearest.js";
import { charArrayType } from "../../ir/long.js";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { rangeOfWidth, U64 } from "../../ir/range.js";
import { BOOLEAN, bigintType, describeType, type IrType, numberType, type ObjectField } from "../../ir/types.js";
import { isPure } from "../../ir/walk.js";
import { constantExpr, requireInteger, requirePresent } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { lowerExpr, lowerOperand, refuseSyntax } from "./expressions.js";
import { hostMember } from "./host-members.js";
import { elementOfKernelArray, lengthOfKernelArray } from "./kernel-array.js";
import { memberOfKernelStruct } from "./kernel-struct.js";
import { usageOf } from "./map-calls.js";
import type { Operand, StaticValue } from "./operand.js";
import { isOptionSet, optionSize, optionValue } from "./options.js";
import { tableOf } from "./tables.js";
import { textLength } from "./text-methods.js";

/** `object.name`, `object[index]`. */
export function lowerMember(f: FunctionContext, node: MemberExpression): Operand {
  if (node.property.type === "PrivateIdentifier") return refuseSyntax(f, node.property);
  return memberOf(f, lowerOperand(f, node.object), node);
}

/** One step from an operand to its member. */
export function memberOf(f: FunctionContext, object: Operand, node: MemberExpression): Operand {
  if (node.computed) return elementOf(f, object, node);
  const name = (node.property as { name: string }).name;
  if (object.kind === "static") return staticMember(f, object, name, node);
  if (object.kind === "place" && object.type.kind === "array" && name === "length")
    return lengthOfKernelArray(f, object, f.span(node));
  if (object.kind === "place" || object.type.kind === "pointer") return memberOfKernelStruct(f, object, name, node);
  return valueMember(f, requirePresent(f, object), name, node);
}

function valueMember(f: FunctionContext, object: Expr, name: string, node: MemberExpression): Expr {
  const span = f.span(node);
  const { type } = object;
  if (type.kind === "context") return contextField(f, object, name, node);
  if (type.kind === "object" && type.tuple && name === "length") return constantExpr(type.fields.length, span);
  if (type.kind === "object") {
    const field = type.fields.find((candidate) => candidate.name === name);
    if (field?.type.kind === "literal" && isPure(object)) return constantExpr(field.type.value, span);
    if (field !== undefined) return createExpr({ kind: "field", object, name, span, type: field.type });
    return unknownName(
      f,
      node,
      `there is no field ${name} here`,
      name,
      type.fields.map((candidate) => candidate.name),
    );
  }
  if (name === "length" && type.kind === "ints") return constantExpr(type.count, span);
  if (name === "length" && (type.kind === "string" || type.kind === "literal")) return textLength(object, span);
  if (name === "length" && type.kind === "array") return constantExpr(type.count, span);
  return f.report.refuse("TSP2112", f.span(node.property), `${describeType(type)} has no ${name} in kernel code`, {
    hints: ["compute with it in the callback"],
  });
}

function unknownName(
  f: FunctionContext,
  node: MemberExpression,
  message: string,
  wanted: string,
  known: readonly string[],
): never {
  const near = nearestNames(wanted, known, 3);
  return f.report.refuse("TSP3002", f.span(node.property), message, {
    failure: "name",
    hints:
      near.length > 0
        ? [`did you mean ${near.join(" or ")}?`]
        : [known.length === 0 ? "there are none" : `fields are ${known.slice(0, 20).join(", ")}`],
  });
}

function contextField(f: FunctionContext, context: Expr, name: string, node: MemberExpression): Expr {
  const { title, fields, remark } = (context.type as Extract<IrType, { kind: "context" }>).context;
  const field = fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    if (remark !== undefined)
      return f.report.refuse("TSP3002", f.span(node.property), `${title} have no common field ${name}`, {
        failure: "name",
        hints: [`${remark}: ${fields.map((candidate) => candidate.name).join(", ") || "there are none"}`],
      });
    return unknownName(
      f,
      node,
      `${title} has no field ${name}`,
      name,
      fields.map((candidate) => candidate.name),
    );
  }
  const span = f.span(node);
  const inMemory = field.type.kind === "located" && field.type.places.some(({ location }) => location.kind === "memory");
  const site = inMemory ? { site: f.site("read", span, name) } : {};
  return createExpr({ kind: "context-field", context, field, span, type: contextFieldType(f, field, node), ...site });
}

/** Longest text taken from a __data_loc string: longer ones are cut. */
export const DYNAMIC_TEXT_SIZE = 64;

function contextFieldType(f: FunctionContext, field: ContextField, node: MemberExpression): IrType {
  const type = field.type.kind === "located" ? field.type.as : field.type;
  switch (type.kind) {
    case "int": {
      const range = rangeOfWidth(type.size, type.signed);
      return type.size === 8 ? bigintType(range, type.signed) : numberType(range);
    }
    case "bool":
      return BOOLEAN;
    case "pointer":
      return bigintType(U64, false, true);
    case "structPointer":
      return Object.freeze({ kind: "pointer", struct: type.struct, nullable: type.nullable ?? false });
    case "charArray":
      return charArrayType(type.length);
    case "intArray":
      return Object.freeze({
        kind: "ints",
        count: type.count,
        element: type.element as { size: 1 | 2 | 4 | 8; signed: boolean },
      });
    case "dataLoc":
      if (type.element === "char") return Object.freeze({ kind: "string", size: DYNAMIC_TEXT_SIZE });
      break;
    case "unreadable":
      return f.report.refuse("TSP3012", f.span(node), `${field.name} (${field.cType}) cannot be read: ${type.why}`);
  }
  return f.report.refuse(
    "TSP2114",
    f.span(node),
    `the field ${field.name} has the type ${field.cType}, which handlers cannot read yet`,
  );
}

function staticMember(f: FunctionContext, object: StaticValue, name: string, node: MemberExpression): Operand {
  const span = f.span(node);
  const text = `${object.text}.${name}`;
  const declared = optionsOf(object.value)?.options;
  if (declared !== undefined) {
    const option = declared.find((candidate) => candidate.name === name);
    if (option === undefined)
      return unknownName(
        f,
        node,
        `there is no option ${name}`,
        name,
        declared.map((candidate) => candidate.name),
      );
    return isOptionSet(option) ? { kind: "static", value: option, text, span } : optionValue(f, option, node);
  }
  if (isOptionSet(object.value)) {
    if (name === "size") return optionSize(object.value, span);
    return f.report.refuse("TSP2112", f.span(node.property), `${object.text} has no ${name} in kernel code`, {
      hints: ["use .has(x) or .size"],
    });
  }
  if (object.value instanceof KernelArray && name === "length") return constantExpr(object.value.length, span);
  if (object.value instanceof ReadableMap) {
    return f.report.refuse("TSP2112", f.span(node.property), `a map has no ${name} in kernel code`, {
      hints: [usageOf(object.value)],
    });
  }
  if (isAggregation(object.value)) {
    return f.report.refuse("TSP2112", f.span(node.property), `an aggregation has no ${name} in kernel code`, {
      hints: ["handlers call .add(…); reading belongs outside"],
    });
  }
  const holder = object.value;
  if ((typeof holder !== "object" && typeof holder !== "function") || holder === null) {
    if (typeof holder === "string" && name === "length") return constantExpr(holder.length, span);
    return f.report.refuse("TSP2112", f.span(node.property), `${object.text} has no ${name} in kernel code`);
  }
  if (!(name in holder)) return unknownName(f, node, `${object.text} has no ${name}`, name, Object.keys(holder));
  return hostMember(f, object, name, text, span);
}

function elementOf(f: FunctionContext, object: Operand, node: MemberExpression): Operand {
  const span = f.span(node);
  const index = lowerExpr(f, node.property as Expression);
  if (object.kind === "static") {
    if (index.type.kind === "literal") return staticMember(f, object, index.type.value, node);
    if (
      index.kind === "constant" &&
      typeof object.value === "object" &&
      object.value !== null &&
      !(object.value instanceof ReadableMap) &&
      !isAggregation(object.value)
    ) {
      const key = String(index.value);
      if (key in object.value) return hostMember(f, object, key, `${object.text}[${key}]`, span);
    }
    const table = Array.isArray(object.value) ? tableOf(f, object.value, object.span) : undefined;
    if (table !== undefined) return elementOfArray(f, table, index, span);
    return f.report.refuse("TSP2116", span, `${object.text} can be indexed with constants only`, {
      hints: ["arrays of plain numbers, bigints or booleans can be indexed by any value; use a map for other look-ups"],
    });
  }
  if (object.kind === "place") {
    if (index.type.kind === "literal") return memberOfKernelStruct(f, object, index.type.value, node);
    return elementOfKernelArray(f, object, index, span);
  }
  const array = requirePresent(f, object);
  if (array.type.kind === "object" && index.type.kind === "literal") {
    const name = index.type.value;
    const field = array.type.fields.find((candidate) => candidate.name === name);
    if (field !== undefined) return createExpr({ kind: "field", object: array, name, span, type: field.type });
  }
  if (array.type.kind === "object" && array.type.tuple) return tupleElement(f, array, array.type.fields, index, node);
  return elementOfArray(f, array, index, span);
}

/** An element at an index that is a number, checked unless it is known to be inside. */
function elementOfArray(f: FunctionContext, array: Expr, index: Expr, span: Span): Expr {
  if (array.type.kind !== "ints" && array.type.kind !== "array")
    return f.report.refuse("TSP2116", span, `${describeType(array.type)} cannot be indexed in kernel code`);
  const position = requireInteger(f, index);
  if (position.type.kind !== "number")
    f.report.refuse("TSP2203", position.span, "an index must be a number, not a bigint", {
      hints: ["convert it with Number(x)"],
    });
  const { count } = array.type;
  const { min, max } = position.type.range;
  if (max < 0n || min >= BigInt(count))
    f.report.refuse("TSP2117", position.span, `the index is never inside the array, which has ${count} elements`);
  const inside = min >= 0n && max < BigInt(count);
  return createExpr({
    kind: "element",
    array,
    index: position,
    site: inside ? undefined : f.site("range", position.span),
    span,
    type: elementType(array.type),
  });
}

/** The elements of a tuple have types of their own, so the index must be known. */
function tupleElement(
  f: FunctionContext,
  tuple: Expr,
  fields: readonly ObjectField[],
  index: Expr,
  node: MemberExpression,
): Expr {
  if (index.kind !== "constant" || index.type.kind !== "number")
    return f.report.refuse("TSP2404", index.span, "an element of a tuple is named by a constant index", {
      hints: ["the elements have different types: write t[0], or t[1]"],
    });
  const field = fields[Number(index.value)];
  if (field === undefined)
    return f.report.refuse("TSP2117", index.span, `the index is never inside the tuple, which has ${fields.length} elements`);
  return createExpr({ kind: "field", object: tuple, name: field.name, span: f.span(node), type: field.type });
}

export function elementType(array: Extract<IrType, { kind: "ints" | "array" }>): IrType {
  if (array.kind === "array") return array.element;
  const { size, signed } = array.element;
  const range = rangeOfWidth(size, signed);
  return size === 8 ? bigintType(range, signed) : numberType(range);
}
