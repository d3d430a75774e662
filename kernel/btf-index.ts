/** Kind numbers of include/uapi/linux/btf.h. */
export const BtfKind = {
  INT: 1,
  PTR: 2,
  ARRAY: 3,
  STRUCT: 4,
  UNION: 5,
  ENUM: 6,
  FWD: 7,
  TYPEDEF: 8,
  VOLATILE: 9,
  CONST: 10,
  RESTRICT: 11,
  FUNC: 12,
  FUNC_PROTO: 13,
  VAR: 14,
  DATASEC: 15,
  FLOAT: 16,
  DECL_TAG: 17,
  TYPE_TAG: 18,
  ENUM64: 19,
} as const;

/** 32-bit words that follow struct btf_type, by kind: once, and for each of its `vlen` elements. */
const EXTRA_WORDS = new Uint8Array(32);
const ELEMENT_WORDS = new Uint8Array(32);
EXTRA_WORDS[BtfKind.INT] = 1;
EXTRA_WORDS[BtfKind.ARRAY] = 3;
EXTRA_WORDS[BtfKind.VAR] = 1;
EXTRA_WORDS[BtfKind.DECL_TAG] = 1;
ELEMENT_WORDS[BtfKind.STRUCT] = 3;
ELEMENT_WORDS[BtfKind.UNION] = 3;
ELEMENT_WORDS[BtfKind.ENUM] = 2;
ELEMENT_WORDS[BtfKind.FUNC_PROTO] = 2;
ELEMENT_WORDS[BtfKind.DATASEC] = 3;
ELEMENT_WORDS[BtfKind.ENUM64] = 3;

const MAGIC = 0xeb9f;
const TYPE_WORDS = 3;

/** Where everything is. The types themselves are decoded when asked for. */
export interface BtfIndex {
  /** The type section. */
  readonly words: Uint32Array;
  /** The string section: NUL-terminated, name offsets point into it. */
  readonly strings: Buffer;
  /** By type id: where its struct btf_type begins in `words`. Entry 0 is unused. */
  readonly starts: Uint32Array;
  /** By a name's offset in `strings`: the last type of that name, or 0. */
  readonly lastNamed: Uint32Array;
  /** By type id: the type of the same name before it, or 0. */
  readonly sameName: Uint32Array;
}

/**
 * Reads the header and finds where each type begins.
 * @throws SyntaxError when the bytes are not BTF that this reader understands
 */
export function indexBtf(bytes: Uint8Array): BtfIndex {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 24) throw new SyntaxError("too short for BTF");
  const magic = view.getUint16(0, true);
  if (magic !== MAGIC) throw new SyntaxError(magic === 0x9feb ? "BTF of a big-endian machine" : "not BTF: wrong magic number");
  if (view.getUint8(2) !== 1) throw new SyntaxError(`BTF version ${view.getUint8(2)}, not 1`);
  const headerLength = view.getUint32(4, true);
  const [typeStart, typeLength] = [headerLength + view.getUint32(8, true), view.getUint32(12, true)];
  const [stringStart, stringLength] = [headerLength + view.getUint32(16, true), view.getUint32(20, true)];
  if (typeStart + typeLength > bytes.byteLength || stringStart + stringLength > bytes.byteLength)
    throw new SyntaxError("BTF is cut off");
  const words = wordsOf(bytes, typeStart, typeLength);
  const strings = Buffer.from(bytes.buffer, bytes.byteOffset + stringStart, stringLength);
  return { words, strings, ...walk(words, stringLength) };
}

/** A view where the alignment allows one, a copy otherwise. */
function wordsOf(bytes: Uint8Array, start: number, length: number): Uint32Array {
  const at = bytes.byteOffset + start;
  if (at % 4 === 0) return new Uint32Array(bytes.buffer, at, length >>> 2);
  return new Uint32Array(Uint8Array.from(bytes.subarray(start, start + length)).buffer, 0, length >>> 2);
}

/** One pass over all types: a loop of 150,000 rounds, which is most of what opening a kernel's BTF takes. */
function walk(words: Uint32Array, stringLength: number): Pick<BtfIndex, "starts" | "lastNamed" | "sameName"> {
  const most = Math.ceil(words.length / TYPE_WORDS) + 1;
  const starts = new Uint32Array(most);
  const sameName = new Uint32Array(most);
  const lastNamed = new Uint32Array(stringLength);
  let id = 1;
  let at = 0;
  while (at < words.length) {
    const name = words[at] as number;
    const info = words[at + 1] as number;
    const kind = (info >>> 24) & 0x1f;
    // The length of an unknown kind is unknown too: nothing after it could be found.
    if (kind === 0 || kind > BtfKind.ENUM64) throw new SyntaxError(`BTF type ${id} is of kind ${kind}, which is not known`);
    sameName[id] = lastNamed[name] as number;
    lastNamed[name] = id;
    starts[id++] = at;
    at += TYPE_WORDS + (EXTRA_WORDS[kind] as number) + (ELEMENT_WORDS[kind] as number) * (info & 0xffff);
  }
  if (at !== words.length) throw new SyntaxError("the last BTF type is cut off");
  return { starts: starts.subarray(0, id), lastNamed, sameName };
}

/** A string of the string section. */
export function stringAt(strings: Buffer, offset: number): string {
  return offset === 0 ? "" : strings.toString("latin1", offset, strings.indexOf(0, offset));
}
