import type { ScalarName, Shape } from "./types.js";

/** Bits of the integers. */
const WIDTHS: Readonly<Record<string, number>> = {
  u8: 8,
  u16: 16,
  u32: 32,
  s8: 8,
  s16: 16,
  s32: 32,
  u64: 64,
  s64: 64,
  ptr: 64,
};
const OTHERS = new Set(["bool", "comm", "ip", "kstack", "ustack", "ksym", "usym", "probe"]);

/** A comm is TASK_COMM_LEN bytes with the terminating NUL (include/linux/sched.h). */
const COMM_BYTES = 16;
/** Keys and values are put together on the kernel's stack, which has 512 bytes (MAX_BPF_STACK, include/linux/filter.h). */
const MOST_TEXT_BYTES = 256;

/** Bytes of a text type, its NUL included; undefined for other names. */
export function textBytes(name: string): number | undefined {
  if (name === "comm") return COMM_BYTES;
  const size = /^str([1-9]\d*)$/.exec(name)?.[1];
  return size === undefined || Number(size) < 2 || Number(size) > MOST_TEXT_BYTES ? undefined : Number(size);
}

/** Bits of an integer type; undefined for other names. */
export function integerBits(name: string): number | undefined {
  return Object.hasOwn(WIDTHS, name) ? WIDTHS[name] : undefined;
}

/** Whether a name is one of the scalar types. */
export function isScalarName(name: unknown): name is ScalarName {
  return typeof name === "string" && (Object.hasOwn(WIDTHS, name) || OTHERS.has(name) || textBytes(name) !== undefined);
}

/** Whether all of a shape are integers that the kernel can add to in one step: of 32 or 64 bits. */
export function isAddable(shape: Shape): boolean {
  if (typeof shape === "string") return (integerBits(shape) ?? 0) >= 32;
  return !Array.isArray(shape) && Object.values(shape).every(isAddable);
}

/** Whether all of a shape are integers. */
export function isIntegers(shape: Shape): boolean {
  return typeof shape === "string" ? integerBits(shape) !== undefined : Object.values(shape).every(isIntegers);
}

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
 * and texts are cut. Keeps a handler in Node and in the kernel in agreement.
 */
export function coerce(shape: Shape, value: unknown): unknown {
  if (typeof shape !== "string") return mapShape(shape, (part, name) => coerce(part, (value as Record<string, unknown>)[name]));
  const bits = integerBits(shape);
  if (bits === undefined) {
    const size = textBytes(shape);
    return size === undefined ? value : cutText(String(value), size - 1);
  }
  const wrap = shape.startsWith("s") ? BigInt.asIntN : BigInt.asUintN;
  const wrapped = wrap(bits, BigInt(value as number | bigint));
  return bits === 64 ? wrapped : Number(wrapped);
}

/** A value of a record's or tuple's form, with each part made anew. */
export function mapShape(shape: Exclude<Shape, string>, make: (part: Shape, name: string) => unknown): unknown {
  if (Array.isArray(shape)) return Object.freeze(shape.map((part, i) => make(part, String(i))));
  return Object.freeze(Object.fromEntries(Object.entries(shape).map(([name, part]) => [name, make(part, name)])));
}

/** The value whose bytes are all zero. */
export function zeroOf(shape: Shape): unknown {
  if (typeof shape !== "string") return mapShape(shape, zeroOf);
  const bits = integerBits(shape);
  if (bits !== undefined) return bits === 64 ? 0n : 0;
  return shape === "bool" ? false : "";
}

/** `value` with `amount` added, wrapped to the declared widths; of a record the fields that `amount` has. */
export function addTo(shape: Shape, value: unknown, amount: unknown): unknown {
  if (typeof shape === "string") return coerce(shape, BigInt(value as number | bigint) + BigInt(amount as number | bigint));
  const given = amount as Record<string, unknown>;
  return mapShape(shape, (part, name) => {
    const old = (value as Record<string, unknown>)[name];
    return given[name] === undefined ? old : addTo(part, old, given[name]);
  });
}

/** A text that is equal for equal values of a shape: keys of maps in Node. */
export function keyText(value: unknown): string {
  if (typeof value === "object" && value !== null) return `{${Object.values(value).map(keyText).join(",")}}`;
  return `${typeof value}:${String(value)}`;
}
