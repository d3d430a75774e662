import type { Argument, CallExpression, Expression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { type Builtin, builtinOf } from "../../../dsl/builtin.js";
import { isChannel } from "../../../dsl/event.js";
import { isHelper } from "../../../dsl/fn.js";
import { KernelMap } from "../../../dsl/maps.js";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { rangeOfWidth, TIME } from "../../ir/range.js";
import { BOOLEAN, bigintType, COMM, describeType, IP, numberType, UNDEFINED } from "../../ir/types.js";
import { isPure } from "../../ir/walk.js";
import { requireInteger, requirePresent } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { convertArgument } from "./convert.js";
import { lowerExpr, lowerOperand, refuseSyntax } from "./expressions.js";
import { callHelper } from "./helpers.js";
import { lowerKptr } from "./kernel-struct.js";
import { lowerMapCall } from "./map-calls.js";
import { lowerMathCall } from "./math.js";
import { isOptionSet, optionRef } from "./members.js";
import type { Operand, StaticValue } from "./operand.js";
import { stripSyntax } from "./syntax.js";

/** A call: of a method of a map, channel or option set, of a builtin, of a helper, of Math and conversions. */
export function lowerCall(f: FunctionContext, node: CallExpression): Expr {
  const span = f.span(node);
  if (node.optional)
    f.report.refuse("TSP2101", span, "`?.(` is not available in kernel code", { hints: ["test the value with if"] });
  const callee = stripSyntax(node.callee);
  if (callee.type === "MemberExpression" && !callee.computed && callee.property.type === "Identifier") {
    const object = lowerOperand(f, callee.object);
    const method = callee.property.name;
    if (object.kind === "static") {
      const result = staticMethod(f, object, method, node);
      if (result !== undefined) return result;
    } else {
      f.report.refuse("TSP2118", f.span(callee.property), `.${method}() is not available in kernel code`, {
        hints: ["call it in the callback"],
      });
    }
  }
  return callValue(f, lowerOperand(f, callee), node);
}

/** Arguments as values, the right number of them. */
export function lowerArguments(f: FunctionContext, node: CallExpression, count: number, usage: string): Expr[] {
  checkCount(f, node, count, usage);
  return node.arguments.map((argument) => lowerExpr(f, plainArgument(f, argument)));
}

function checkCount(f: FunctionContext, node: CallExpression, count: number, usage: string): void {
  if (node.arguments.length !== count)
    f.report.refuse(
      "TSP2119",
      f.span(node),
      `this call needs ${count} argument${count === 1 ? "" : "s"}, not ${node.arguments.length}`,
      { hints: [`write ${usage}`] },
    );
}

export function plainArgument(f: FunctionContext, argument: Argument): Expression {
  return argument.type === "SpreadElement" ? refuseSyntax(f, argument) : argument;
}

function staticMethod(f: FunctionContext, object: StaticValue, method: string, node: CallExpression): Expr | undefined {
  if (object.value instanceof KernelMap) return lowerMapCall(f, object, method, node);
  if (isOptionSet(object.value)) {
    if (method !== "has")
      f.report.refuse("TSP2118", f.span(node), `${object.text} has no ${method}() in kernel code`, {
        hints: ["use .has(x) or .size"],
      });
    const [value] = lowerArguments(f, node, 1, `${object.text}.has(port)`) as [Expr];
    if (requireInteger(f, value).type.kind !== "number")
      f.report.refuse("TSP2203", value.span, "the set holds numbers, not bigints", { hints: ["convert with Number(x)"] });
    return createExpr({ kind: "option-has", option: optionRef(object.value), value, span: f.span(node), type: BOOLEAN });
  }
  if (isChannel(object.value)) {
    const channel = object.value;
    if (method !== "emit")
      f.report.refuse("TSP2118", f.span(node), `${object.text}.${method}() is not available in kernel code`, {
        hints: ["handlers send with .emit({…}); .on(…) belongs outside"],
      });
    const [event] = lowerArguments(f, node, 1, `${object.text}.emit({…})`) as [Expr];
    const stream = f.module.script.streams.indexOf(channel as never);
    if (stream === -1) f.report.refuse("TSP2121", f.span(node.callee), `${object.text} is a channel of another script`);
    f.module.streamNames[stream] ??= object.text;
    const ref = { stream, name: object.text };
    const site = f.site("lost", f.span(node), object.text);
    // A record that is not written here is evaluated once, and its fields are sent.
    const bound = event.kind === "object" || isPure(event) ? undefined : f.inScope(() => f.declare("event", event.type, false));
    const given = bound === undefined ? event : createExpr({ kind: "local", local: bound, span: event.span, type: event.type });
    const converted = convertArgument(f, given, channel.shape, object.text);
    return createExpr({
      kind: "emit",
      channel: ref,
      bound,
      source: bound === undefined ? undefined : event,
      event: converted,
      site,
      span: f.span(node),
      type: UNDEFINED,
    });
  }
  return undefined;
}

function callValue(f: FunctionContext, callee: Operand, node: CallExpression): Expr {
  const span = f.span(node);
  if (callee.kind !== "static")
    return f.report.refuse("TSP2118", f.span(node.callee), "only functions known when the script starts can be called");
  const builtin = builtinOf(callee.value);
  if (builtin !== undefined) return callBuiltin(f, builtin, node, span);
  if (isHelper(callee.value)) return callHelper(f, callee, node);
  const converted = lowerMathCall(f, callee, node);
  if (converted !== undefined) return converted;
  const where = typeof callee.value === "function" ? "is a function of the host" : "cannot be called";
  return f.report.refuse("TSP2118", f.span(node.callee), `${callee.text} ${where}`, {
    hints: [
      typeof callee.value === "function"
        ? "wrap it in fn(…) at module level to use it in kernel code"
        : "see docs/language.md for what handlers can call",
    ],
  });
}

function callBuiltin(f: FunctionContext, builtin: Builtin, node: CallExpression, span: Span): Expr {
  switch (builtin.name) {
    case "pid":
    case "tid":
      checkCount(f, node, 0, `${builtin.name}()`);
      return createExpr({ kind: "task", what: builtin.name, span, type: numberType(rangeOfWidth(4, false)) });
    case "comm":
      checkCount(f, node, 0, "comm()");
      return createExpr({ kind: "task", what: "comm", span, type: COMM });
    case "ktimeNs":
      checkCount(f, node, 0, "ktimeNs()");
      return createExpr({ kind: "task", what: "ktimeNs", span, type: bigintType(TIME, false) });
    case "ip": {
      const [bytes] = lowerArguments(f, node, 1, "ip(ctx.saddr)") as [Expr];
      const { type } = requirePresent(f, bytes);
      if (type.kind !== "ints" || type.element.size !== 1 || (type.count !== 4 && type.count !== 16)) {
        f.report.refuse("TSP2201", bytes.span, `ip() needs an address of 4 or 16 bytes, not ${describeType(type)}`, {
          hints: ["pass a field such as ctx.saddr or ctx.saddr_v6"],
        });
      }
      return createExpr({ kind: "ip", bytes, span, type: IP });
    }
    case "name": {
      const [code] = lowerArguments(f, node, 1, "tcpState(ctx.newstate)") as [Expr];
      const value = requireInteger(f, code);
      if (value.type.kind !== "number") f.report.refuse("TSP2203", code.span, "this needs a number, not a bigint");
      return createExpr({
        kind: "label",
        operand: value,
        span,
        type: Object.freeze({ kind: "name", names: builtin.names ?? new Map(), range: value.type.range }),
      });
    }
    case "num": {
      const [value] = lowerArguments(f, node, 1, "num(x)") as [Expr];
      const { type } = requireInteger(f, value);
      if (type.kind === "number") return value;
      return createExpr({ kind: "label", operand: value, span, type: Object.freeze({ kind: "double", signed: type.signed }) });
    }
    case "kptr":
      checkCount(f, node, 2, 'kptr("sock", ctx.skaddr)');
      return lowerKptr(f, node, span);
  }
}
