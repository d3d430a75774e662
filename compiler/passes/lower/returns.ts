import type { ConditionalExpression, Expression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { createExpr, createStmt, type Expr, type Stmt } from "../../ir/nodes.js";
import { BOOLEAN, describeType, type IrType } from "../../ir/types.js";
import { decidedBy, onlyWay } from "./absent.js";
import { type FunctionContext, nested } from "./context.js";
import { lowerExpr } from "./expressions.js";
import { both, factsOf } from "./flow.js";
import { lowerCondition } from "./operators.js";
import { stripSyntax } from "./syntax.js";

/** `return …`: in a handler the event to send, in a helper its value. */
export function lowerReturn(f: FunctionContext, argument: Expression | null, span: Span): readonly Stmt[] {
  if (f.kind === "handler") return lowerSend(f, argument, span);
  const value = argument === null ? undefined : lowerExpr(f, argument);
  f.returns.push({ value, span });
  return [createStmt({ kind: "return", value, span })];
}

/** What a handler returns; `return c ? {…} : undefined` sends on one side only. */
export function lowerSend(f: FunctionContext, argument: Expression | null, span: Span): readonly Stmt[] {
  const bare = argument === null ? undefined : stripSyntax(argument);
  if (bare === undefined) return [createStmt({ kind: "send", event: undefined, site: undefined, span })];
  if (bare.type === "ConditionalExpression") return nested(f, bare, () => sendEither(f, bare, span));
  return sendValue(f, lowerExpr(f, bare), span);
}

function sendEither(f: FunctionContext, bare: ConditionalExpression, span: Span): readonly Stmt[] {
  const test = lowerCondition(f, bare.test);
  const only = decidedBy(test);
  if (only !== undefined) {
    const way = only ? bare.consequent : bare.alternate;
    return [onlyWay(test, lowerSend(f, way, f.span(way)), span)];
  }
  const facts = factsOf(test);
  const before = f.facts;
  f.facts = both(before, facts.whenTrue);
  const yes = lowerSend(f, bare.consequent, f.span(bare.consequent));
  f.facts = both(before, facts.whenFalse);
  const no = lowerSend(f, bare.alternate, f.span(bare.alternate));
  f.facts = before;
  return [createStmt({ kind: "if", test, yes, no, span })];
}

function sendValue(f: FunctionContext, value: Expr, span: Span): readonly Stmt[] {
  const nothing = createStmt({ kind: "send", event: undefined, site: undefined, span });
  switch (value.type.kind) {
    case "undefined":
      return value.kind === "constant" ? [nothing] : [createStmt({ kind: "evaluate", value, span }), nothing];
    case "object":
      if (value.type.fields.length === 0)
        return f.report.refuse("TSP2128", value.span, "an event needs at least one field", {
          hints: ["return { value: … }, or return nothing"],
        });
      return sendObject(f, value, span);
    case "optional": {
      const { value: inner } = value.type;
      if (inner.kind !== "object") break;
      const kept = f.inScope(() => f.declare("event", value.type, false));
      const read = createExpr({ kind: "local", local: kept, span: value.span, type: kept.type });
      const present = createExpr({ kind: "present", operand: read, span: value.span, type: BOOLEAN });
      const event = createExpr({ kind: "unwrap", operand: read, span: value.span, type: inner });
      return [
        createStmt({ kind: "declare", local: kept, value, span }),
        createStmt({ kind: "if", test: present, yes: sendObject(f, event, span), no: [nothing], span }),
      ];
    }
  }
  return f.report.refuse(
    "TSP2128",
    value.span,
    `a handler returns its event, an object with named fields, or nothing; this is ${describeType(value.type)}`,
    { hints: ["give the value a name: return { value: … }"] },
  );
}

/** An event that is not written as a literal here is taken apart into its fields. */
function sendObject(f: FunctionContext, value: Expr, span: Span): readonly Stmt[] {
  checkEventFields(f, value);
  const send = (event: Expr) => createStmt({ kind: "send", event, site: f.site("lost", span), span });
  if (value.kind === "object") return [send(value)];
  const { fields } = value.type as Extract<IrType, { kind: "object" }>;
  const kept = f.inScope(() => f.declare("event", value.type, false));
  const read = createExpr({ kind: "local", local: kept, span: value.span, type: value.type });
  const parts = fields.map(({ name, type }) => ({
    name,
    value: createExpr({ kind: "field", object: read, name, span: value.span, type }),
  }));
  return [
    createStmt({ kind: "declare", local: kept, value, span }),
    send(createExpr({ kind: "object", fields: Object.freeze(parts), span: value.span, type: value.type })),
  ];
}

/** Refuses what has no form in an event, where it stands. */
function checkEventFields(f: FunctionContext, event: Expr): void {
  const check = (type: IrType, span: Span): void => {
    if (type.kind === "object") for (const field of type.fields) check(field.type, span);
    else if (type.kind === "optional") check(type.value, span);
    else if (type.kind === "pointer" || type.kind === "context") {
      f.report.refuse("TSP2128", span, `${describeType(type)} cannot be sent in an event`, {
        hints: [type.kind === "pointer" ? "send one of its fields, or its address: addressOf(…)" : "send the fields you need"],
      });
    }
  };
  if (event.kind === "object")
    for (const { value } of event.fields) value.kind === "object" ? checkEventFields(f, value) : check(value.type, value.span);
  else check(event.type, event.span);
}
