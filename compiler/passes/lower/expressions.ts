import type { ArrayExpression, ConditionalExpression, Expression, ObjectExpression } from "oxc-parser";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { BOOLEAN, describeType, objectType, tupleType } from "../../ir/types.js";
import { isPure } from "../../ir/walk.js";
import { decidedBy } from "./absent.js";
import { lowerCall } from "./calls.js";
import { lowerChain } from "./chain.js";
import { coerceTo, constantExpr, unify } from "./coerce.js";
import { type FunctionContext, isLocalBinding, nested } from "./context.js";
import { both, factsOf } from "./flow.js";
import { placeValue } from "./kernel-array.js";
import { lowerMember } from "./members.js";
import type { Operand } from "./operand.js";
import { lowerBinary, lowerCondition, lowerLogical, lowerUnary } from "./operators.js";
import { StatementAbandoned } from "./report.js";
import { staticExpr, staticName } from "./statics.js";
import { describeSyntax, stripSyntax } from "./syntax.js";
import { lowerTemplate } from "./templates.js";

/** Lowers an expression to a value. */
export function lowerExpr(f: FunctionContext, node: Expression): Expr {
  return toValue(f, lowerOperand(f, node));
}

/** Makes an operand a value; host values become constants. */
export function toValue(f: FunctionContext, operand: Operand): Expr {
  if (operand.kind === "static") return staticExpr(f, operand);
  if (operand.kind === "place") return placeValue(f, operand);
  return operand;
}

/** Lowers an expression; what is known on the host stays a host value, so that `opts.ports.has(x)` can be seen through. */
export function lowerOperand(f: FunctionContext, node: Expression): Operand {
  const bare = stripSyntax(node);
  return bare.type === "Literal" || bare.type === "Identifier" ? lowerBare(f, bare) : nested(f, bare, () => lowerBare(f, bare));
}

function lowerBare(f: FunctionContext, bare: Expression): Operand {
  switch (bare.type) {
    case "Literal":
      return lowerLiteral(f, bare);
    case "Identifier":
      return lowerIdentifier(f, bare.name, bare);
    case "MemberExpression":
      return lowerMember(f, bare);
    case "ChainExpression":
      return lowerChain(f, bare);
    case "CallExpression":
      return lowerCall(f, bare);
    case "BinaryExpression":
      return lowerBinary(f, bare as never);
    case "LogicalExpression":
      return lowerLogical(f, bare);
    case "UnaryExpression":
      return lowerUnary(f, bare);
    case "ConditionalExpression":
      return lowerConditional(f, bare);
    case "ObjectExpression":
      return lowerObject(f, bare);
    case "ArrayExpression":
      return lowerArray(f, bare);
    case "TemplateLiteral":
      return lowerTemplate(f, bare);
    default:
      return refuseSyntax(f, bare);
  }
}

/** Refuses a construct by name, at its place, with a hint. */
export function refuseSyntax(
  f: FunctionContext,
  node: { readonly type: string; readonly start: number; readonly end: number },
): never {
  const { name, hint } = describeSyntax(node.type);
  return f.report.refuse("TSP2101", f.span(node), `${name} is not available in kernel code`, { hints: [hint] });
}

function lowerLiteral(f: FunctionContext, node: Extract<Expression, { type: "Literal" }>): Expr {
  if ("regex" in node) return refuseSyntax(f, { ...node, type: "RegExpLiteral" });
  const value = "bigint" in node ? BigInt(node.bigint) : (node.value as number | string | boolean | null);
  return checkedConstant(f, value, node);
}

/** A constant the kernel can hold, or an error that says why not. */
export function checkedConstant(
  f: FunctionContext,
  value: bigint | number | string | boolean | null | undefined,
  node: { readonly start: number; readonly end: number },
): Expr {
  const span = f.span(node);
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    if (Number.isInteger(value))
      f.report.refuse("TSP2103", span, "this number is larger than the integers that numbers hold exactly", {
        hints: ["write it as a bigint, with n at its end"],
      });
    f.report.refuse("TSP2103", span, `the kernel has no floating point: ${value} cannot be used`, {
      hints: ["scale it: microseconds instead of seconds, or compute in the callback"],
    });
  }
  if (typeof value === "bigint" && (value >= 2n ** 64n || value < -(2n ** 63n)))
    f.report.refuse("TSP2103", span, `${value}n does not fit in 64 bits`, {
      hints: ["bigints in the kernel go from -(2n ** 63n) to 2n ** 64n - 1n: compute with larger ones in the callback"],
    });
  return constantExpr(value, span);
}

function lowerIdentifier(f: FunctionContext, name: string, node: { readonly start: number; readonly end: number }): Operand {
  const binding = f.lookup(name);
  if (binding === "failed") throw new StatementAbandoned();
  if (binding !== undefined) return isLocalBinding(binding) ? f.read(binding, f.span(node)) : { ...binding, span: f.span(node) };
  return staticName(f, name, node);
}

