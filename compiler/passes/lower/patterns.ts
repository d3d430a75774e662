import type { BindingPattern, Expression, MemberExpression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { createExpr, createStmt, type Expr, type Stmt } from "../../ir/nodes.js";
import { describeType, optionalType } from "../../ir/types.js";
import { assign, assignable } from "./assignments.js";
import { coerceTo, requirePresent, unify } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { lowerExpr, lowerOperand, refuseSyntax, toValue } from "./expressions.js";
import { keepPlace } from "./kernel-array.js";
import { namesIn } from "./loop-variables.js";
import { memberOf } from "./members.js";
import type { Operand } from "./operand.js";
import { declareVariable } from "./variables.js";

type Place = { readonly start: number; readonly end: number };
type Pattern = { readonly type: string } & Place;

/** What is done with a name of a pattern and the value it gets. */
type Take = (name: { readonly name: string } & Place & Pattern, value: Operand) => readonly Stmt[];

/**
 * Declares the names of a pattern: `{ a, b: c, d = 1 }`, `[x, , y]`, or a plain name. Members are read here, in order.
 * Of a part that is wrong the names are bound as failed, so that one mistake gives one message.
 */
export function bindPattern(
  f: FunctionContext,
  pattern: BindingPattern,
  value: Operand,
  mutable: boolean,
  whole?: Span,
): readonly Stmt[] {
  const take: Take = (id, given) => {
    // A struct of the kernel, or an object of the host, has no value of its own: the name stands for it.
    if (!mutable && given.kind === "place") {
      const kept: Stmt[] = [];
      f.bind(id.name, keepPlace(f, given, kept));
      return kept;
    }
    if (!mutable && given.kind === "static" && typeof given.value !== "undefined" && isComposite(given.value)) {
      f.bind(id.name, { ...given, text: id.name });
      return [];
    }
    return [
      declareVariable(
        f,
        id as never,
        toValue(f, given),
        mutable,
        id === (pattern as unknown) ? (whole ?? f.span(id)) : f.span(id),
      ),
    ];
  };
  return takeApart(f, pattern as Pattern, value, take, (part) => {
    for (const name of namesIn(part)) f.bind(name, "failed");
  });
}

/** `[a, b] = [b, a]`, `({ x, y } = point)`: to variables that exist. All values are taken before the first is given. */
export function assignPattern(f: FunctionContext, pattern: Pattern, right: Expression): readonly Stmt[] {
  const given: { readonly id: Pattern; readonly value: Expr }[] = [];
  const statements: Stmt[] = [];
  const keep = (id: Pattern, operand: Operand): readonly Stmt[] => {
    const value = toValue(f, operand);
    if (value.kind === "constant") {
      given.push({ id, value });
      return [];
    }
    const local = f.inScope(() => f.declare("taken", value.type, false));
    given.push({ id, value: createExpr({ kind: "local", local, span: value.span, type: local.type }) });
    return [createStmt({ kind: "declare", local, value, span: value.span })];
  };
  const { elements } = pattern as unknown as { elements?: readonly (Pattern | null)[] };
  const literal = right.type === "ArrayExpression" && elements !== undefined && right.elements.length === elements.length;
  if (literal) {
    // Element by element: they need not be of one type.
    for (const [i, element] of right.elements.entries()) {
      if (element === null || element.type === "SpreadElement") return refuseSyntax(f, element ?? pattern);
      const target = elements[i];
      if (target === null || target === undefined)
        statements.push(createStmt({ kind: "evaluate", value: lowerExpr(f, element), span: f.span(element) }));
      else statements.push(...takeApart(f, target, lowerOperand(f, element), keep as Take, () => {}));
    }
  } else statements.push(...takeApart(f, pattern, lowerOperand(f, right), keep as Take, () => {}));
  for (const { id, value } of given) statements.push(assign(f, assignable(f, id), value, f.span(id)));
  return statements;
}

function isComposite(value: unknown): boolean {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** Takes a value apart along a pattern. */
function takeApart(f: FunctionContext, pattern: Pattern, value: Operand, take: Take, failed: (part: Pattern) => void): Stmt[] {
  const out: Stmt[] = [];
  const attempt = (part: Pattern, step: () => readonly Stmt[]) => {
    if (!f.report.attempt(() => out.push(...step()))) failed(part);
  };
  if (pattern.type === "ObjectPattern") {
    const source = keepSource(f, value, out);
    const { properties } = pattern as unknown as { properties: readonly Property[] };
    for (const property of properties)
      attempt(property, () => {
        if (property.type === "RestElement") return refuseRest(f, property);
        if (property.computed)
          return f.report.refuse(
            "TSP2451",
            f.span(property.key),
            "a computed name in a pattern is not available in kernel code",
            { hints: ["write the name"] },
          );
        const member = memberOf(f, source, memberNode(property.key, false));
        return takeApart(f, property.value, member, take, failed);
      });
    return out;
  }
  if (pattern.type === "ArrayPattern") {
    const source = keepSource(f, value, out);
    const { elements } = pattern as unknown as { elements: readonly (Pattern | null)[] };
    for (const [i, element] of elements.entries()) {
      if (element === null) continue;
      attempt(element, () => {
        if (element.type === "RestElement") return refuseRest(f, element);
        return takeApart(f, element, memberOf(f, source, elementNode(element, i)), take, failed);
      });
    }
    return out;
  }
  if (pattern.type === "AssignmentPattern") {
    const { left, right } = pattern as unknown as { left: Pattern; right: Expression };
    return takeApart(f, left, withDefault(f, value, right), take, failed);
  }
  return [...take(pattern as never, value)];
}

interface Property extends Pattern {
  readonly key: Pattern & { readonly name?: string; readonly value?: unknown };
  readonly value: Pattern;
  readonly computed: boolean;
}

function refuseRest(f: FunctionContext, node: Place): never {
  return f.report.refuse("TSP2451", f.span(node), "a rest element is not available in kernel code", {
    hints: ["name each part that you need"],
  });
}

/** What is taken apart, under a name: it is evaluated once. */
function keepSource(f: FunctionContext, value: Operand, out: Stmt[]): Operand {
  if (value.kind === "place") return keepPlace(f, value, out);
  if (value.kind === "static" || value.kind === "local") {
    if (value.kind === "local") requirePresent(f, value);
    return value;
  }
  requirePresent(f, value);
  if (value.kind === "unwrap" && value.operand.kind === "local") return value;
  if (value.type.kind === "null" || value.kind === "constant")
    return f.report.refuse("TSP2451", value.span, `${describeType(value.type)} cannot be taken apart`, {
      hints: ["objects, arrays, records of maps and structs of the kernel can"],
    });
  const local = f.inScope(() => f.declare("taken", value.type, false));
  out.push(createStmt({ kind: "declare", local, value, span: value.span }));
  return f.read(local, value.span);
}

/** `= value` in a pattern: taken where the member is undefined. */
export function withDefault(f: FunctionContext, value: Operand, node: Expression): Operand {
  if (value.kind === "static") return value.value === undefined ? lowerOperand(f, node) : value;
  if (value.kind === "place") return value;
  if (value.type.kind === "undefined") return lowerOperand(f, node);
  if (value.type.kind !== "optional") return value;
  const span: Span = value.span;
  const right = lowerExpr(f, node);
  const type = unify(value.type.value, right.type);
  if (type === undefined)
    return f.report.refuse(
      "TSP2201",
      right.span,
      `the default is of another type: ${describeType(right.type)}, not ${describeType(value.type.value)}`,
    );
  return createExpr({
    kind: "default",
    left: coerceTo(f, value, optionalType(type)),
    right: coerceTo(f, right, type),
    span,
    type,
  });
}

/** The access to a member that a pattern stands for. */
function memberNode(key: Property["key"], computed: boolean): MemberExpression {
  const property = key.type === "Identifier" ? key : { ...key, type: "Identifier", name: String(key.value) };
  return { type: "MemberExpression", property, computed, optional: false, start: key.start, end: key.end } as never;
}

function elementNode(element: Place, index: number): MemberExpression {
  const { start, end } = element;
  const property = { type: "Literal", value: index, raw: String(index), start, end };
  return { type: "MemberExpression", property, computed: true, optional: false, start, end } as never;
}
