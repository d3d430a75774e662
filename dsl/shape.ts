import type { ScalarName, Shape } from "./types.js";

const WIDTHS: Readonly<Record<ScalarName, number | undefined>> = {
  u8: 8,
  u16: 16,
  u32: 32,
  s8: 8,
  s16: 16,
  s32: 32,
  u64: 64,
  s64: 64,
  ptr: 64,
  bool: undefined,
  comm: undefined,
  ip: undefined,
};

/** Whether a name is one of the scalar types. */
export function isScalarName(name: unknown): name is ScalarName {
  return typeof name === "string" && Object.hasOwn(WIDTHS, name);
}

/** Bytes of the longest text a comm holds: TASK_COMM_LEN is 16 with the terminating NUL (include/linux/sched.h). */
const COMM_BYTES = 15;

/** A text as so many bytes of UTF-8 hold it: cut at a whole character, and at a NUL. */
export function cutText(text: string, bytes: number): string {
  const [whole] = text.split("\0", 1) as [string];
  let end = 0;
  let used = 0;
  for (const character of whole) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    end += character.length;
  }
  return whole.slice(0, end);
}

/**
 * Stores a value as the kernel would: integers wrap to the declared width, as in a typed array,
 * and comm is cut. Keeps a handler in Node and in the kernel in agreement.
 */
export function coerce(shape: Shape, value: unknown): unknown {
  if (typeof shape !== "string") {
    const record = value as Record<string, unknown>;
    return Object.freeze(Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, coerce(type, record[name])])));
  }
  const bits = WIDTHS[shape];
  if (bits === undefined) return shape === "comm" ? cutText(String(value), COMM_BYTES) : value;
  const wrap = shape.startsWith("s") ? BigInt.asIntN : BigInt.asUintN;
  const wrapped = wrap(bits, BigInt(value as number | bigint));
  return bits === 64 ? wrapped : Number(wrapped);
}

/** A text that is equal for equal values of a shape: keys of maps in Node. */
export function keyText(value: unknown): string {
  if (typeof value === "object" && value !== null) return `{${Object.values(value).map(keyText).join(",")}}`;
  return `${typeof value}:${String(value)}`;
}
