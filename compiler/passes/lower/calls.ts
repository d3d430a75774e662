import type { Argument, CallExpression, Expression } from "oxc-parser";
import { isAggregation } from "../../../dsl/aggregations.js";
import { builtinOf } from "../../../dsl/builtin.js";
import { isChannel } from "../../../dsl/event.js";
import { isHelper } from "../../../dsl/fn.js";
import { ReadableMap } from "../../../dsl/maps.js";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { UNDEFINED } from "../../ir/types.js";
import { isPure } from "../../ir/walk.js";
import { lowerAggregationCall } from "./aggregation-calls.js";
import { lowerBuiltin } from "./builtins/index.js";
import type { FunctionContext } from "./context.js";
import { convertArgument } from "./convert.js";
import { lowerExpr, lowerOperand, refuseSyntax } from "./expressions.js";
import { callHelper } from "./helpers.js";
import { lowerMapCall } from "./map-calls.js";
import { lowerMathCall } from "./math.js";
import type { Operand, StaticValue } from "./operand.js";
import { isOptionSet, lowerSetCall } from "./options.js";
import { refuseArrayMethod, refuseCallee } from "./refused-calls.js";
import { stripSyntax } from "./syntax.js";
import { lowerValueMethod } from "./value-methods.js";

/** A call: of a method of a map, channel or option set, of a builtin, of a helper, of Math and conversions. */
export function lowerCall(f: FunctionContext, node: CallExpression): Expr {
  const span = f.span(node);
  if (node.optional)
    f.report.refuse("TSP2101", span, "`?.(` is not available in kernel code", { hints: ["test the value with if"] });
  const callee = stripSyntax(node.callee);
  if (callee.type === "MemberExpression" && !callee.computed && callee.property.type === "Identifier") {
    const object = lowerOperand(f, callee.object);
    const method = callee.property.name;
    refuseArrayMethod(f, object, method, node);
    if (object.kind === "static") {
      const result = staticMethod(f, object, method, node);
      if (result !== undefined) return result;
    } else {
      return lowerValueMethod(f, object, method, node, f.span(callee.property));
    }
  }
  return callValue(f, lowerOperand(f, callee), node);
}

/** Arguments as values, the right number of them. */
export function lowerArguments(f: FunctionContext, node: CallExpression, count: number, usage: string): Expr[] {
  checkCount(f, node, count, usage);
  return node.arguments.map((argument) => lowerExpr(f, plainArgument(f, argument)));
}

export function checkCount(f: FunctionContext, node: CallExpression, count: number, usage: string): void {
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
  if (object.value instanceof ReadableMap) return lowerMapCall(f, object, method, node);
  if (isAggregation(object.value)) return lowerAggregationCall(f, object, method, node);
  if (isOptionSet(object.value)) return lowerSetCall(f, object, object.value, method, node);
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
  if (builtin !== undefined) return lowerBuiltin(f, builtin, node, span);
  if (isHelper(callee.value)) return callHelper(f, callee, node);
  const converted = lowerMathCall(f, callee, node);
  if (converted !== undefined) return converted;
  refuseCallee(f, callee, node);
  const where = typeof callee.value === "function" ? "is a function of the host" : "cannot be called";
  return f.report.refuse("TSP2118", f.span(node.callee), `${callee.text} ${where}`, {
    hints: [
      typeof callee.value === "function"
        ? "wrap it in fn(…) at module level to use it in kernel code"
        : "see docs/language.md for what handlers can call",
    ],
  });
}
