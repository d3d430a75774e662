import type { IrType } from "./types.js";

/**
 * Bytes of the largest text, and of the largest array, that is held on the kernel's stack, which has 512 bytes for all of a program
 * (MAX_BPF_STACK, include/linux/filter.h). A larger one is held elsewhere, and its value in C is its address: see emit/scratch.ts.
 * Texts are copied about more than arrays; the arguments of a system call are an array of 48 bytes.
 */
const MOST_TEXT_ON_STACK = 32;
const MOST_ARRAY_ON_STACK = 64;

/** Whether values of a type are too large for the stack. */
export function isLong(type: IrType): boolean {
  if (type.kind === "string") return type.size > MOST_TEXT_ON_STACK;
  return type.kind === "ints" && type.count * type.element.size > MOST_ARRAY_ON_STACK;
}

/** Whether a value of a type is, or has in it, one that is too large for the stack. */
export function holdsLong(type: IrType): boolean {
  if (type.kind === "optional") return holdsLong(type.value);
  if (type.kind === "object") return type.fields.some((field) => holdsLong(field.type));
  return isLong(type);
}

/** The type of an array of chars in a kernel struct or record, which has no NUL when it is full; a long text always has one. */
export function charArrayType(length: number): IrType {
  const type: IrType = { kind: "string", size: length };
  return Object.freeze(isLong(type) ? { kind: "string", size: length + 1 } : type);
}
