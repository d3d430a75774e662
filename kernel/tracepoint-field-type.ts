import { type IntegerType, integerTypeOf } from "./c-integers.js";

/** How a tracepoint field's bytes are to be read. */
export type TracepointFieldType =
  /** Its first `size` bytes: fewer than the field has when a system call's argument is narrower than its register. */
  | { readonly kind: "int"; readonly size: 1 | 2 | 4 | 8; readonly signed: boolean }
  | { readonly kind: "bool" }
  | { readonly kind: "pointer" }
  /** `char x[16]`: text of at most `length` bytes, ended by NUL when it is shorter. */
  | { readonly kind: "charArray"; readonly length: number }
  /** `__u8 x[4]`. */
  | { readonly kind: "intArray"; readonly element: IntegerType; readonly count: number }
  /**
   * A u32 that says where the data is: its length in bytes in the upper half, its place in the lower, counted from the
   * record's start, or from the end of this u32 when `relative` (__rel_loc).
   */
  | { readonly kind: "dataLoc"; readonly element: "char" | IntegerType; readonly relative: boolean }
  /** Structs and everything else: not readable. */
  | { readonly kind: "opaque"; readonly cType: string };

const LOCATION = /^(__data_loc|__rel_loc)\s+(.*)$/;

/**
 * Classifies a field.
 * @param base the declaration before the name: "const char *", "__data_loc char[]"
 * @param brackets the array lengths after it: "[16]", or ""
 * @param size in bytes
 * @param signed the file's word on the sign, of the element in arrays
 */
export function tracepointFieldType(base: string, brackets: string, size: number, signed: boolean): TracepointFieldType {
  const opaque = { kind: "opaque", cType: base + brackets } as const;
  const location = LOCATION.exec(base);
  if (location !== null) {
    const element = locatedElement(location[2] as string, signed);
    return element === undefined || size !== 4 ? opaque : { kind: "dataLoc", element, relative: location[1] === "__rel_loc" };
  }
  const type = unqualified(base);
  if (brackets !== "") return arrayType(type, brackets, size, signed) ?? opaque;
  if (type.includes("*")) return size === 8 ? { kind: "pointer" } : opaque;
  // Even a struct of 8 bytes is not a number.
  if (/^(struct|union)\b/.test(type) || !isIntegerSize(size)) return opaque;
  if (type === "bool" || type === "_Bool") return { kind: "bool" };
  const known = scalarType(type, signed);
  // System calls' arguments are registers of 8 bytes: an `int` is the lower half, the upper may hold anything.
  // Little-endian, so the lower half comes first.
  if (known !== undefined && known.size < size) return { kind: "int", ...known };
  return { kind: "int", size, signed };
}

/** What the C type's name alone says; undefined for typedefs we do not know, whose size in the record is then taken. */
function scalarType(type: string, signed: boolean): IntegerType | undefined {
  if (type === "char") return { size: 1, signed };
  return type.startsWith("enum ") ? { size: 4, signed } : integerTypeOf(type);
}

function locatedElement(declaration: string, signed: boolean): "char" | IntegerType | undefined {
  // Bitmaps are declared without brackets (`__data_loc cpumask_t`): a struct.
  if (!declaration.endsWith("[]")) return undefined;
  const type = unqualified(declaration.slice(0, -2).trim());
  if (type === "char") return "char";
  const known = integerTypeOf(type);
  return known === undefined ? undefined : { size: known.size, signed };
}

/** Lengths may be names ("[TASK_COMM_LEN]"), so the count comes from the sizes where the element's is known. */
function arrayType(type: string, brackets: string, size: number, signed: boolean): TracepointFieldType | undefined {
  if (size === 0 || brackets.indexOf("[", 1) !== -1 || /^(struct|union)\b/.test(type)) return undefined;
  if (type === "char") return { kind: "charArray", length: size };
  const written = /^\[(\d+)\]$/.exec(brackets)?.[1];
  const known = type.includes("*") ? 8 : integerTypeOf(type)?.size;
  const elementSize = known ?? (written === undefined ? 0 : size / Number(written));
  if (!isIntegerSize(elementSize) || size % elementSize !== 0) return undefined;
  return { kind: "intArray", element: { size: elementSize, signed }, count: size / elementSize };
}

function unqualified(type: string): string {
  return type
    .replace(/\b(?:const|volatile)\b/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

function isIntegerSize(size: number): size is 1 | 2 | 4 | 8 {
  return size === 1 || size === 2 || size === 4 || size === 8;
}
