import type { CallExpression } from "oxc-parser";
import type { FunctionContext } from "./context.js";
import type { Operand, StaticValue } from "./operand.js";

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
  if (callee.value === Math.random)
    f.report.refuse("TSP2118", place, "Math.random gives fractions, which the kernel does not have", {
      hints: ["use random(), a whole number from 0 to 2^32 - 1: random() % 100"],
    });
  if (callee.text.startsWith("Math.") && typeof callee.value === "function")
    f.report.refuse("TSP2118", place, `${callee.text} works with fractions, which the kernel does not have`, {
      hints: ["Math.trunc, Math.abs, Math.min and Math.max work here; compute the rest in the callback"],
    });
}
