import { nameOf, refuseDeclaration, TYPE_HINT } from "./declaration-error.js";
import { isScalarName } from "./shape.js";
import type { Shape } from "./types.js";

export type MapKind = "hash" | "lruHash" | "array" | "perCpuHash" | "perCpuArray" | "stash";

/** What the compiler reads of a map. */
export interface MapDeclaration {
  readonly kind: MapKind;
  /** Of arrays "u32", their index. */
  readonly key: Shape;
  readonly value: Shape;
  /** Most entries; of arrays their length. */
  readonly max: number;
}

/** Entries of a map that does not say how many. */
export const DEFAULT_ENTRIES = 10_240;

/** Whether each CPU has values of its own. */
export function isPerCpu(kind: MapKind): boolean {
  return kind === "perCpuHash" || kind === "perCpuArray";
}

/** Whether keys are indexes, and all values are there from the start. */
export function isArray(kind: MapKind): boolean {
  return kind === "array" || kind === "perCpuArray";
}

/** @throws DiagnosticError unless it is a number of entries that a map can have */
export function checkEntries(maker: string, max: number, option = "max"): void {
  if (!Number.isInteger(max) || max < 1 || max > 2 ** 24)
    refuseDeclaration(`${maker}(): a map cannot hold ${max} entries`, `${option} is a whole number from 1 to 16777216`);
}

/** @throws DiagnosticError unless it is a shape, of names all the way down */
export function checkShape(maker: string, side: string, shape: unknown): asserts shape is Shape {
  const empty = shape === undefined || (typeof shape === "object" && shape !== null && Object.keys(shape).length === 0);
  if (empty)
    refuseDeclaration(
      `${maker}(): the ${side} has no type`,
      `give it one: ${side}: "u64", or a record: ${side}: { pid: "u32", cpu: "u32" }`,
    );
  if (isScalarName(shape)) return;
  if (typeof shape === "object" && shape !== null) {
    for (const [name, part] of Object.entries(shape)) {
      if (typeof part === "object" && part !== null) checkShape(maker, `${side}.${name}`, part);
      else if (!isScalarName(part)) refuseDeclaration(`${maker}(): the ${side} cannot have the type ${nameOf(part)}`, TYPE_HINT);
    }
    return;
  }
  refuseDeclaration(`${maker}(): the ${side} cannot have the type ${nameOf(shape)}`, TYPE_HINT);
}
