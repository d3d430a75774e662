import type { Stack } from "../../dsl/stack.js";

const ids = new WeakMap<Stack, bigint>();

/** Remembers under which id the kernel side keeps a stack. */
export function rememberId(stack: Stack, id: bigint): Stack {
  ids.set(stack, id);
  return stack;
}

/** The id of a stack that came from the kernel: what stands for it in a key. */
export function idOfStack(stack: unknown): bigint | undefined {
  return typeof stack === "object" && stack !== null ? ids.get(stack as Stack) : undefined;
}