function lowerConditional(f: FunctionContext, node: ConditionalExpression): Expr {
  const span = f.span(node);
  const test = lowerCondition(f, node.test);
  const only = decidedBy(test);
  if (only !== undefined) {
    const way = lowerExpr(f, only ? node.consequent : node.alternate);
    if (isPure(test)) return way;
    const bound = f.inScope(() => f.declare("test", BOOLEAN, false));
    return createExpr({ kind: "let", bound, source: test, result: way, span, type: way.type });
  }
  const before = f.facts;
  const facts = factsOf(test);
  f.facts = both(before, facts.whenTrue);
  const yes = lowerExpr(f, node.consequent);
  f.facts = both(before, facts.whenFalse);
  const no = lowerExpr(f, node.alternate);
  f.facts = before;
  const type = unify(yes.type, no.type);
  if (type === undefined)
    return f.report.refuse(
      "TSP2201",
      span,
      `the two sides have different types: ${describeType(yes.type)} and ${describeType(no.type)}`,
    );
  return createExpr({ kind: "conditional", test, yes: coerceTo(f, yes, type), no: coerceTo(f, no, type), span, type });
}

function lowerObject(f: FunctionContext, node: ObjectExpression): Expr {
  const fields = node.properties.map((property) => {
    if (property.type === "SpreadElement") return refuseSyntax(f, property);
    if (property.kind !== "init" || property.method)
      f.report.refuse("TSP2101", f.span(property), "methods and accessors are not available in kernel code", {
        hints: ["give the field a value"],
      });
    if (property.computed)
      f.report.refuse("TSP2101", f.span(property.key), "a computed field name is not available in kernel code", {
        hints: ["write the name"],
      });
    const key = property.key as { type: string; name?: string; value?: unknown };
    const name = key.type === "Identifier" ? (key.name as string) : String(key.value);
    if (name === "__proto__" && !property.shorthand)
      f.report.refuse("TSP2101", f.span(property), "`__proto__` sets no field in JavaScript", {
        hints: ["give the field another name"],
      });
    return { name, value: lowerExpr(f, property.value) };
  });
  const names = new Set<string>();
  for (const [i, field] of fields.entries()) {
    if (names.has(field.name))
      f.report.refuse("TSP2108", f.span(node.properties[i] as never), `the field ${field.name} is given twice`);
    names.add(field.name);
  }
  return createExpr({
    kind: "object",
    fields: Object.freeze(fields),
    span: f.span(node),
    type: objectType(fields.map(({ name, value }) => ({ name, type: value.type }))),
  });
}

/** What the elements of a tuple may be: all that can be held in a map or sent in an event. */
const IN_TUPLES = new Set([
  "number",
  "bigint",
  "boolean",
  "string",
  "literal",
  "ip",
  "name",
  "stack",
  "symbol",
  "double",
  "object",
  "ints",
  "array",
  "optional",
]);

/** An array literal with elements of different types, or of types other than integers. */
function lowerTuple(f: FunctionContext, elements: readonly Expr[], node: ArrayExpression): Expr {
  for (const { type, span } of elements)
    if (!IN_TUPLES.has(type.kind))
      f.report.refuse("TSP2131", span, `${describeType(type)} cannot be an element of an array in kernel code`, {
        hints: ["make it a field of its own: { first: …, second: … }"],
      });
  const fields = elements.map((value, i) => ({ name: String(i), value }));
  const type = tupleType(elements.map((element) => element.type));
  return createExpr({ kind: "object", fields: Object.freeze(fields), span: f.span(node), type });
}

function lowerArray(f: FunctionContext, node: ArrayExpression): Expr {
  const elements = node.elements.map((element) => {
    if (element === null)
      return f.report.refuse("TSP2101", f.span(node), "an array with holes is not available in kernel code", {
        hints: ["write every element"],
      });
    if (element.type === "SpreadElement") return refuseSyntax(f, element);
    return lowerExpr(f, element);
  });
  const [first] = elements;
  if (first === undefined)
    return f.report.refuse("TSP2131", f.span(node), "an empty array has no place in the kernel", {
      hints: ["leave it out, or put `undefined` there"],
    });
  let type = first.type;
  for (const element of elements) {
    const joined = unify(type, element.type);
    if (joined === undefined || !["number", "bigint", "boolean"].includes(joined.kind)) return lowerTuple(f, elements, node);
    type = joined;
  }
  const alike = Object.freeze(elements.map((element) => coerceTo(f, element, type)));
  return createExpr({
    kind: "array",
    elements: alike,
    span: f.span(node),
    type: Object.freeze({ kind: "array", element: type, count: alike.length }),
  });
}
