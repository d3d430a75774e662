import { isLong } from "../ir/long.js";
import type { Expr, ExprOf, KernelMemberType, PathStep } from "../ir/nodes.js";
import { rangeOfWidth } from "../ir/range.js";
import type { IrType } from "../ir/types.js";
import { integerName } from "./c-types.js";
import { printExpr } from "./expression.js";
import { structName } from "./kernel-structs.js";
import { printInteger } from "./literals.js";
import { byteSize, declareRoom, roomAddress } from "./long-values.js";
import type { FunctionPrinter } from "./printer.js";
import { bare } from "./text.js";

/** A member in C: the place itself with 0 for each open index, and how many bytes the indices lead further. */
interface MemberPlace {
  readonly place: string;
  readonly further: string | undefined;
}

/**
 * Clang records an access with constant indices only, so the others are added here: an index times the size that the
 * running kernel's elements have (which may be another than that of our declaration, where only some members are).
 */
function memberPlace(p: FunctionPrinter, base: string, path: readonly PathStep[], indices: readonly Expr[]): MemberPlace {
  p.program.kernelStructs.use(path);
  const [first] = path;
  if (first?.kind !== "member") throw new Error("a way into a struct begins with a member");
  const open = [...indices];
  const parts: string[] = [];
  let place = `((const ${structName(first.struct)} *)${base})`;
  for (const [i, step] of path.entries()) {
    if (step.kind === "member") place += `${i === 0 ? "->" : "."}${step.member}`;
    else {
      const index = step.at === undefined ? open.shift() : undefined;
      place += `[${step.at ?? 0}]`;
      if (index !== undefined) parts.push(`${indexText(p, index)} * tsp_size(${place})`);
    }
  }
  return { place, further: parts.length === 0 ? undefined : parts.join(" + ") };
}

function indexText(p: FunctionPrinter, index: Expr): string {
  return p.stable("__u64", printExpr(p, index));
}

function pointerText(p: FunctionPrinter, pointer: Expr): string {
  return `(unsigned long)${p.stable("__u64", printExpr(p, pointer))}`;
}

/** Reads a member of a kernel struct; clang records the access, libbpf fills in the running kernel's offset. */
export function printKernelRead(p: FunctionPrinter, e: ExprOf<"kernel-read">): string {
  const base = pointerText(p, e.pointer);
  const { place, further } = memberPlace(p, base, e.path, e.indices);
  const last = e.path.at(-1) as PathStep;
  const name = last.kind === "member" ? last.member : "element";
  if (last.type.kind === "text") return readText(p, e, addressText(place, further), name, last.type.count);
  if (isLong(e.type)) {
    const array = declareRoom(p, e.type, name, false);
    const call = `bpf_probe_read_kernel(${roomAddress(e.type, array)}, ${byteSize(e.type)}, ${addressText(place, further)})`;
    p.step(`if (${call}) ${p.fail(e.site)}`);
    return array;
  }
  const value = p.temporary(name);
  if (last.type.kind === "bitfield") return printBitfield(p, e, base, place, further, value);
  p.step(`${readType(p, last.type, e.type)} ${value};`);
  p.step(
    further === undefined
      ? `if (tsp_read(${value}, ${place})) ${p.fail(e.site)}`
      : `if (tsp_read_at(${value}, ${place}, ${further})) ${p.fail(e.site)}`,
  );
  return valueText(e.type, value);
}

function valueText(type: IrType, value: string): string {
  return type.kind === "number" ? `(__s64)${value}` : type.kind === "boolean" ? `(${value} != 0)` : value;
}

/**
 * The word around a bitfield, shifted as libbpf says for the running kernel. What has become wider there may hold more than
 * the script's types allow: then the run ends.
 */
function printBitfield(
  p: FunctionPrinter,
  e: ExprOf<"kernel-read">,
  base: string,
  place: string,
  further: string | undefined,
  value: string,
): string {
  const { base: scalar } = (e.path.at(-1) as { type: Extract<KernelMemberType, { kind: "bitfield" }> }).type;
  const signed = scalar.kind !== "bool" && scalar.signed;
  const from = further === undefined ? base : `(${base} + ${further})`;
  p.step(`${signed ? "__s64" : "__u64"} ${value} = 0;`, `if (tsp_read_bits(${value}, ${from}, ${place})) ${p.fail(e.site)}`);
  const range = "range" in e.type ? e.type.range : { min: 0n, max: 1n };
  const full = rangeOfWidth(8, signed);
  if (range.max < full.max) {
    const below = signed ? `${value} < ${bare(printInteger(range.min))} || ` : "";
    p.step(`if (${below}${value} > ${bare(printInteger(range.max))}) ${p.fail(e.site)}`);
  }
  return valueText(e.type, value);
}

