import { holdsLong, isLong } from "../ir/long.js";
import type { Expr } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { type CTypes, memberName } from "./c-types.js";
import { printExpr } from "./expression.js";
import { byteSize, storeStatement } from "./long-values.js";
import type { FunctionPrinter } from "./printer.js";
import { aligned } from "./scratch.js";
import { bare, printVariable } from "./text.js";

export type Side = "key" | "value";
/** What has keys, and perhaps values, of a declared type. */
type Sided = { readonly cName: string } & { readonly [S in Side]?: IrType | undefined };

/** The C struct of a key or value that is a record or tuple. */
export function sideStruct(map: Sided, side: Side, types: CTypes): string[] {
  const type = map[side];
  return type?.kind === "object" ? [`struct ${map.cName}_${side} ${membersText(type, types)};`] : [];
}

function membersText(type: Extract<IrType, { kind: "object" }>, types: CTypes): string {
  const members = type.fields.map((field) => {
    const held = field.type.kind === "object" ? `struct ${membersText(field.type, types)}` : types.storage(field.type);
    return `${held} ${memberName(field.name)};`;
  });
  return `{ ${members.join(" ")} }`;
}

/** The C type of a key or value in a map. */
export function sideType(map: Sided, side: Side, types: CTypes): string {
  const type = map[side] as IrType;
  return type.kind === "object" ? `struct ${map.cName}_${side}` : types.storage(type);
}

/** A part of a value that is stored by itself: `.f_a.f_b`, or the empty text for the whole. */
export interface StoredPart {
  readonly member: string;
  readonly type: IrType;
  readonly text: string;
  /** Whether all bytes of a text behind its NUL are known to be 0. */
  readonly clean: boolean;
}

/** The scalars of a value, evaluated in their order. */
export function partsOfValue(p: FunctionPrinter, value: Expr, member = ""): StoredPart[] {
  if (value.kind === "let") {
    p.step(printVariable(p.program.types.of(value.bound.type), value.bound.cName, printExpr(p, value.source)));
    return partsOfValue(p, value.result, member);
  }
  if (value.type.kind !== "object") return [{ member, type: value.type, text: printExpr(p, value), clean: isClean(value) }];
  if (value.kind === "object")
    return value.fields.flatMap((field) => partsOfValue(p, field.value, `${member}.${memberName(field.name)}`));
  return scalarsOf(value.type, p.stable(p.program.types.of(value.type), printExpr(p, value)), member);
}

function scalarsOf(type: IrType, text: string, member: string): StoredPart[] {
  if (type.kind !== "object") return [{ member, type, text, clean: false }];
  return type.fields.flatMap((field) =>
    scalarsOf(field.type, `${text}.${memberName(field.name)}`, `${member}.${memberName(field.name)}`),
  );
}

function isClean(value: Expr): boolean {
  if (value.kind === "label") return isClean(value.operand);
  return value.kind === "constant" || (value.kind === "builtin" && value.call === "comm");
}

/**
 * Puts a key or value into a variable, whose name it gives. Records are zeroed first, since padding counts in a key, as do the bytes
 * behind a text's end.
 */
export function storeSide(p: FunctionPrinter, map: Sided, side: Side, value: Expr, more: readonly string[] = []): string {
  const type = sideType(map, side, p.program.types);
  const parts = partsOfValue(p, value);
  const [only] = parts;
  const dirty = side === "key" ? parts.filter((part) => part.type.kind === "string" && !isLong(part.type) && !part.clean) : [];
  const clean = (kept: string) =>
    dirty.map(({ member, type }) => `tsp_clean(${kept}${member}.v, ${(type as { size: number }).size});`);
  if ((map[side] as IrType).kind !== "object" && !isLong(map[side] as IrType)) {
    const same = unlabelled(value);
    if (same.kind === "local" && p.program.types.of(same.local.type) === type && dirty.length === 0) return same.local.cName;
    const kept = p.keep(type, only?.text ?? "0", side);
    p.step(...clean(kept));
    return kept;
  }
  const { kept, zeroed } = sideRoom(p, map, side);
  p.step(...zeroed, ...storeParts(p, kept, parts), ...more.map((line) => kept + line), ...clean(kept));
  return kept;
}

