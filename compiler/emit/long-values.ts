import { holdsLong, isLong } from "../ir/long.js";
import type { IrType } from "../ir/types.js";
import { hasStorage, memberName } from "./c-types.js";
import type { FunctionPrinter } from "./printer.js";

type Text = Extract<IrType, { kind: "string" }>;

/** Bytes of a text or an array of integers. */
export function byteSize(type: IrType): number {
  if (type.kind === "string") return type.size;
  if (type.kind === "ints") return type.count * type.element.size;
  throw new Error(`a ${type.kind} is no array of bytes`);
}

/** Bytes of the longest long text or array in values of a type; 0 without one. */
export function longestIn(type: IrType): number {
  if (type.kind === "optional") return longestIn(type.value);
  if (type.kind === "object") return Math.max(0, ...type.fields.map((field) => longestIn(field.type)));
  return isLong(type) ? byteSize(type) : 0;
}

/** Makes room for a text or an array, on the stack or not, under a name; `zero`: with all bytes 0, which long texts do not need. */
export function declareRoom(p: FunctionPrinter, type: IrType, hint: string, zero: boolean): string {
  const name = p.temporary(hint);
  const cType = p.program.types.of(type);
  if (isLong(type)) p.step(`${cType} ${name} = { (void *)${p.scratch(byteSize(type))} };`);
  // Aligned for those that go through it in words of eight bytes (tsp_clear_rest).
  else p.step(zero ? `${cType} ${name} = {};` : `${cType} ${name} ALIGNED;`);
  return name;
}

/** Where the bytes of a text or array are written that `declareRoom` made. */
export function roomAddress(type: IrType, name: string): string {
  return isLong(type) ? `(void *)${name}.v` : `${name}.v`;
}

/**
 * A statement that puts a value into memory in which long texts lie as their bytes: an event, a key or value of a map.
 * @param type what the memory holds; a longer text is cut
 */
export function storeStatement(target: string, type: IrType, text: string): string {
  if (!holdsLong(type)) return `${target} = ${text};`;
  switch (type.kind) {
    case "optional":
      return `${target}.has = ${text}.has; if (${text}.has) { ${storeStatement(`${target}.value`, type.value, `${text}.value`)} }`;
    case "object":
      return type.fields
        .filter((field) => hasStorage(field.type))
        .map(({ name, type: part }) => storeStatement(`${target}.${memberName(name)}`, part, `${text}.${memberName(name)}`))
        .join(" ");
    case "string":
      return endCut(`bpf_probe_read_kernel_str(${target}.v, ${type.size}, ${text}.v)`, `${target}.v`, type.size);
    default:
      return `bpf_probe_read_kernel(${target}.v, ${byteSize(type)}, ${text}.v);`;
  }
}

/** A statement that lets a text which fills all of its room end with a whole character; `got`: what the kernel's helper answered. */
export function endCut(got: string, target: string, size: number): string {
  return `if (${got} == ${size}) tsp_end_cut(${target}, ${size});`;
}

/** A text in the form of another size. */
export function resizeText(p: FunctionPrinter, text: string, from: Text, to: Text): string {
  // A long text's size is only what it may take where it is stored.
  if (isLong(from) && isLong(to)) return text;
  const source = p.stable(p.program.types.of(from), text);
  const copy = declareRoom(p, to, "text", true);
  if (isLong(from)) p.step(`bpf_probe_read_kernel_str(${roomAddress(to, copy)}, ${to.size}, ${source}.v);`);
  else {
    const size = Math.min(from.size, to.size);
    p.step(`__builtin_memcpy(${roomAddress(to, copy)}, ${source}.v, ${size});`);
    if (isLong(to)) p.step(`((char *)${copy}.v)[${size}] = 0;`);
  }
  // What was cut must end with a whole character, as in Node (cutText, dsl/shape.ts).
  if (to.size <= from.size) p.step(`tsp_end_cut(${roomAddress(to, copy)}, ${to.size});`);
  return copy;
}