/** The C type that a member is copied into. */
function readType(p: FunctionPrinter, type: KernelMemberType, whole: IrType): string {
  switch (type.kind) {
    case "int":
    case "enum":
      return integerName(type.size, type.signed);
    case "bool":
      return "__u8";
    case "pointer":
      return "__u64";
    default:
      return p.program.types.of(whole);
  }
}

/** The address of a member, as a pointer. */
function addressText(place: string, further: string | undefined): string {
  return further === undefined ? `&${place}` : `(const char *)&${place} + ${further}`;
}

/** The address of a member, as a number. */
export function printKernelAddress(p: FunctionPrinter, e: ExprOf<"kernel-address">): string {
  const { place, further } = memberPlace(p, pointerText(p, e.pointer), e.path, e.indices);
  const address = `(__u64)(unsigned long)&${place}`;
  return further === undefined ? address : `(${address} + ${further})`;
}

/** Whether the running kernel has a member: a constant once libbpf has loaded the program, so that the verifier drops the other way. */
export function printKernelHas(p: FunctionPrinter, e: ExprOf<"kernel-has">): string {
  return `(tsp_exists(${memberPlace(p, "0", e.path, []).place}) != 0)`;
}

/** The integer at an address. */
export function printKernelPeek(p: FunctionPrinter, e: ExprOf<"kernel-peek">): string {
  const value = p.temporary("value");
  p.step(`${integerName(e.integer.size, e.integer.signed)} ${value};`);
  const address = `(const void *)(unsigned long)${printExpr(p, e.address)}`;
  p.step(`if (bpf_probe_read_kernel(&${value}, sizeof(${value}), ${address})) ${p.fail(e.site)}`);
  return valueText(e.type, value);
}

/** An index that ends the run when it is outside. */
export function printBounded(p: FunctionPrinter, e: ExprOf<"bounded">): string {
  const index = p.stable("__s64", printExpr(p, e.operand));
  p.step(`if (${index} < 0${e.count === undefined ? "" : ` || ${index} >= ${e.count}`}) ${p.fail(e.site)}`);
  return index;
}

/** An array of chars, which has no NUL when it is full; what stands after a NUL is left from earlier texts. */
function readText(p: FunctionPrinter, e: ExprOf<"kernel-read">, address: string, name: string, size: number): string {
  const value = declareRoom(p, e.type, name, false);
  p.step(`if (bpf_probe_read_kernel(${roomAddress(e.type, value)}, ${size}, ${address})) ${p.fail(e.site)}`);
  p.step(isLong(e.type) ? `((char *)${value}.v)[${size}] = 0;` : `tsp_clear_rest(${value}.v, ${size});`);
  return value;
}

/**
 * `a?.b`: the rest only when there is a value. All but the result is in a block of its own, so that clang uses the same stack for the next
 * such value: an event of many would not fit otherwise.
 */
export function printIfNotNull(p: FunctionPrinter, e: ExprOf<"if-not-null">): string {
  const { types } = p.program;
  const nullable = e.pointer.type.kind === "pointer";
  const given = p.apart(() => {
    const text = printExpr(p, e.pointer);
    return nullable ? bare(text) : p.stable(types.of(e.pointer.type), text);
  });
  const result = p.temporary("optional");
  const bound = `${types.of(e.bound.type)} ${e.bound.cName}`;
  const then = p.apart(() => printExpr(p, e.result));
  const rest = [...then.steps, `${result} = ${bare(then.value)};`].join(" ");
  const pointer = given.value;
  const chosen = nullable
    ? `${bound} = ${pointer}; if (${e.bound.cName}) { ${rest} }`
    : `if (${pointer}.has) { ${bound} = ${pointer}.value; ${rest} }`;
  p.step(`${types.of(e.type)} ${result} = {};`, `{ ${[...given.steps, chosen].join(" ")} }`);
  return result;
}
