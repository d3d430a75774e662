import { type BtfIndex, BtfKind, stringAt } from "./btf-index.js";
import type { BtfEnumValue, BtfMember, BtfType } from "./btf-types.js";

/** Bits of an INT's own word: BTF_INT_SIGNED and BTF_INT_BOOL of its encoding. */
const INT_SIGNED = 1 << 24;
const INT_BOOL = 4 << 24;

/** Decodes one type. @throws RangeError when there is no such id */
export function decodeType(index: BtfIndex, id: number): BtfType {
  if (id === 0) return { kind: "void", id: 0 };
  if (!(id > 0 && id < index.starts.length)) throw new RangeError(`BTF has no type ${id}`);
  const { words } = index;
  const at = index.starts[id] as number;
  const word = (offset: number): number => words[at + offset] as number;
  const name = stringAt(index.strings, word(0));
  const info = word(1);
  const flag = info >>> 31 === 1;
  const length = info & 0xffff;
  /** The third word is a size or a type, depending on the kind. */
  const third = word(2);
  switch ((info >>> 24) & 0x1f) {
    case BtfKind.INT:
      return { kind: "int", id, name, size: third, signed: (word(3) & INT_SIGNED) !== 0, bool: (word(3) & INT_BOOL) !== 0 };
    case BtfKind.PTR:
      return { kind: "pointer", id, to: third };
    case BtfKind.ARRAY:
      return { kind: "array", id, element: word(3), count: word(5) };
    case BtfKind.STRUCT:
      return { kind: "struct", id, name, size: third, members: decodeMembers(index, at, length, flag) };
    case BtfKind.UNION:
      return { kind: "union", id, name, size: third, members: decodeMembers(index, at, length, flag) };
    case BtfKind.ENUM:
      return { kind: "enum", id, name, size: third, signed: flag, values: decodeEnumValues(index, at, length, flag) };
    case BtfKind.ENUM64:
      return { kind: "enum", id, name, size: third, signed: flag, values: decodeEnum64Values(index, at, length, flag) };
    case BtfKind.FWD:
      return { kind: "fwd", id, name, of: flag ? "union" : "struct" };
    case BtfKind.TYPEDEF:
      return { kind: "typedef", id, name, to: third };
    case BtfKind.VOLATILE:
      return { kind: "volatile", id, to: third };
    case BtfKind.CONST:
      return { kind: "const", id, to: third };
    case BtfKind.RESTRICT:
      return { kind: "restrict", id, to: third };
    case BtfKind.TYPE_TAG:
      return { kind: "typeTag", id, name, to: third };
    case BtfKind.FUNC:
      return { kind: "func", id, name, proto: third, linkage: length };
    case BtfKind.FUNC_PROTO:
      return {
        kind: "funcProto",
        id,
        returns: third,
        params: elements(at, length, 2, (each) => ({ name: nameAt(index, each), type: words[each + 1] as number })),
      };
    case BtfKind.FLOAT:
      return { kind: "float", id, name, size: third };
    case BtfKind.VAR:
      return { kind: "var", id, name, to: third };
    case BtfKind.DATASEC:
      return {
        kind: "datasec",
        id,
        name,
        variables: elements(at, length, 3, (each) => ({ type: words[each] as number, offset: words[each + 1] as number })),
      };
    case BtfKind.DECL_TAG:
      return { kind: "declTag", id, name, to: third, component: word(3) | 0 };
    default:
      throw new RangeError(`BTF type ${id} is of an unknown kind`);
  }
}

function elements<T>(at: number, count: number, stride: number, decode: (at: number) => T): T[] {
  const list = new Array<T>(count);
  for (let each = 0; each < count; each++) list[each] = decode(at + 3 + each * stride);
  return list;
}

function nameAt(index: BtfIndex, at: number): string {
  return stringAt(index.strings, index.words[at] as number);
}

/** With the struct's kind flag, the upper byte of a member's offset is the size of its bitfield. */
function decodeMembers(index: BtfIndex, at: number, count: number, flag: boolean): BtfMember[] {
  return elements(at, count, 3, (each) => {
    const offset = index.words[each + 2] as number;
    return {
      name: nameAt(index, each),
      type: index.words[each + 1] as number,
      bitOffset: flag ? offset & 0xffffff : offset,
      bitfieldSize: flag ? offset >>> 24 : 0,
    };
  });
}

function decodeEnumValues(index: BtfIndex, at: number, count: number, signed: boolean): BtfEnumValue[] {
  return elements(at, count, 2, (each) => {
    const value = index.words[each + 1] as number;
    return { name: nameAt(index, each), value: BigInt(signed ? value | 0 : value) };
  });
}

function decodeEnum64Values(index: BtfIndex, at: number, count: number, signed: boolean): BtfEnumValue[] {
  return elements(at, count, 3, (each) => {
    const value = (BigInt(index.words[each + 2] as number) << 32n) | BigInt(index.words[each + 1] as number);
    return { name: nameAt(index, each), value: signed ? BigInt.asIntN(64, value) : value };
  });
}
