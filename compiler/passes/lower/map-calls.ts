import type { CallExpression } from "oxc-parser";
import { isArray, type MapDeclaration } from "../../../dsl/map-declaration.js";
import { KernelArray, type ReadableMap } from "../../../dsl/maps.js";
import { isAddable } from "../../../dsl/shape.js";
import { Stash } from "../../../dsl/stash.js";
import type { Shape } from "../../../dsl/types.js";
import { nearestNames } from "../../../kernel/nearest.js";
import { createExpr, type Expr, type MapRef } from "../../ir/nodes.js";
import { isWithin } from "../../ir/range.js";
import { BOOLEAN, describeType, type IrType, optionalType, UNDEFINED } from "../../ir/types.js";
import { lowerArguments } from "./calls.js";
import { constantExpr, requireInteger } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { checkFieldNames, convertArgument, fieldOf } from "./convert.js";
import type { StaticValue } from "./operand.js";
import { shapeType } from "./shapes.js";
import { lowerStashCall } from "./stash-calls.js";

/** Methods for kernel code, and what they take. */
const METHODS = {
  get: ["key"],
  has: ["key"],
  delete: ["key"],
  set: ["key", "value"],
  add: ["key", "amount"],
  incr: ["key"],
} as const;
type Method = keyof typeof METHODS;
const ARRAY_METHODS: readonly Method[] = ["get", "set", "add", "incr"];

/** How a map is called in kernel code, for hints. */
export function usageOf(map: unknown): string {
  if (map instanceof Stash) return "use .put(key, record) at the start and .take(key) at the end";
  if (map instanceof KernelArray) return "use .get(index), .set(index, value), .add(index, amount) or .incr(index)";
  return "use .get(key), .has(key), .set(key, value), .delete(key), .add(key, amount) or .incr(key)";
}

/** What the C side calls a map. Kernel names hold 15 characters (BPF_OBJ_NAME_LEN, include/uapi/linux/bpf.h). */
export function mapRef(
  f: FunctionContext,
  map: { readonly declaration: MapDeclaration },
  { text: name, span }: Pick<StaticValue, "text" | "span">,
): MapRef {
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
    key: shapeType(map.declaration.key, f.module.probeTitles),
    value: shapeType(map.declaration.value, f.module.probeTitles),
  });
  if (index !== -1) f.module.maps.set(index, ref);
  return ref;
}

/** A method of a map, array or stash. */
export function lowerMapCall(f: FunctionContext, object: StaticValue, method: string, node: CallExpression): Expr {
  const declared = object.value as ReadableMap<unknown, unknown>;
  const map = mapRef(f, declared, object);
  if (map.index === -1) f.report.refuse("TSP2121", f.span(node.callee), `${object.text} is a map of another script`);
  if (declared instanceof Stash) return lowerStashCall(f, map, object, method, node);
  const { kind } = declared.declaration;
  const methods = isArray(kind) ? ARRAY_METHODS : (Object.keys(METHODS) as Method[]);
  const name = methods.find((candidate) => candidate === method) ?? refuseMethod(f, object, method, methods, node);
  const usage = `${object.text}.${name}(${METHODS[name].join(", ").replace("key", isArray(kind) ? "index" : "key")})`;
  const values = lowerArguments(f, node, METHODS[name].length, usage);
  const key = lowerKey(f, map, values[0] as Expr, object.text);
  return lowerMethod(f, map, name, key, values[1], node);
}

function refuseMethod(
  f: FunctionContext,
  object: StaticValue,
  method: string,
  methods: readonly string[],
  node: CallExpression,
): never {
  const near = nearestNames(method, methods, 1);
  return f.report.refuse("TSP2118", f.span(node), `a map has no ${method}() in kernel code`, {
    hints: [near.length > 0 ? `did you mean .${near[0]}()?` : usageOf(object.value)],
  });
}

function lowerMethod(
  f: FunctionContext,
  map: MapRef,
  name: Method,
  key: Expr,
  given: Expr | undefined,
  node: CallExpression,
): Expr {
  const span = f.span(node);
  const whole = isArray(map.declaration.kind);
  const site = whole ? undefined : f.site("map-full", span, map.name);
  switch (name) {
    case "get":
      return createExpr({ kind: "map-get", map, key, span, type: whole ? map.value : optionalType(map.value) });
    case "has":
    case "delete":
      return createExpr({ kind: `map-${name}`, map, key, span, type: BOOLEAN });
    case "set": {
      const value = convertArgument(f, given as Expr, map.declaration.value, map.name);
      return createExpr({ kind: "map-set", map, key, value, site, span, type: UNDEFINED });
    }
    case "incr":
    case "add": {
      const amount = given ?? constantExpr(map.value.kind === "bigint" ? 1n : 1, span);
      if (!isAddable(map.declaration.value) || (given === undefined && map.value.kind === "object"))
        refuseAdding(f, map, name, node);
      const value = convertAmount(f, amount, map.declaration.value, map.value, map.name);
      return createExpr({ kind: "map-add", map, key, value, site, span, type: UNDEFINED });
    }
  }
}

function refuseAdding(f: FunctionContext, map: MapRef, name: string, node: CallExpression): never {
  const record = map.value.kind === "object" && isAddable(map.declaration.value);
  return f.report.refuse("TSP2401", f.span(node), `${map.name} holds ${describeType(map.value)}, to which ${name}() cannot add`, {
    hints: [
      record
        ? "say to which fields: .add(key, { packets: 1 })"
        : 'the kernel adds to integers of 32 and 64 bits, and records of these: declare the value as "u32", "u64", "s32" or "s64"',
    ],
  });
}

/** What is added: an integer as the value is, or a record with some of the value's fields. */
function convertAmount(f: FunctionContext, amount: Expr, shape: Shape, type: IrType, subject: string): Expr {
  if (type.kind !== "object") return convertArgument(f, amount, shape, subject);
  if (amount.kind !== "object" || amount.type.kind !== "object")
    return f.report.refuse("TSP2402", amount.span, `${subject} holds records: say here to which fields what is added`, {
      hints: [`write .add(key, { ${type.fields[0]?.name}: … })`],
    });
  checkFieldNames(f, amount, amount.type, type, subject);
  const fields = amount.fields.map(({ name }) => {
    const part = fieldOf(amount, name) as Expr;
    const field = type.fields.find((candidate) => candidate.name === name) as { readonly type: IrType };
    return {
      name,
      value: convertAmount(f, part, (shape as Record<string, Shape>)[name] as Shape, field.type, `${subject}.${name}`),
    };
  });
  return createExpr({ kind: "object", fields: Object.freeze(fields), span: amount.span, type: amount.type });
}

/** A key in the map's own type; of arrays an index inside. */
export function lowerKey(f: FunctionContext, map: MapRef, value: Expr, name: string): Expr {
  const { kind, key, max } = map.declaration;
  if (!isArray(kind)) return convertArgument(f, value, key, `the key of ${name}`);
  const index = requireInteger(f, value);
  if (index.type.kind !== "number")
    return f.report.refuse("TSP2203", index.span, "an index must be a number, not a bigint", {
      hints: ["convert it with Number(x)"],
    });
  const inside = { min: 0n, max: BigInt(max - 1) };
  const { range } = index.type;
  if (range.max < 0n || range.min > inside.max)
    f.report.refuse("TSP2117", index.span, `the index is never inside ${name}, which has ${max} values`);
  if (isWithin(range, inside)) return index;
  const site = f.site("range", index.span, name);
  return createExpr({
    kind: "in-range",
    operand: index,
    limit: max,
    site,
    span: index.span,
    type: { ...index.type, range: inside },
  });
}
