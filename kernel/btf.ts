import { decodeType } from "./btf-decode.js";
import { type BtfIndex, BtfKind, indexBtf, stringAt } from "./btf-index.js";
import type { BtfEnum, BtfStruct, BtfType } from "./btf-types.js";

/** The types of a kernel, decoded when they are asked for. */
export class Btf {
  readonly #index: BtfIndex;
  readonly #types = new Map<number, BtfType>();
  readonly #named = new Map<string, NamedTypes>();
  #structs: ReadonlyMap<string, number> | undefined;
  #functions: ReadonlyMap<string, number> | undefined;
  #typedefs: ReadonlyMap<string, number> | undefined;

  constructor(index: BtfIndex) {
    this.#index = index;
  }

  /** Number of types; ids run from 1 to this. */
  get typeCount(): number {
    return this.#index.starts.length - 1;
  }

  /** A type as it is, typedefs and qualifiers included. @throws RangeError when there is no such id */
  type(id: number): BtfType {
    let type = this.#types.get(id);
    if (type === undefined) {
      type = decodeType(this.#index, id);
      this.#types.set(id, type);
    }
    return type;
  }

  /** A type without its typedefs, const, volatile, restrict and type tags. @throws RangeError when there is no such id */
  resolve(id: number): BtfType {
    let type = this.type(id);
    while (
      type.kind === "typedef" ||
      type.kind === "const" ||
      type.kind === "volatile" ||
      type.kind === "restrict" ||
      type.kind === "typeTag"
    ) {
      type = this.type(type.to);
    }
    return type;
  }

  /**
   * A struct or union by its C tag ("sock"), or an anonymous one by its typedef's name ("atomic_t"; its own name is "").
   * Where several different ones share a name (static ones of different source files), the first.
   */
  struct(name: string): BtfStruct | undefined {
    const id = this.#structs === undefined ? this.#lookUpStruct(name) : this.#structs.get(name);
    return id === undefined ? undefined : (this.resolve(id) as BtfStruct);
  }

  /** An enum by its C tag, or an anonymous one by its typedef's name. */
  enum(name: string): BtfEnum | undefined {
    const { enumeration, typedef } = this.#lookUp(name);
    if (enumeration !== undefined) return this.type(enumeration) as BtfEnum;
    const target = typedef === undefined ? undefined : this.resolve(typedef);
    return target?.kind === "enum" && target.name === "" ? target : undefined;
  }

  /** Id of a function (BTF_KIND_FUNC) by name. Names that several static functions share, pahole keeps only when their types agree. */
  function(name: string): number | undefined {
    return this.#functions === undefined ? this.#lookUp(name).func : this.#functions.get(name);
  }

  /** Id of a typedef by name, whatever it stands for. */
  typedef(name: string): number | undefined {
    return this.#typedefs === undefined ? this.#lookUp(name).typedef : this.#typedefs.get(name);
  }

  /** Ids of all functions by name, in the order of the kernel's BTF. */
  functions(): ReadonlyMap<string, number> {
    this.#functions ??= this.#collect(BtfKind.FUNC);
    return this.#functions;
  }

  /** Ids of all typedefs by name, each name's first. */
  typedefs(): ReadonlyMap<string, number> {
    this.#typedefs ??= this.#collect(BtfKind.TYPEDEF);
    return this.#typedefs;
  }

  #collect(wanted: number): Map<string, number> {
    const { words, starts, strings } = this.#index;
    const found = new Map<string, number>();
    for (let id = 1; id < starts.length; id++) {
      const at = starts[id] as number;
      if ((((words[at + 1] as number) >>> 24) & 0x1f) !== wanted) continue;
      const name = stringAt(strings, words[at] as number);
      if (!found.has(name)) found.set(name, id);
    }
    return found;
  }

