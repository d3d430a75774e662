import type { Span } from "../../../diagnostics/span.js";
import type { BtfArray } from "../../../kernel/btf-types.js";
import { createExpr, createStmt, type Expr, type PathStep, type Stmt } from "../../ir/nodes.js";
import { createRange, intersect } from "../../ir/range.js";
import { type IrType, numberType } from "../../ir/types.js";
import { isPure } from "../../ir/walk.js";
import { constantExpr, requireInteger } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { follow, pathText } from "./kernel-struct.js";
import type { KernelPlace, Operand } from "./operand.js";

/** Largest array that is copied as a whole: BPF's stack has 512 bytes. */
const MOST_COPIED = 256;

/** `array[index]` of an array in kernel memory. */
export function elementOfKernelArray(f: FunctionContext, place: KernelPlace, index: Expr, span: Span): Operand {
  const { type, btf } = place;
  if (type.kind !== "array" || btf.kind !== "array") return f.report.refuse("TSP2116", span, "a struct cannot be indexed");
  const position = requireInteger(f, index);
  if (position.type.kind !== "number")
    f.report.refuse("TSP2203", position.span, "an index must be a number, not a bigint", {
      hints: ["convert it with Number(x)"],
    });
  const { min, max } = position.type.range;
  const { count } = type;
  if (max < 0n || (count > 0 && min >= BigInt(count)))
    f.report.refuse("TSP2117", position.span, `the index is never inside the array, which has ${count} elements`);
  const step = (at: number | undefined): PathStep => Object.freeze({ kind: "index", at, type: type.element });
  if (min === max && isPure(position)) return follow(f, place, step(Number(min)), btf.element, span);
  const inside = min >= 0n && (count === 0 || max < BigInt(count));
  const bounded = inside ? position : boundedIndex(f, position, count);
  const indices = Object.freeze([...place.indices, bounded]);
  return follow(f, { ...place, indices }, step(undefined), btf.element, span);
}

function boundedIndex(f: FunctionContext, position: Expr, count: number): Expr {
  const { range } = position.type as Extract<IrType, { kind: "number" }>;
  return createExpr({
    kind: "bounded",
    operand: position,
    count: count === 0 ? undefined : count,
    site: f.site("range", position.span),
    span: position.span,
    type: numberType(intersect(range, createRange(0n, count === 0 ? range.max : BigInt(count - 1)))),
  });
}

/** `array.length`. */
export function lengthOfKernelArray(f: FunctionContext, place: KernelPlace, span: Span): Expr {
  const { count } = place.btf as BtfArray;
  if (count > 0) return constantExpr(count, span);
  return f.report.refuse("TSP2551", span, "the kernel's types do not tell the length of this array", {
    hints: ["another member of the struct holds it, most likely"],
  });
}

/** A place where a value is wanted: arrays of integers are copied, everything else has no value as a whole. */
export function placeValue(f: FunctionContext, place: KernelPlace): Expr {
  const { type, pointer, path, indices, span } = place;
  if (type.kind === "array") {
    const { element, count } = type;
    if (element.kind !== "int" || count === 0)
      return f.report.refuse("TSP2107", span, "an array of the kernel as a whole cannot be used as a value", {
        hints: ["read one of its elements"],
      });
    if (element.size * count > MOST_COPIED)
      return f.report.refuse("TSP2552", span, `an array of ${element.size * count} bytes is too large to be copied`, {
        hints: [`read its elements; up to ${MOST_COPIED} bytes are copied as a whole`],
      });
    return createExpr({
      kind: "kernel-read",
      pointer,
      path,
      indices,
      site: f.site("read", span, pathText(path)),
      span,
      type: Object.freeze({ kind: "ints", count, element: { size: element.size, signed: element.signed } }),
    });
  }
  const name = type.struct.key.startsWith("#") ? "a struct" : `${type.struct.of} ${type.struct.key}`;
  return f.report.refuse("TSP2107", span, `${name} as a whole cannot be used as a value`, { hints: ["read one of its fields"] });
}

/** A place whose pointer and indices are evaluated now, once: what a name stands for must not change with them. */
export function keepPlace(f: FunctionContext, place: KernelPlace, out: Stmt[]): KernelPlace {
  const keep = (value: Expr, name: string): Expr => {
    if (value.kind === "constant" || (value.kind === "local" && !value.local.mutable)) return value;
    const local = f.inScope(() => f.declare(name, value.type, false));
    out.push(createStmt({ kind: "declare", local, value, span: value.span }));
    return createExpr({ kind: "local", local, span: value.span, type: value.type });
  };
  return {
    ...place,
    pointer: keep(place.pointer, "base"),
    indices: Object.freeze(place.indices.map((index) => keep(index, "index"))),
  };
}
