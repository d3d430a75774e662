import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventLayout, FieldLayout, ValueLayout } from "../../../compiler/program.js";
import { formatIp } from "../../../dsl/ip-text.js";
import { compileDecoder, type RingMemory } from "../../../runtime/decode.js";

/** A value with the bytes a kernel would send for it: the layout says nothing the encoder does not do by itself. */
interface Sample {
  readonly type: ValueLayout;
  readonly bytes: Uint8Array;
  readonly value: unknown;
}

function littleEndian(value: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const sizes = fc.constantFrom(1, 2, 4, 8) as fc.Arbitrary<1 | 2 | 4 | 8>;

function integer(size: number, signed: boolean): fc.Arbitrary<bigint> {
  const bits = BigInt(size * 8);
  return signed
    ? fc.bigInt({ min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n })
    : fc.bigInt({ min: 0n, max: (1n << bits) - 1n });
}

const ints: fc.Arbitrary<Sample> = fc.tuple(sizes, fc.boolean(), fc.boolean()).chain(([size, signed, asNumber]) => {
  const safe = asNumber && size === 8;
  const values = safe
    ? fc.bigInt({ min: signed ? BigInt(Number.MIN_SAFE_INTEGER) : 0n, max: BigInt(Number.MAX_SAFE_INTEGER) })
    : integer(size, signed);
  return values.map((value) => ({
    type: { kind: "int", size, signed, as: asNumber ? "number" : "bigint" },
    bytes: littleEndian(value, size),
    value: asNumber ? Number(value) : value,
  }));
});

const pointers: fc.Arbitrary<Sample> = integer(8, false).map((value) => ({
  type: { kind: "pointer" },
  bytes: littleEndian(value, 8),
  value,
}));
const bools: fc.Arbitrary<Sample> = fc
  .boolean()
  .map((value) => ({ type: { kind: "bool" }, bytes: Uint8Array.of(Number(value)), value }));

/** Text, then NUL, then whatever the memory held before. */
const strings: fc.Arbitrary<Sample> = fc
  .tuple(fc.string({ unit: "grapheme" }), fc.uint8Array({ maxLength: 100 }))
  .map(([raw, rest]) => {
    const value = raw.replaceAll("\0", "").replaceAll("\ufeff", "");
    const bytes = concat([Buffer.from(value), Uint8Array.of(0), rest]);
    return { type: { kind: "string", size: bytes.length }, bytes, value };
  });

const ips: fc.Arbitrary<Sample> = fc
  .tuple(fc.constantFrom(0, 2, 10), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map(([family, bytes]) => ({
    type: { kind: "ip" },
    bytes: concat([littleEndian(BigInt(family), 4), bytes]),
    value: family === 0 ? "" : formatIp(family, bytes),
  }));

const enums: fc.Arbitrary<Sample> = fc.tuple(sizes, fc.boolean()).chain(([size, signed]) =>
  fc.tuple(integer(size, signed), fc.boolean()).map(([value, isNamed]) => {
    const usable = isNamed && Number.isSafeInteger(Number(value));
    return {
      type: { kind: "enum", size, signed, names: new Map(usable ? [[Number(value), "NAME"]] : []) },
      bytes: littleEndian(value, size),
      value: usable ? "NAME" : value.toString(),
    };
  }),
);

const constants: fc.Arbitrary<Sample> = fc
  .oneof(fc.string(), fc.double(), fc.bigInt(), fc.boolean(), fc.constant(null), fc.constant(undefined))
  .map((value) => ({ type: { kind: "constant", value }, bytes: new Uint8Array(0), value }));

const blobs: fc.Arbitrary<Sample> = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => ({ type: { kind: "bytes", size: bytes.length }, bytes, value: bytes }));

const names = fc.oneof(
  fc.string(),
  fc.constantFrom("__proto__", "constructor", "a-b", '"', "\n", "\u2028", "class", "$\u007bx}", "`"),
);

/** Fields one after the other with random padding, as a compiler would lay them out. */
function structOf(members: readonly (readonly [string, Sample, number])[]): {
  fields: FieldLayout[];
  bytes: Uint8Array;
  value: object;
} {
  const fields: FieldLayout[] = [];
  const parts: Uint8Array[] = [];
  const entries: [string, unknown][] = [];
  let offset = 0;
  for (const [name, sample, padding] of members) {
    parts.push(new Uint8Array(padding).fill(0xaa), sample.bytes);
    fields.push({ name, offset: offset + padding, type: sample.type });
    entries.push([name, sample.value]);
    offset += padding + sample.bytes.length;
  }
  return { fields, bytes: concat(parts), value: Object.fromEntries(entries) };
}

function structs(inner: fc.Arbitrary<Sample>) {
  const member = fc.tuple(names, inner, fc.nat({ max: 7 }));
  return fc.uniqueArray(member, { maxLength: 6, selector: ([name]) => name }).map(structOf);
}

const { values } = fc.letrec<{ values: Sample }>((tie) => {
  const nested = tie("values");
  const struct: fc.Arbitrary<Sample> = structs(nested).map(({ fields, bytes, value }) => ({
    type: { kind: "struct", size: bytes.length, fields },
    bytes,
    value,
  }));
  // The elements of an array have one layout: one sample, repeated.
  const array: fc.Arbitrary<Sample> = fc
    .tuple(nested, fc.nat({ max: 5 }), fc.nat({ max: 7 }))
    .map(([element, count, padding]) => ({
      type: { kind: "array", count, stride: element.bytes.length + padding, element: element.type },
      bytes: concat(Array.from({ length: count }, () => concat([element.bytes, new Uint8Array(padding)]))),
      value: Array.from({ length: count }, () => element.value),
    }));
  const optional: fc.Arbitrary<Sample> = fc
    .tuple(nested, fc.boolean(), fc.integer({ min: 1, max: 8 }))
    .map(([inner, present, valueOffset]) => ({
      type: { kind: "optional", valueOffset, value: inner.type },
      bytes: concat([Uint8Array.of(Number(present)), new Uint8Array(valueOffset - 1), inner.bytes]),
      value: present ? inner.value : undefined,
    }));
  const leaf = fc.oneof(ints, pointers, bools, strings, ips, enums, constants, blobs);
  return { values: fc.oneof({ maxDepth: 3, depthSize: "small" }, leaf, struct, array, optional) };
});

function memoryOf(bytes: Uint8Array, offset: number): RingMemory {
  const ring = Buffer.alloc(offset + bytes.length + 16, 0x55);
  ring.set(bytes, offset);
  return { bytes: ring, view: new DataView(ring.buffer, ring.byteOffset, ring.byteLength) };
}

function layoutOf(fields: readonly FieldLayout[], size: number): EventLayout {
  return { name: "sample", size, fields, stream: 0 };
}

describe("compileDecoder", () => {
  test("decodes what the kernel side would send, for any layout", () => {
    fc.assert(
      fc.property(structs(values), fc.nat({ max: 64 }), ({ fields, bytes, value }, offset) => {
        const decode = compileDecoder(layoutOf(fields, bytes.length));
        const memory = memoryOf(bytes, offset);
        // Node's comparison: that of vitest trips over fields called "__proto__" and "constructor".
        deepStrictEqual(decode(memory, offset), value);
        deepStrictEqual(decode(memory, offset), value, "a second time, now out of the caches");
      }),
      { numRuns: 400 },
    );
  });

  test("texts that share a cache slot do not get mixed up", () => {
    const decode = compileDecoder(layoutOf([{ name: "comm", offset: 0, type: { kind: "string", size: 16 } }], 16));
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 5000; i++) {
        const bytes = new Uint8Array(16);
        bytes.set(Buffer.from(`task-${i}`));
        expect(decode(memoryOf(bytes, 0), 0)).toEqual({ comm: `task-${i}` });
      }
    }
  });

  test("addresses that share a cache slot do not get mixed up", () => {
    const decode = compileDecoder(layoutOf([{ name: "a", offset: 0, type: { kind: "ip" } }], 20));
    for (let i = 0; i < 5000; i++) {
      const bytes = new Uint8Array(20);
      bytes.set([i % 2 === 0 ? 2 : 10, 0, 0, 0, 10, 0, i >> 8, i & 255]);
      const text = i % 2 === 0 ? `10.0.${i >> 8}.${i & 255}` : formatIp(10, bytes, 4);
      expect(decode(memoryOf(bytes, 0), 0)).toEqual({ a: text });
    }
  });

  test("an IPv4 address ignores the twelve bytes after it", () => {
    const decode = compileDecoder(layoutOf([{ name: "a", offset: 0, type: { kind: "ip" } }], 20));
    expect(decode(memoryOf(Uint8Array.of(2, 0, 0, 0, 1, 2, 3, 4, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9), 0), 0)).toEqual({
      a: "1.2.3.4",
    });
  });

  test("a text without its NUL ends with its field, and bytes that are not UTF-8 are replaced", () => {
    const decode = compileDecoder(layoutOf([{ name: "s", offset: 0, type: { kind: "string", size: 4 } }], 4));
    expect(decode(memoryOf(Buffer.from("abcdefg"), 0), 0)).toEqual({ s: "abcd" });
    expect(decode(memoryOf(Uint8Array.of(0x61, 0xff, 0x62, 0), 0), 0)).toEqual({ s: "a\ufffdb" });
    expect(decode(memoryOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0), 0), 0)).toEqual({ s: "\ufeff" });
  });

  test("an event keeps nothing of the ring's memory, which is used again", () => {
    const decode = compileDecoder(layoutOf([{ name: "raw", offset: 0, type: { kind: "bytes", size: 3 } }], 3));
    const memory = memoryOf(Uint8Array.of(1, 2, 3), 8);
    const event = decode(memory, 8) as { raw: Uint8Array };
    memory.bytes.fill(0);
    expect([...event.raw]).toEqual([1, 2, 3]);
    expect(Buffer.isBuffer(event.raw)).toBe(false);
  });
});
