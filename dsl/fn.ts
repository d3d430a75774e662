const helpers = new WeakSet<object>();

/**
 * A helper that several handlers share, in this file or an imported one. In the kernel it becomes a C function,
 * compiled for the types it is called with.
 * @example const isLocal = fn((port: number) => port >= 32768);
 */
export function fn<F extends (...args: never[]) => unknown>(helper: F): F {
  helpers.add(helper);
  return helper;
}

/** Whether a value was made by `fn`. */
export function isHelper(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === "function" && helpers.has(value);
}
