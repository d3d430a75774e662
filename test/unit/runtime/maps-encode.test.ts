import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { storedLayout } from "../../../compiler/passes/layout.js";
import { shapeType } from "../../../compiler/passes/lower/shapes.js";
import { formatIp } from "../../../dsl/ip-text.js";
import { coerce } from "../../../dsl/shape.js";
import type { Shape } from "../../../dsl/types.js";
import { compileValueDecoder } from "../../../runtime/decode.js";
import { decodeSlot } from "../../../runtime/maps/decode-slot.js";
import { encodeValue } from "../../../runtime/maps/encode.js";
import { parseIp } from "../../../runtime/maps/parse-ip.js";

function roundTrip(shape: Shape, value: unknown): unknown {
  const { layout, size } = storedLayout(shapeType(shape, new Map()));
  const bytes = Buffer.alloc(size);
  encodeValue(layout, value, bytes);
  return compileValueDecoder(layout)({ bytes, view: new DataView(bytes.buffer, bytes.byteOffset, size) }, 0);
}

describe("keys and values of the host", () => {
  test.each(["u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "ptr"] as const)("%s wraps as declared", (shape) => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
        expect(roundTrip(shape, value)).toBe(coerce(shape, value));
      }),
    );
  });

  test("records, tuples, texts, addresses", () => {
    const shape = { a: "u8", b: ["s64", "bool", { c: "str8" }], d: "ip", e: "comm" } as const;
    const value = { a: 7, b: [-5n, true, { c: "é1234567" }], d: "fe80::1", e: "node" };
    expect(roundTrip(shape, value)).toEqual({ ...value, b: [-5n, true, { c: "é12345" }] });
    expect(roundTrip(shape, coerce(shape, value))).toEqual(coerce(shape, value));
  });
});

describe("addresses", () => {
  test.each(["", "0.0.0.0", "10.1.2.255", "::", "::1", "fe80::1:2", "2001:db8::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"])(
    "%s",
    (text) => {
      const { family, bytes } = parseIp(text);
      expect(formatIp(family, bytes)).toBe(text);
    },
  );

  test("any IPv6 address", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect([...parseIp(formatIp(10, bytes)).bytes]).toEqual([...bytes]);
      }),
    );
  });

  test.each(["1.2.3", "x", "::1%lo", "1:2"])("%s is none", (text) => {
    expect(() => parseIp(text)).toThrow(TypeError);
  });
});

test("a slot: sums of two words, extremes that only grow, a bucket for each value", () => {
  const slot = { words: 7, any: undefined, count: undefined, low: 0, high: 1, min: 2, max: 3, buckets: 4 };
  const words = (...values: bigint[]) => {
    const bytes = Buffer.alloc(64);
    for (const [i, value] of values.entries()) bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 8 + i * 8);
    return bytes;
  };
  // -3 and 5: low words 2^32 - 3 and 5, high words -1 and 0.
  const filled = words(2n ** 32n + 2n, -1n, 2n ** 63n - 1n + 3n, 2n ** 63n + 5n, 1n, 0n, 1n);
  expect(decodeSlot(slot, filled, 8)).toEqual({ count: 2n, sum: 2n, min: -3n, max: 5n, buckets: [1n, 0n, 1n] });
  expect(decodeSlot(slot, words(), 8)).toEqual({ count: 0n, sum: 0n, min: undefined, max: undefined, buckets: [0n, 0n, 0n] });
});