  /** Every name that `struct` finds, each once: tags first, then typedefs of anonymous ones, in the order of the kernel's BTF. */
  structNames(): readonly string[] {
    this.#structs ??= this.#collectStructs();
    return [...this.#structs.keys()];
  }

  /** Every name that `enum` finds, each once. */
  enumNames(): readonly string[] {
    const { words, starts, strings } = this.#index;
    const names = new Set<string>();
    for (let id = 1; id < starts.length; id++) {
      const at = starts[id] as number;
      const name = words[at] as number;
      if (name === 0) continue;
      const kind = ((words[at + 1] as number) >>> 24) & 0x1f;
      if (kind === BtfKind.ENUM || kind === BtfKind.ENUM64) names.add(stringAt(strings, name));
      else if (kind === BtfKind.TYPEDEF) {
        const target = this.resolve(id);
        if (target.kind === "enum" && target.name === "") names.add(stringAt(strings, name));
      }
    }
    return [...names];
  }

  #lookUpStruct(name: string): number | undefined {
    const { struct, typedef } = this.#lookUp(name);
    return struct ?? (typedef !== undefined && this.#isAnonymousStruct(typedef) ? typedef : undefined);
  }

  #lookUp(name: string): NamedTypes {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const found: NamedTypes = { struct: undefined, enumeration: undefined, typedef: undefined, func: undefined };
    const offset = findString(this.#index.strings, name);
    if (offset !== -1) {
      const { words, starts, lastNamed, sameName } = this.#index;
      // From the last one to the first, which stays.
      for (let id = lastNamed[offset] as number; id !== 0; id = sameName[id] as number) {
        const kind = ((words[(starts[id] as number) + 1] as number) >>> 24) & 0x1f;
        if (kind === BtfKind.STRUCT || kind === BtfKind.UNION) found.struct = id;
        else if (kind === BtfKind.ENUM || kind === BtfKind.ENUM64) found.enumeration = id;
        else if (kind === BtfKind.TYPEDEF) found.typedef = id;
        else if (kind === BtfKind.FUNC) found.func = id;
      }
    }
    this.#named.set(name, found);
    return found;
  }

  /** Ids of structs, and of typedefs of anonymous ones, by name. */
  #collectStructs(): Map<string, number> {
    const { words, starts, strings } = this.#index;
    const tags = new Map<number, number>();
    const typedefs = new Map<number, number>();
    for (let id = 1; id < starts.length; id++) {
      const at = starts[id] as number;
      const name = words[at] as number;
      if (name === 0) continue;
      const kind = ((words[at + 1] as number) >>> 24) & 0x1f;
      if (kind === BtfKind.STRUCT || kind === BtfKind.UNION) {
        if (!tags.has(name)) tags.set(name, id);
      } else if (kind === BtfKind.TYPEDEF && !typedefs.has(name) && this.#isAnonymousStruct(id)) typedefs.set(name, id);
    }
    for (const [name, id] of typedefs) if (!tags.has(name)) tags.set(name, id);
    return new Map(Array.from(tags, ([name, id]) => [stringAt(strings, name), id]));
  }

  #isAnonymousStruct(typedef: number): boolean {
    const target = this.resolve(typedef);
    return (target.kind === "struct" || target.kind === "union") && target.name === "";
  }
}

interface NamedTypes {
  struct: number | undefined;
  enumeration: number | undefined;
  typedef: number | undefined;
  func: number | undefined;
}

/** Offset of a whole string, or -1. The kernel's BTF holds each string once, whole (pahole merges equal ones, not endings). */
function findString(strings: Buffer, text: string): number {
  if (text === "" || text.includes("\0")) return -1;
  const at = strings.indexOf(`\0${text}\0`, 0, "latin1");
  return at === -1 ? -1 : at + 1;
}

/**
 * Opens BTF as the kernel shows it in /sys/kernel/btf/vmlinux. The bytes must not change afterwards.
 * @throws SyntaxError when they are not BTF that this reader understands
 */
export function openBtf(bytes: Uint8Array): Btf {
  return new Btf(indexBtf(bytes));
}
