import type { IntegerType } from "./c-integers.js";

/** Names of "tsprobe"'s integer types for signed and unsigned ones, by size in bytes. */
export function integerTypeName(type: IntegerType): string {
  return `${type.signed ? "s" : "u"}${type.size * 8}`;
}

/** @param length undefined when only the kernel knows it at run time */
export function integerArrayType(element: IntegerType, length: number | undefined): string {
  if (element.size === 1) return length === undefined ? "Bytes" : `Bytes<${length}>`;
  return `Ints<${integerTypeName(element)}>`;
}
