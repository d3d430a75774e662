import { describe, expect, it } from "vitest";
import { openBtf } from "../../../kernel/btf.js";
import { findMember, flattenMembers } from "../../../kernel/btf-members.js";
import type { BtfStruct } from "../../../kernel/btf-types.js";
import { BtfBuilder } from "./btf-builder.js";

const [INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const [FUNC, FUNC_PROTO, VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64] = [12, 13, 14, 15, 16, 17, 18, 19];

function sample() {
  const b = new BtfBuilder();
  const s = (text: string): number => b.string(text);
  const int = b.add(INT, "int", 4, { rest: [(1 << 24) | 32] });
  const bool = b.add(INT, "_Bool", 1, { rest: [(4 << 24) | 8] });
  const char = b.add(INT, "char", 1, { rest: [8] });
  const array = b.add(ARRAY, "", 0, { rest: [char, int, 16] });
  const innerUnion = b.add(UNION, "", 8, { vlen: 2, rest: [s("dport"), int, 0, s("pair"), int, 32] });
  const innerStruct = b.add(STRUCT, "", 8, { vlen: 1, rest: [0, innerUnion, 0] });
  // struct outer { int a; struct { union { int dport; int pair; }; }; int low:3; int high:29; char comm[16]; int :4 }
  const outer = b.add(STRUCT, "outer", 40, {
    vlen: 6,
    flag: true,
    rest: [
      s("a"),
      int,
      0,
      0,
      innerStruct,
      64,
      s("low"),
      int,
      (3 << 24) | 128,
      s("high"),
      int,
      (29 << 24) | 131,
      s("comm"),
      array,
      160,
      0,
      int,
      (4 << 24) | 288,
    ],
  });
  const anonymous = b.add(STRUCT, "", 4, { vlen: 1, rest: [s("counter"), int, 0] });
  b.add(TYPEDEF, "atomic_t", anonymous);
  const konst = b.add(CONST, "", outer);
  const tag = b.add(TYPE_TAG, "rcu", konst);
  const alias = b.add(TYPEDEF, "outer_t", b.add(VOLATILE, "", tag));
  const pointer = b.add(PTR, "", b.add(RESTRICT, "", alias));
  b.add(ENUM, "sign", 4, { vlen: 2, flag: true, rest: [s("MINUS"), 0xffffffff, s("PLUS"), 1] });
  b.add(ENUM, "plain", 4, { vlen: 1, rest: [s("TOP"), 0xffffffff] });
  b.add(ENUM64, "wide", 8, { vlen: 1, rest: [s("BIG"), 0x1, 0x80000000] });
  b.add(ENUM64, "wide_signed", 8, { vlen: 1, flag: true, rest: [s("LEAST"), 0, 0x80000000] });
  b.add(FWD, "elsewhere", 0);
  b.add(FWD, "elsewhere_union", 0, { flag: true });
  const proto = b.add(FUNC_PROTO, "", int, { vlen: 2, rest: [s("sk"), pointer, 0, 0] });
  const func = b.add(FUNC, "do_it", proto, { vlen: 1 });
  b.add(FLOAT, "double", 8);
  const variable = b.add(VAR, "counter", int, { rest: [1] });
  b.add(DATASEC, ".data..percpu", 64, { vlen: 2, rest: [variable, 0, 4, variable, 4, 4] });
  b.add(DECL_TAG, "kfunc", func, { rest: [0xffffffff] });
  const last = b.add(STRUCT, "last", 1, { vlen: 1, rest: [s("flag"), bool, 0] });
  return { bytes: b.bytes(), outer, alias, pointer, last, proto, func, int };
}

const shape = sample();
const btf = openBtf(shape.bytes);

describe("Btf", () => {
  it("finds every type after kinds of all lengths", () => {
    expect(btf.typeCount).toBe(shape.last);
    expect(btf.struct("last")).toMatchObject({
      kind: "struct",
      id: shape.last,
      size: 1,
      members: [{ name: "flag", bitOffset: 0 }],
    });
  });

  it("decodes integers with their encoding", () => {
    expect(btf.type(shape.int)).toEqual({ kind: "int", id: shape.int, name: "int", size: 4, signed: true, bool: false });
    expect(btf.resolve((btf.struct("last") as BtfStruct).members[0]?.type ?? 0)).toMatchObject({ bool: true, signed: false });
  });

  it("resolves through typedef, volatile, type tag, const and restrict", () => {
    expect(btf.resolve(shape.alias)).toBe(btf.struct("outer"));
    const pointer = btf.type(shape.pointer);
    expect(pointer.kind === "pointer" && btf.resolve(pointer.to)).toBe(btf.struct("outer"));
  });

  it("knows void and refuses ids that do not exist", () => {
    expect(btf.resolve(0)).toEqual({ kind: "void", id: 0 });
    expect(() => btf.type(shape.last + 1)).toThrow(RangeError);
    expect(() => btf.type(-1)).toThrow(RangeError);
  });

  it("finds an anonymous struct by its typedef, but not a typedef of a named one", () => {
    expect(btf.struct("atomic_t")).toMatchObject({ name: "", size: 4, members: [{ name: "counter" }] });
    expect(btf.struct("outer_t")).toBeUndefined();
  });

  it("finds no struct under names of other things", () => {
    for (const name of ["int", "counter", "elsewhere", "plain", "", "oute", "uter", "outer\0"])
      expect(btf.struct(name), name).toBeUndefined();
  });

  it("reads enum values with sign and 64 bits", () => {
    expect(btf.enum("sign")).toMatchObject({
      signed: true,
      size: 4,
      values: [
        { name: "MINUS", value: -1n },
        { name: "PLUS", value: 1n },
      ],
    });
    expect(btf.enum("plain")?.values).toEqual([{ name: "TOP", value: 0xffffffffn }]);
    expect(btf.enum("wide")).toMatchObject({ size: 8, values: [{ name: "BIG", value: 0x8000000000000001n }] });
    expect(btf.enum("wide_signed")?.values).toEqual([{ name: "LEAST", value: -0x8000000000000000n }]);
    expect(btf.enum("outer")).toBeUndefined();
  });

  it("decodes functions", () => {
    expect(btf.type(shape.func)).toMatchObject({ kind: "func", name: "do_it", proto: shape.proto, linkage: 1 });
    expect(btf.type(shape.proto)).toMatchObject({
      kind: "funcProto",
      returns: shape.int,
      params: [
        { name: "sk", type: shape.pointer },
        { name: "", type: 0 },
      ],
    });
  });

  it("lists struct names and answers the same with and without the list", () => {
    const fresh = openBtf(shape.bytes);
    const before = ["outer", "atomic_t", "last", "outer_t"].map((name) => fresh.struct(name));
    expect(fresh.structNames()).toEqual(["outer", "last", "atomic_t"]);
    expect(["outer", "atomic_t", "last", "outer_t"].map((name) => fresh.struct(name))).toEqual(before);
  });

  it("answers the same however many names it was asked for", () => {
    const fresh = openBtf(shape.bytes);
    for (let n = 0; n < 40; n++) expect(fresh.struct(`nothing${n}`)).toBeUndefined();
    expect(fresh.struct("outer")?.id).toBe(shape.outer);
    expect(fresh.struct("atomic_t")).toMatchObject({ name: "", size: 4 });
    expect(fresh.struct("outer_t")).toBeUndefined();
    expect(fresh.enum("sign")).toMatchObject({ signed: true });
  });

  it("does not depend on the alignment of the bytes", () => {
    const shifted = Buffer.concat([Buffer.from([0]), shape.bytes]).subarray(1);
    expect(openBtf(shifted).struct("outer")).toEqual(btf.struct("outer"));
  });
});

describe("members", () => {
  const outer = btf.struct("outer") as BtfStruct;

  it("adds up the offsets of anonymous structs and unions", () => {
    expect(findMember(btf, outer, "dport")).toMatchObject({ bitOffset: 64, member: { bitOffset: 0 } });
    expect(findMember(btf, outer, "pair")).toMatchObject({ bitOffset: 96 });
    expect(findMember(btf, outer, "a")).toMatchObject({ bitOffset: 0 });
  });

  it("tells bitfields from other members", () => {
    expect(findMember(btf, outer, "low")).toMatchObject({ bitOffset: 128, member: { bitfieldSize: 3 } });
    expect(findMember(btf, outer, "high")).toMatchObject({ bitOffset: 131, member: { bitfieldSize: 29 } });
    expect(findMember(btf, outer, "comm")).toMatchObject({ bitOffset: 160, member: { bitfieldSize: 0 } });
  });

  it("finds neither padding nor what is not there", () => {
    expect(findMember(btf, outer, "")).toBeUndefined();
    expect(findMember(btf, outer, "nothing")).toBeUndefined();
  });

  it("flattens in order", () => {
    expect(flattenMembers(btf, outer).map((each) => each.member.name)).toEqual(["a", "dport", "pair", "low", "high", "comm"]);
  });
});

describe("openBtf refuses", () => {
  /** The sample with a number at a place of its header or first type replaced. */
  const patched = (at: number, size: number, value: number): Buffer => {
    const copy = Buffer.from(shape.bytes);
    copy.writeUIntLE(value, at, size);
    return copy;
  };
  const typeLength = shape.bytes.readUInt32LE(12);

  it.each([
    ["an empty file", Buffer.alloc(0), /too short/],
    ["something else", Buffer.alloc(64, "ELF "), /magic/],
    ["the other byte order", patched(0, 2, 0x9feb), /big-endian/],
    ["another version", patched(2, 1, 2), /version 2/],
    ["a cut file", shape.bytes.subarray(0, shape.bytes.length - 4), /cut off/],
    ["a cut type", patched(12, 4, typeLength - 4), /cut off/],
    ["an unknown kind", patched(24 + 4, 4, 25 * 2 ** 24), /type 1 is of kind 25/],
  ])("%s", (_, bytes, message) => {
    expect(() => openBtf(bytes)).toThrow(SyntaxError);
    expect(() => openBtf(bytes)).toThrow(message);
  });
});
