import type { Btf } from "./btf.js";
import type { BtfMember, BtfStruct } from "./btf-types.js";

/** A member as C code reaches it by name alone, whatever anonymous structs and unions it is in. */
export interface FoundMember {
  readonly member: BtfMember;
  /** From the start of the outermost struct. */
  readonly bitOffset: number;
}

/** Finds a member by name, also inside anonymous structs and unions. */
export function findMember(btf: Btf, struct: BtfStruct, name: string): FoundMember | undefined {
  return search(btf, struct, name, 0);
}

function search(btf: Btf, struct: BtfStruct, name: string, base: number): FoundMember | undefined {
  for (const member of struct.members) {
    if (member.name === name && name !== "") return { member, bitOffset: base + member.bitOffset };
    if (member.name !== "") continue;
    const inner = btf.resolve(member.type);
    if (inner.kind !== "struct" && inner.kind !== "union") continue;
    const found = search(btf, inner, name, base + member.bitOffset);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All named members in order, those of anonymous structs and unions in their place. */
export function flattenMembers(btf: Btf, struct: BtfStruct): FoundMember[] {
  const list: FoundMember[] = [];
  collect(btf, struct, 0, list);
  return list;
}

function collect(btf: Btf, struct: BtfStruct, base: number, list: FoundMember[]): void {
  for (const member of struct.members) {
    if (member.name !== "") {
      list.push({ member, bitOffset: base + member.bitOffset });
      continue;
    }
    const inner = btf.resolve(member.type);
    if (inner.kind === "struct" || inner.kind === "union") collect(btf, inner, base + member.bitOffset, list);
  }
}

/** The name by which Btf.struct finds a struct or union: its tag, or the innermost typedef's of an anonymous one; undefined for other types. */
export function structName(btf: Btf, id: number): string | undefined {
  let typedef: string | undefined;
  let type = btf.type(id);
  while ("to" in type && type.kind !== "pointer") {
    if (type.kind === "typedef") typedef = type.name;
    type = btf.type(type.to);
  }
  if (type.kind !== "struct" && type.kind !== "union") return undefined;
  return type.name === "" ? typedef : type.name;
}

/** Whether a pointed-to type carries an attribute such as "percpu" or "user" (only kernels built with a compiler that notes them have any). */
export function hasTypeTag(btf: Btf, id: number, tag: string): boolean {
  let type = btf.type(id);
  while ("to" in type && type.kind !== "pointer") {
    if (type.kind === "typeTag" && type.name === tag) return true;
    type = btf.type(type.to);
  }
  return false;
}
