/**
 * Functions of "tsprobe" that take a kernel function, and the index of that argument. The bundler finds
 * kernel code by this table: a new hook is captured once it has a row here.
 */
export const KERNEL_CALLS: Readonly<Record<string, number>> = {
  tracepoint: 1,
  fn: 0,
};
