import type { Btf } from "../../../kernel/btf.js";
import { hasTypeTag, structName } from "../../../kernel/btf-members.js";
import type { BtfMember, BtfStruct, BtfType } from "../../../kernel/btf-types.js";
import { charArrayType } from "../../ir/long.js";
import type { KernelMemberType, KernelScalarType, KernelStructRef } from "../../ir/nodes.js";
import { createRange, type Range, rangeOfWidth, U64 } from "../../ir/range.js";
import { BOOLEAN, bigintType, type IrType, numberType } from "../../ir/types.js";

/** Why a member cannot be read, for people. */
export interface Unreadable {
  readonly code: string;
  readonly reason: string;
  readonly hints?: readonly string[];
}

/** @param name for a struct found by a typedef's name, since it has none of its own */
export function structRef(struct: BtfStruct, name = struct.name): KernelStructRef {
  return Object.freeze({
    of: struct.kind,
    key: name === "" ? `#${struct.id}` : name,
    typedef: struct.name === "" && name !== "",
  });
}

/** What C and the language make of a member. */
export function memberTypeOf(btf: Btf, member: BtfMember): KernelMemberType | Unreadable {
  if (member.bitfieldSize === 0) return typeOf(btf, member.type);
  const base = scalarOf(btf.resolve(member.type));
  return base === undefined ? unreadable("a bitfield of an unknown type") : { kind: "bitfield", base, bits: member.bitfieldSize };
}

/** The same of an element of an array. */
export function typeOf(btf: Btf, id: number): KernelMemberType | Unreadable {
  const type = btf.resolve(id);
  switch (type.kind) {
    case "int":
    case "enum":
      return scalarOf(type) ?? unreadable(`an integer of ${type.size * 8} bits`);
    case "pointer":
      return pointerOf(btf, type.to);
    case "array": {
      const element = typeOf(btf, type.element);
      if ("reason" in element) return element;
      // `char` is text; `u8` and `s8` are typedefs of `unsigned char` and `signed char`.
      if (element.kind === "int" && (btf.resolve(type.element) as { name: string }).name === "char" && type.count > 0)
        return { kind: "text", count: type.count };
      return { kind: "array", element, count: type.count };
    }
    case "struct":
    case "union":
      return { kind: "struct", struct: structRef(type) };
    default:
      return unreadable(`of a kind (${type.kind}) that handlers cannot read`);
  }
}

function unreadable(reason: string): Unreadable {
  return { code: "TSP2133", reason: `is ${reason}` };
}

function scalarOf(type: BtfType): KernelScalarType | undefined {
  if (type.kind !== "int" && type.kind !== "enum") return undefined;
  if (type.kind === "int" && type.bool) return { kind: "bool" };
  return isIntegerSize(type.size) ? { kind: type.kind, size: type.size, signed: type.signed } : undefined;
}

function pointerOf(btf: Btf, to: number): KernelMemberType | Unreadable {
  if (hasTypeTag(btf, to, "percpu")) {
    return {
      code: "TSP2550",
      reason: "is a per-CPU pointer: there is one value for each CPU, none of them at this address",
      hints: ["per-CPU values cannot be read by handlers; look for a total that the kernel keeps beside them"],
    };
  }
  // Memory of a process is not kernel memory: its address can be passed on, but not followed.
  if (hasTypeTag(btf, to, "user")) return { kind: "pointer", struct: undefined };
  return { kind: "pointer", struct: structName(btf, to) };
}

function isIntegerSize(size: number): size is 1 | 2 | 4 | 8 {
  return size === 1 || size === 2 || size === 4 || size === 8;
}

/** The type of a read member's value; undefined for those that are places, not values. */
export function valueType(type: KernelMemberType): IrType | undefined {
  switch (type.kind) {
    case "bool":
      return BOOLEAN;
    case "int":
    case "enum":
      return integerType(rangeOfWidth(type.size, type.signed), type);
    case "bitfield":
      return type.base.kind === "bool" ? BOOLEAN : integerType(rangeOfBits(type.bits, type.base.signed), type.base);
    case "pointer":
      return type.struct === undefined
        ? bigintType(U64, false, true)
        : Object.freeze({ kind: "pointer", struct: type.struct, nullable: true });
    case "text":
      return charArrayType(type.count);
    default:
      return undefined;
  }
}

/** As declared in C: 64-bit types are bigint, also for a bitfield of few bits. */
function integerType(range: Range, type: { readonly size: number; readonly signed: boolean }): IrType {
  return type.size === 8 ? bigintType(range, type.signed) : numberType(range);
}

/** Values of an integer of so many bits. */
export function rangeOfBits(bits: number, signed: boolean): Range {
  const size = BigInt(bits);
  return signed ? createRange(-(2n ** (size - 1n)), 2n ** (size - 1n) - 1n) : createRange(0n, 2n ** size - 1n);
}
