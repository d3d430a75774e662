import type { CallExpression } from "oxc-parser";
import { createExpr, type Expr, type MapRef } from "../../ir/nodes.js";
import { isWithin, S64 } from "../../ir/range.js";
import { bigintType, objectType, optionalType, UNDEFINED } from "../../ir/types.js";
import { lowerArguments } from "./calls.js";
import { requireInteger, toSigned } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { convertArgument } from "./convert.js";
import type { StaticValue } from "./operand.js";

/** The declared record without the time, which is the last field. */
function recordOf(map: MapRef) {
  const { ns: _, ...shape } = map.declaration.value as Record<string, never>;
  return Object.keys(shape).length === 0 ? undefined : shape;
}

/** put and take. */
export function lowerStashCall(f: FunctionContext, map: MapRef, object: StaticValue, method: string, node: CallExpression): Expr {
  const span = f.span(node);
  const shape = recordOf(map);
  if (method !== "put" && method !== "take")
    return f.report.refuse("TSP2118", span, `a stash has no ${method}() in kernel code`, {
      hints: ["use .put(key, record) at the start and .take(key) at the end"],
    });
  if (method === "put") {
    const usage = `${object.text}.put(key${shape === undefined ? "" : ", { … }"})`;
    const [given, record] = lowerArguments(f, node, shape === undefined ? 1 : 2, usage) as [Expr, Expr | undefined];
    const key = convertArgument(f, given, map.declaration.key, `the key of ${object.text}`);
    const value = shape === undefined ? undefined : convertArgument(f, record as Expr, shape, object.text);
    const [site, replaced] = [f.site("map-full", span, map.name), f.site("replaced", span, map.name)];
    return createExpr({ kind: "stash-put", map, key, value, site, replaced, span, type: UNDEFINED });
  }
  const count = node.arguments.length === 2 ? 2 : 1;
  const [given, bound] = lowerArguments(f, node, count, `${object.text}.take(key), or .take(key, leastNs)`) as [
    Expr,
    Expr | undefined,
  ];
  const key = convertArgument(f, given, map.declaration.key, `the key of ${object.text}`);
  const type = optionalType(takenType(map));
  return createExpr({ kind: "stash-take", map, key, least: bound && lowerLeast(f, bound), span, type });
}

/** Nanoseconds since boot stay below 2^63 for 292 years, and so do their differences. */
function takenType(map: MapRef) {
  const fields = map.value.kind === "object" ? map.value.fields : [];
  return objectType(
    fields.map((field) => (field.name === "ns" ? { name: "ns", type: bigintType({ min: 0n, max: S64.max }, false) } : field)),
  );
}

function lowerLeast(f: FunctionContext, given: Expr): Expr {
  const least = requireInteger(f, given);
  if (least.type.kind !== "bigint")
    return f.report.refuse("TSP2203", least.span, "nanoseconds are a bigint here, not a number", {
      hints: ["write 1_000_000n for a millisecond"],
    });
  return isWithin(least.type.range, S64) ? toSigned(f, least, true) : least;
}
