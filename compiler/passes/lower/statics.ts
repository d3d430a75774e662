import { isAggregation } from "../../../dsl/aggregations.js";
import { builtinOf } from "../../../dsl/builtin.js";
import { isChannel } from "../../../dsl/event.js";
import { isHelper } from "../../../dsl/fn.js";
import { ReadableMap } from "../../../dsl/maps.js";
import { optionsOf } from "../../../dsl/options.js";
import { EventStream } from "../../../dsl/stream.js";
import type { Expr } from "../../ir/nodes.js";
import type { FunctionContext } from "./context.js";
import { checkedConstant } from "./expressions.js";
import { freezeDeep, isPlain, refuseProxy } from "./host-members.js";
import { usageOf } from "./map-calls.js";
import type { StaticValue } from "./operand.js";

/** Globals kernel code may name; their members are checked where they are used. */
const GLOBALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["undefined", undefined],
  ["Math", Math],
  ["BigInt", BigInt],
  ["Number", Number],
  ["Boolean", Boolean],
]);

type Place = { readonly start: number; readonly end: number };

/** The host value behind a free variable, read now that the module has run. */
export function staticName(f: FunctionContext, name: string, node: Place): StaticValue {
  const span = f.span(node);
  const thunk = Object.hasOwn(f.environment, name) ? f.environment[name] : undefined;
  if (thunk === undefined) {
    if (GLOBALS.has(name)) return { kind: "static", value: GLOBALS.get(name), text: name, span };
    return f.report.refuse("TSP2109", span, `${name} is not available in kernel code`, { hints: globalHint(name) });
  }
  const free = f.record.free.find((variable) => variable.name === name);
  const labels = free?.declaration === undefined ? [] : [{ span: free.declaration, message: "declared here" }];
  let value: unknown;
  try {
    value = thunk();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return f.report.refuse("TSP2110", span, `${name} has no value yet when the handler is compiled`, {
      labels,
      hints: ["declare it before the script starts to wait for events"],
    });
  }
  refuseProxy(f, value, name, span);
  if (isPlain(value)) freezeDeep(value);
  return { kind: "static", value, text: name, span };
}

function globalHint(name: string): string[] {
  if (name === "console") return ["return an object, and print it in .on(…) or table(…)"];
  if (name === "Date" || name === "performance") return ["use ktimeNs()"];
  if (name === "process") return ["use pid() and comm(); flags come through options({…})"];
  if (["NaN", "Infinity"].includes(name)) return ["the kernel has no floating point"];
  return ["handlers can use module-level constants, maps, options, fn helpers and what tsprobe exports"];
}

/** A host value as a constant of the kernel program. */
export function staticExpr(f: FunctionContext, operand: StaticValue): Expr {
  const { value, span } = operand;
  switch (typeof value) {
    case "number":
    case "bigint":
    case "boolean":
    case "string":
    case "undefined":
      return checkedConstant(f, value, span);
    case "object":
      if (value === null) return checkedConstant(f, null, span);
      break;
  }
  return f.report.refuse("TSP2111", span, `${operand.text} is ${describeStatic(value)}, which has no value in kernel code`, {
    hints: [staticHint(value)],
  });
}

function describeStatic(value: unknown): string {
  if (value instanceof ReadableMap) return "a map";
  if (isAggregation(value)) return "an aggregation";
  if (isChannel(value)) return "an event channel";
  if (value instanceof EventStream) return "a probe";
  if (optionsOf(value) !== undefined) return "the options object";
  if (isHelper(value) || builtinOf(value) !== undefined) return "a function";
  if (typeof value === "function") return "a function of the host";
  if (typeof value === "symbol") return "a symbol";
  return Array.isArray(value) ? "an array" : "an object";
}

function staticHint(value: unknown): string {
  if (value instanceof ReadableMap) return usageOf(value);
  if (isAggregation(value)) return "use .add(…)";
  if (isChannel(value)) return "use .emit({…})";
  if (isHelper(value) || builtinOf(value) !== undefined) return "call it";
  if (typeof value === "function") return "wrap it in fn(…) at module level to use it in kernel code";
  return "use one of its fields";
}
