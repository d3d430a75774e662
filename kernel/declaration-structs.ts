import type { Btf } from "./btf.js";
import { flattenMembers, hasTypeTag, structName } from "./btf-members.js";
import type { BtfStruct } from "./btf-types.js";
import type { IntegerType } from "./c-integers.js";
import { integerArrayType, integerTypeName } from "./declaration-types.js";

/** Prints structs as members of LocalStructs or SnapshotStructs, and notes which other structs they name. */
export class StructPrinter {
  readonly #btf: Btf;
  readonly #members: ReadonlySet<string> | undefined;
  readonly #named: (name: string) => void;

  /**
   * @param members names of the members to print; all when undefined
   * @param named called with the name of each struct that a printed member refers to
   */
  constructor(btf: Btf, members: ReadonlySet<string> | undefined, named: (name: string) => void) {
    this.#btf = btf;
    this.#members = members;
    this.#named = named;
  }

  /** @param name the name it is found by: for an anonymous struct its typedef's */
  print(name: string, struct: BtfStruct): string {
    return `    ${JSON.stringify(name)}: {\n${this.#printMembers(struct, "      ", "\n")}    };`;
  }

  #printMembers(struct: BtfStruct, indent: string, end: string): string {
    let text = "";
    for (const { member } of flattenMembers(this.#btf, struct)) {
      if (this.#members !== undefined && !this.#members.has(member.name)) continue;
      const type = this.#typeOf(member.type);
      if (type !== undefined) text += `${indent}readonly ${member.name}: ${type};${end}`;
    }
    return text;
  }

  /** undefined for what a script cannot read: floats, 128-bit integers, arrays of no fixed length. */
  #typeOf(id: number): string | undefined {
    const type = this.#btf.resolve(id);
    switch (type.kind) {
      case "int":
        return type.bool ? "boolean" : integerName(type);
      case "enum":
        return integerName(type);
      case "pointer":
        return this.#pointerType(type.to);
      case "array":
        return this.#arrayType(type.element, type.count);
      case "struct":
      case "union": {
        const name = structName(this.#btf, id);
        return name === undefined ? `{ ${this.#printMembers(type, "", " ")}}` : this.#reference(name);
      }
      default:
        return undefined;
    }
  }

  #pointerType(to: number): string {
    // Memory of a process, and per-CPU memory, are not where the address says: handlers cannot follow them.
    const elsewhere = hasTypeTag(this.#btf, to, "percpu") || hasTypeTag(this.#btf, to, "user");
    const name = elsewhere ? undefined : structName(this.#btf, to);
    return name === undefined ? "ptr" : `${this.#reference(name)} | null`;
  }

  #arrayType(element: number, count: number): string | undefined {
    const type = this.#btf.resolve(element);
    // As long as it was allocated: the types do not tell how long.
    if (count === 0) {
      const each = this.#typeOf(element);
      return each === undefined ? undefined : `{ readonly [index: number]: ${each} }`;
    }
    // `char` is text; `u8` and `s8` are typedefs of `unsigned char` and `signed char`.
    if (type.kind === "int" && type.name === "char") return "string";
    if ((type.kind === "int" && !type.bool) || type.kind === "enum") {
      return isIntegerSize(type.size) ? integerArrayType({ size: type.size, signed: type.signed }, count) : undefined;
    }
    const text = this.#typeOf(element);
    if (text === "ptr") return "Ints<ptr>";
    return text === undefined ? undefined : `{ readonly length: ${count}; readonly [index: number]: ${text} }`;
  }

  #reference(name: string): string {
    this.#named(name);
    return `KernelStruct<${JSON.stringify(name)}>`;
  }
}

function integerName(type: { size: number; signed: boolean }): string | undefined {
  return isIntegerSize(type.size) ? integerTypeName({ size: type.size, signed: type.signed }) : undefined;
}

function isIntegerSize(size: number): size is IntegerType["size"] {
  return size === 1 || size === 2 || size === 4 || size === 8;
}
