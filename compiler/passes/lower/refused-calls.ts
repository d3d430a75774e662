import type { CallExpression } from "oxc-parser";
import * as aggregations from "../../../dsl/aggregations.js";
import { event } from "../../../dsl/event.js";
import { firstOf } from "../../../dsl/first-of.js";
import { fn } from "../../../dsl/fn.js";
import { fentry, fexit, kprobe, kretprobe } from "../../../dsl/functions.js";
import { every, onExit, onStart } from "../../../dsl/host.js";
import { iter } from "../../../dsl/iter.js";
import { array, hash, lruHash, perCpuArray, perCpuHash } from "../../../dsl/maps.js";
import { options } from "../../../dsl/options.js";
import { rawTracepoint } from "../../../dsl/raw-tracepoint.js";
import { perfEvent, profile } from "../../../dsl/samples.js";
import { stash } from "../../../dsl/stash.js";
import { table } from "../../../dsl/table.js";
import { tracepoint } from "../../../dsl/tracepoint.js";
import { usdt } from "../../../dsl/usdt.js";
import { uprobe, uretprobe } from "../../../dsl/user-function.js";
import type { FunctionContext } from "./context.js";
import type { Operand, StaticValue } from "./operand.js";

const { count, sum, min, max, avg, stats, hist, linearHist, quantiles } = aggregations;
/** What declares something that the program has from its start. */
const DECLARING: ReadonlySet<unknown> = new Set<unknown>([
  ...[tracepoint, rawTracepoint, fentry, fexit, kprobe, kretprobe, uprobe, uretprobe, usdt, profile, perfEvent, iter, firstOf],
  ...[hash, lruHash, array, perCpuHash, perCpuArray, stash, event, options, table, fn, every, onStart, onExit],
  ...[count, sum, min, max, avg, stats, hist, linearHist, quantiles],
]);

/** Methods of arrays that call a function for each element. */
const CALLING = [
  "map",
  "filter",
  "forEach",
  "reduce",
  "reduceRight",
  "some",
  "every",
  "find",
  "findIndex",
  "findLast",
  "flatMap",
  "sort",
];
const isArray = (operand: Operand): boolean =>
  operand.kind === "static"
    ? Array.isArray(operand.value)
    : operand.kind !== "place" && ["array", "ints"].includes(operand.type.kind);

/** Refuses a method of an array, for which there is a loop. */
export function refuseArrayMethod(f: FunctionContext, object: Operand, method: string, node: CallExpression): void {
  if (!isArray(object)) return;
  const list = object.kind === "static" ? object.text : "list";
  if (CALLING.includes(method))
    f.report.refuse(
      "TSP2457",
      f.span(node),
      `.${method}() takes a function, and kernel code has no functions inside of functions`,
      {
        hints: [`write a loop: for (const x of ${list}) { … }`],
      },
    );
  if (method === "includes" || method === "indexOf")
    f.report.refuse("TSP2457", f.span(node), `.${method}() is not available in kernel code`, {
      hints: [`write a loop: for (const x of ${list}) if (x === wanted) …`],
    });
}

/** Refuses functions of the host of which something is known that helps. */
export function refuseCallee(f: FunctionContext, callee: StaticValue, node: CallExpression): void {
  const place = f.span(node.callee);
  if (DECLARING.has(callee.value))
    f.report.refuse("TSP2118", place, `${callee.text}(…) declares something, which a handler cannot do`, {
      hints: ["declare it at module level, and use its name here"],
    });
  if (callee.value === Math.random)
    f.report.refuse("TSP2118", place, "Math.random gives fractions, which the kernel does not have", {
      hints: ["use random(), a whole number from 0 to 2^32 - 1: random() % 100"],
    });
  if (callee.text.startsWith("Math.") && typeof callee.value === "function")
    f.report.refuse("TSP2118", place, `${callee.text} works with fractions, which the kernel does not have`, {
      hints: ["Math.trunc, Math.abs, Math.min and Math.max work here; compute the rest in the callback"],
    });
}
