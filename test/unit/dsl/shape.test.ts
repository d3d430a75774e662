import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coerce, isScalarName, keyText } from "../../../dsl/shape.js";

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, s8: Int8Array, s16: Int16Array, s32: Int32Array } as const;
const WIDE = { u64: BigUint64Array, s64: BigInt64Array, ptr: BigUint64Array } as const;

describe("coerce stores integers as a typed array does", () => {
  test.each(Object.entries(ARRAYS))("%s", (name, array) => {
    fc.assert(fc.property(fc.maxSafeInteger(), (value) => coerce(name as keyof typeof ARRAYS, value) === array.of(value)[0]));
  });
  test.each(Object.entries(WIDE))("%s", (name, array) => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
        (value) => coerce(name as keyof typeof WIDE, value) === array.of(value)[0],
      ),
    );
  });
});

test("comm is cut to 15 characters; other texts and booleans stay", () => {
  expect(coerce("comm", "a-very-long-thread-name")).toBe("a-very-long-thr");
  expect(coerce("ip", "2001:db8::1")).toBe("2001:db8::1");
  expect(coerce("bool", true)).toBe(true);
});

test("records are coerced field by field, in the shape's order, without what is not in it", () => {
  const value = coerce({ a: "u8", b: "comm" }, { more: 1, b: "x", a: 256 });
  expect(JSON.stringify(value)).toBe('{"a":0,"b":"x"}');
  expect(Object.isFrozen(value)).toBe(true);
});

test("names of types", () => {
  expect(["u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "ptr", "bool", "comm", "ip"].every(isScalarName)).toBe(true);
  expect(["int", "u128", "", "constructor", 8, undefined, null].some(isScalarName)).toBe(false);
});

test("equal values have equal key texts, others do not", () => {
  const record = fc.record({ a: fc.integer(), b: fc.string(), c: fc.boolean(), d: fc.bigInt() });
  fc.assert(fc.property(record, (value) => keyText(value) === keyText({ ...value })));
  const distinct = fc.tuple(record, record).filter(([x, y]) => x.a !== y.a || x.b !== y.b || x.c !== y.c || x.d !== y.d);
  fc.assert(fc.property(distinct, ([x, y]) => keyText(x) !== keyText(y)));
});