/** Room for a key or value, with all bytes 0. One with long texts is not on the stack: the kernel takes it from a map's memory as well. */
export function sideRoom(
  p: FunctionPrinter,
  map: Sided,
  side: Side,
): { readonly kept: string; readonly zeroed: readonly string[] } {
  const type = sideType(map, side, p.program.types);
  const name = p.temporary(side);
  if (!holdsLong(map[side] as IrType))
    return { kept: name, zeroed: [`${type} ${name};`, `__builtin_memset(&${name}, 0, sizeof(${name}));`] };
  const bytes = mostBytes(map[side] as IrType);
  const room = `${type} *${name} = (void *)${p.scratch(bytes)};`;
  return { kept: `(*${name})`, zeroed: [room, ...clearRoom(name, bytes)] };
}

/** clang clears at most 128 words by stores of its own; for more it calls memset, which BPF does not have. */
const MOST_CLEARED = 1024;

/** Clears a key or value in scratch memory, which has room for so many bytes. */
function clearRoom(name: string, bytes: number): string[] {
  if (bytes <= MOST_CLEARED) return [`__builtin_memset(${name}, 0, sizeof(*${name}));`];
  return Array.from({ length: Math.ceil(bytes / MOST_CLEARED) }, (_, i) => {
    const from = i * MOST_CLEARED;
    // The barrier keeps clang from making one of several.
    return `__builtin_memset((char *)${name} + ${from}, 0, ${Math.min(MOST_CLEARED, bytes - from)}); asm volatile("" ::: "memory");`;
  });
}

/** Statements that put the parts of a value in their places. */
export function storeParts(p: FunctionPrinter, target: string, parts: readonly StoredPart[]): string[] {
  return parts.map(({ member, type, text }) =>
    storeStatement(`${target}${member}`, type, isLong(type) ? p.stable(p.program.types.of(type), text) : bare(text)),
  );
}

/** No fewer bytes than a key or value takes in a map. */
function mostBytes(type: IrType): number {
  if (type.kind === "object") return type.fields.reduce((sum, field) => sum + mostBytes(field.type), 0);
  return type.kind === "string" || type.kind === "ints" ? aligned(byteSize(type)) : 24;
}

function unlabelled(value: Expr): Expr {
  return value.kind === "label" ? unlabelled(value.operand) : value;
}

/** Copies a value out of a map, part by part; `found`: a pointer to it. */
export function loadValue(p: FunctionPrinter, target: string, found: string, type: IrType): string[] {
  if (type.kind !== "object") return loadPart(p, target, isLong(type) ? `(*${found})` : `*${found}`, type);
  return loadMembers(p, target, `${found}->`, type);
}

function loadMembers(p: FunctionPrinter, target: string, source: string, type: Extract<IrType, { kind: "object" }>): string[] {
  return type.fields.flatMap((field) => {
    const member = memberName(field.name);
    return field.type.kind === "object"
      ? loadMembers(p, `${target}.${member}`, `${source}${member}.`, field.type)
      : loadPart(p, `${target}.${member}`, `${source}${member}`, field.type);
  });
}

/** A long text is copied like all else: a later `set` must not change what was read. */
function loadPart(p: FunctionPrinter, target: string, source: string, type: IrType): string[] {
  if (!isLong(type)) return [`${target} = ${source};`];
  const size = byteSize(type);
  return [`${target}.v = (void *)${p.scratch(size)};`, `bpf_probe_read_kernel((void *)${target}.v, ${size}, ${source}.v);`];
}

/** The kernel's numbers of map types (enum bpf_map_type, include/uapi/linux/bpf.h). */
export const MAP_TYPES = { hash: 1, array: 2, perCpuHash: 5, perCpuArray: 6, lruHash: 9, stash: 9 } as const;

/** The definition of a map, as libbpf reads it. */
export function mapDefinition(name: string, type: keyof typeof MAP_TYPES, max: number, key: string, value: string): string[] {
  return [
    "struct {",
    `  __uint(type, ${MAP_TYPES[type]});`,
    `  __uint(max_entries, ${max});`,
    `  __type(key, ${key});`,
    `  __type(value, ${value});`,
    `} ${name} SEC(".maps");`,
  ];
}
