import type { KernelMemberType, KernelStructRef, PathStep } from "../ir/nodes.js";
import { type CTypes, integerName } from "./c-types.js";

type Members = Map<string, KernelMemberType>;

/**
 * The kernel structs in use, with only the members in use. preserve_access_index makes clang record each access
 * (CO-RE), and libbpf puts in the running kernel's offsets, so members of anonymous unions can be listed flat.
 */
export class KernelStructs {
  readonly #structs = new Map<string, { readonly ref: KernelStructRef; readonly members: Members }>();

  /** Enumerators share one name space in C: each needs a name of its own. */
  #enums = 0;

  use(path: readonly PathStep[]): void {
    for (const step of path) {
      const entry = this.#structs.get(step.struct.key) ?? { ref: step.struct, members: new Map() };
      entry.members.set(step.member, step.type);
      this.#structs.set(step.struct.key, entry);
    }
  }

  print(types: CTypes): readonly string[] {
    const printed = new Map<string, string>();
    const visit = (key: string): void => {
      const entry = this.#structs.get(key);
      if (entry === undefined || printed.has(key)) return;
      // An embedded struct must be complete before the one that contains it.
      for (const type of entry.members.values())
        if (type.kind === "struct" && !type.struct.key.startsWith("#")) visit(type.struct.key);
      if (!key.startsWith("#")) printed.set(key, `${entry.ref.of} ${key} ${this.#body(entry.members, types)};`);
    };
    for (const key of this.#structs.keys()) visit(key);
    return [...printed.values()];
  }

  #body(members: Members, types: CTypes): string {
    const list = [...members].map(([name, type]) => `${this.#member(name, type, types)};`);
    return `{ ${list.join(" ")} } __attribute__((preserve_access_index))`;
  }

  #member(name: string, type: KernelMemberType, types: CTypes): string {
    switch (type.kind) {
      case "int":
        return `${integerName(type.size, type.signed)} ${name}`;
      case "bool":
        return `_Bool ${name}`;
      case "enum":
        return `enum { TSP_ENUM_${this.#enums++} } ${name}`;
      case "pointer":
        return `${type.struct === undefined ? "void" : `struct ${type.struct}`} *${name}`;
      case "ints":
        return `${integerName(type.size, type.signed)} ${name}[${type.count}]`;
      case "text":
        return `char ${name}[${type.count}]`;
      case "struct": {
        const { key, of } = type.struct;
        if (!key.startsWith("#")) return `${of} ${key} ${name}`;
        const inner = this.#structs.get(key);
        return `${of} ${this.#body(inner?.members ?? new Map(), types)} ${name}`;
      }
    }
  }
}

/** The C type that a read member is copied into. */
export function readType(type: KernelMemberType, types: CTypes): string {
  switch (type.kind) {
    case "int":
      return integerName(type.size, type.signed);
    case "bool":
      return "__u8";
    case "enum":
      return "__s32";
    case "pointer":
      return "__u64";
    case "ints":
      return types.ints(type.size, type.signed, type.count);
    case "text":
      return types.of({ kind: "string", size: type.count });
    case "struct":
      throw new Error("a struct is not read as a whole");
  }
}
