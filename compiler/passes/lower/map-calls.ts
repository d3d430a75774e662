import type { CallExpression } from "oxc-parser";
import type { KernelMap } from "../../../dsl/maps.js";
import { nearestNames } from "../../../kernel/nearest.js";
import { createExpr, type Expr, type MapRef } from "../../ir/nodes.js";
import { BOOLEAN, optionalType, UNDEFINED } from "../../ir/types.js";
import { lowerArguments } from "./calls.js";
import type { FunctionContext } from "./context.js";
import { convertArgument } from "./convert.js";
import type { StaticValue } from "./operand.js";
import { shapeType } from "./shapes.js";

const METHODS = { get: 1, has: 1, delete: 1, set: 2 } as const;

/** What the C side calls a map. Kernel names hold 15 characters (BPF_OBJ_NAME_LEN, include/uapi/linux/bpf.h). */
function mapRef(f: FunctionContext, map: KernelMap<unknown, unknown>, { text: name, span }: StaticValue): MapRef {
  const index = f.module.script.maps.indexOf(map.declaration);
  const known = f.module.maps.get(index);
  if (known !== undefined) return known;
  const cName = `m${index}_${name.replace(/[^A-Za-z0-9_]/g, "_")}`.slice(0, 15);
  const ref: MapRef = Object.freeze({
    index,
    cName,
    name,
    span,
    declaration: map.declaration,
    key: shapeType(map.declaration.key),
    value: shapeType(map.declaration.value),
  });
  if (index !== -1) f.module.maps.set(index, ref);
  return ref;
}

/** get, has, set, delete of a map. */
export function lowerMapCall(f: FunctionContext, object: StaticValue, method: string, node: CallExpression): Expr {
  const span = f.span(node);
  if (!Object.hasOwn(METHODS, method)) {
    const near = nearestNames(method, Object.keys(METHODS), 1);
    f.report.refuse("TSP2118", span, `a map has no ${method}() in kernel code`, {
      hints: [near.length > 0 ? `did you mean .${near[0]}()?` : "use .get(key), .has(key), .set(key, value) or .delete(key)"],
    });
  }
  const declared = object.value as KernelMap<unknown, unknown>;
  const map = mapRef(f, declared, object);
  if (map.index === -1) f.report.refuse("TSP2121", f.span(node.callee), `${object.text} is a map of another script`);
  const name = method as keyof typeof METHODS;
  const values = lowerArguments(
    f,
    node,
    METHODS[name],
    name === "set" ? `${object.text}.set(key, value)` : `${object.text}.${name}(key)`,
  );
  const key = convertArgument(f, values[0] as Expr, declared.declaration.key, `the key of ${object.text}`);
  switch (name) {
    case "get":
      return createExpr({ kind: "map-get", map, key, span, type: optionalType(map.value) });
    case "has":
    case "delete":
      return createExpr({ kind: `map-${name}`, map, key, span, type: BOOLEAN });
    case "set": {
      const value = convertArgument(f, values[1] as Expr, declared.declaration.value, object.text);
      return createExpr({ kind: "map-set", map, key, value, site: f.site("map-full", span, object.text), span, type: UNDEFINED });
    }
  }
}
