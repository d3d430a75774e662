/**
 * The values an integer expression can take. Ranges decide which operations need a check at run time:
 * handlers must give the same result in Node and in the kernel, or say that they cannot.
 */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

export function createRange(min: bigint, max: bigint): Range {
  return Object.freeze({ min, max });
}

/** All integers a `number` holds exactly; results outside end the run (counted as overflow). */
export const SAFE: Range = createRange(BigInt(Number.MIN_SAFE_INTEGER), BigInt(Number.MAX_SAFE_INTEGER));
export const S32: Range = createRange(-(2n ** 31n), 2n ** 31n - 1n);
export const U32: Range = createRange(0n, 2n ** 32n - 1n);
export const S64: Range = createRange(-(2n ** 63n), 2n ** 63n - 1n);
export const U64: Range = createRange(0n, 2n ** 64n - 1n);
/** What ktimeNs() returns: nanoseconds since boot stay below 2^63 for 292 years. */
export const TIME: Range = createRange(0n, S64.max);

export function exactly(value: bigint): Range {
  return createRange(value, value);
}

export function isWithin(inner: Range, outer: Range): boolean {
  return inner.min >= outer.min && inner.max <= outer.max;
}

export function join(a: Range, b: Range): Range {
  return createRange(a.min < b.min ? a.min : b.min, a.max > b.max ? a.max : b.max);
}

export function intersect(a: Range, b: Range): Range {
  const min = a.min > b.min ? a.min : b.min;
  const max = a.max < b.max ? a.max : b.max;
  return min <= max ? createRange(min, max) : a;
}

/** The values of `a` that pass the check that they are in `limits`: where none does the run always ends there, and any will do. */
export function checked(a: Range, limits: Range): Range {
  return a.max < limits.min || a.min > limits.max ? limits : intersect(a, limits);
}

/** Values of an integer of so many bits. */
export function rangeOfWidth(bytes: number, signed: boolean): Range {
  const bits = BigInt(bytes * 8);
  return signed ? createRange(-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n) : createRange(0n, 2n ** bits - 1n);
}

/** Smallest range holding all given values. */
export function hull(values: readonly bigint[]): Range {
  let [min, max] = [values[0] as bigint, values[0] as bigint];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return createRange(min, max);
}
