import type { KernelEnumRef, KernelMemberType, KernelScalarType, KernelStructRef, PathStep } from "../ir/nodes.js";
import { type CTypes, integerName } from "./c-types.js";

type Members = Map<string, KernelMemberType>;

/** An array of no fixed length is declared with more elements than any has: CO-RE looks at places, not at sizes. */
const UNKNOWN_LENGTH = 1 << 20;

/**
 * The kernel structs in use, with only the members in use, and the enumerators in use. preserve_access_index makes clang record
 * each access (CO-RE), and libbpf puts in the running kernel's offsets, so members of anonymous unions can be listed flat.
 */
export class KernelStructs {
  readonly #structs = new Map<string, { readonly ref: KernelStructRef; readonly members: Members }>();
  readonly #enums = new Map<string, { readonly ref: KernelEnumRef; readonly members: Map<string, bigint> }>();

  /** Enumerators share one name space in C: each needs a name of its own. */
  #unnamed = 0;

  use(path: readonly PathStep[]): void {
    for (const step of path) {
      if (step.kind === "index") continue;
      const entry = this.#structs.get(step.struct.key) ?? { ref: step.struct, members: new Map() };
      entry.members.set(step.member, step.type);
      this.#structs.set(step.struct.key, entry);
      // What it contains must be complete, also where only its address is asked for.
      const inner = embedded(step.type);
      if (inner !== undefined && !this.#structs.has(inner.key)) this.#structs.set(inner.key, { ref: inner, members: new Map() });
    }
  }

  /** Notes an enumerator; gives the C expression that stands for its value on the running kernel. */
  useEnumerator(ref: KernelEnumRef, member: string, value: bigint): string {
    const entry = this.#enums.get(ref.name) ?? { ref, members: new Map<string, bigint>() };
    // libbpf does not compare what follows "___": so that no other name is the same.
    const name = `${member}___${ref.name}`;
    entry.members.set(name, value);
    this.#enums.set(ref.name, entry);
    // BPF_ENUMVAL_VALUE of libbpf's bpf_core_read.h is 1.
    return `__builtin_preserve_enum_value(*(${ref.typedef ? ref.name : `enum ${ref.name}`} *)${name}, 1)`;
  }

  print(types: CTypes): readonly string[] {
    const printed = new Map<string, string>();
    const visit = (key: string): void => {
      const entry = this.#structs.get(key);
      if (entry === undefined || printed.has(key)) return;
      // An embedded struct must be complete before the one that contains it.
      for (const type of entry.members.values()) {
        const inner = embedded(type);
        if (inner !== undefined && !inner.key.startsWith("#")) visit(inner.key);
      }
      const { of, typedef } = entry.ref;
      const body = (): string => this.#body(entry.members, types);
      if (!key.startsWith("#")) printed.set(key, typedef ? `typedef ${of} ${body()} ${key};` : `${of} ${key} ${body()};`);
    };
    for (const key of this.#structs.keys()) visit(key);
    const enums = [...this.#enums.values()].map(({ ref, members }) => {
      const body = `{ ${[...members].map(([member, value]) => `${member} = ${value}${value > 0x7fff_ffffn ? "ULL" : ""}`).join(", ")} }`;
      return ref.typedef ? `typedef enum ${body} ${ref.name};` : `enum ${ref.name} ${body};`;
    });
    return [...enums, ...printed.values()];
  }

  #body(members: Members, types: CTypes): string {
    const list = [...members].map(([name, type]) => `${this.#member(name, type, types)};`);
    // Where only its address is asked for: clang 19 crashes on an access to a struct that is 0 bytes long. CO-RE moves only what
    // is accessed, so the kernel's struct need not have this member.
    if (list.length === 0) list.push("char tsp_unread;");
    return `{ ${list.join(" ")} } __attribute__((preserve_access_index))`;
  }

  #member(name: string, type: KernelMemberType, types: CTypes): string {
    switch (type.kind) {
      case "int":
      case "bool":
      case "enum":
        return `${this.#scalar(type)} ${name}`;
      case "bitfield":
        return `${this.#scalar(type.base)} ${name} : ${type.bits}`;
      case "pointer":
        return `void *${name}`;
      case "text":
        return `char ${name}[${type.count}]`;
      case "array":
        return this.#member(`${name}[${type.count === 0 ? UNKNOWN_LENGTH : type.count}]`, type.element, types);
      case "struct": {
        const { key } = type.struct;
        if (!key.startsWith("#")) return `${structName(type.struct)} ${name}`;
        const inner = this.#structs.get(key);
        return `${type.struct.of} ${this.#body(inner?.members ?? new Map(), types)} ${name}`;
      }
    }
  }

  #scalar(type: KernelScalarType): string {
    if (type.kind === "bool") return "_Bool";
    return type.kind === "int" ? integerName(type.size, type.signed) : `enum { TSP_ENUM_${this.#unnamed++} }`;
  }
}

/** How C names a struct that has a name. */
export function structName({ of, key, typedef }: KernelStructRef): string {
  return typedef ? key : `${of} ${key}`;
}

/** The struct that a member of this type contains. */
function embedded(type: KernelMemberType): KernelStructRef | undefined {
  if (type.kind === "array") return embedded(type.element);
  return type.kind === "struct" ? type.struct : undefined;
}
