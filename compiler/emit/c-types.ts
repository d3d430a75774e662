import { holdsLong, isLong } from "../ir/long.js";
import { type IrType, objectType, templateFields } from "../ir/types.js";
import { integerStorage, nameStorage } from "../passes/layout.js";

/** Name of the C integer of so many bytes. */
export function integerName(size: 1 | 2 | 4 | 8, signed: boolean): string {
  return `__${signed ? "s" : "u"}${size * 8}`;
}

/**
 * The C types that hold values of the IR. Arrays are wrapped in structs, so that every value can be
 * assigned, chosen between with ?: and returned alike. Declarations come out in order of need.
 */
export class CTypes {
  readonly #declared = new Map<string, string>();

  /** All struct declarations needed so far. */
  get declarations(): readonly string[] {
    return [...this.#declared.values()];
  }

  /** The C type of a variable. */
  of(type: IrType): string {
    switch (type.kind) {
      case "number":
      case "name":
        return "__s64";
      case "bigint":
      case "double":
        return type.signed ? "__s64" : "__u64";
      case "boolean":
        return "_Bool";
      case "pointer":
      case "stack":
        return "__u64";
      case "symbol":
        if (!type.user) return "__u64";
        return this.#declare("struct tsp_user_address", () => "{ __u64 address; __u32 pid; __u32 zero; }");
      case "string":
        if (isLong(type)) return this.#declare("struct tsp_long_text", () => "{ const char *v; }");
        return this.#inline(type);
      case "ip":
        return this.#declare("struct tsp_ip", () => "{ __u32 family; __u8 bytes[16]; }");
      case "mac":
        return this.ints(1, false, 6);
      case "ints": {
        if (!isLong(type)) return this.#inline(type);
        const element = integerName(type.element.size, type.element.signed);
        return this.#declare(`struct tsp_long_${element.slice(2)}`, () => `{ const ${element} *v; }`);
      }
      case "optional":
        return this.#optional(this.of(type.value));
      case "array": {
        const element = this.of(type.element);
        return this.#declare(`struct tsp_${tag(element)}x${type.count}`, () => `{ ${element} v[${type.count}]; }`);
      }
      case "object":
        return this.#object(type, (part) => this.of(part));
      case "template":
        return this.of(objectType(templateFields(type)));
      case "undefined":
        return "void";
      case "context":
        return `struct ${type.context.key} *`;
      default:
        throw new Error(`a value of kind ${type.kind} has no C type`);
    }
  }

  /** The value with all bits zero. */
  zero(type: IrType): string {
    const name = this.of(type);
    return name.startsWith("struct ") && !name.endsWith("*") ? `(${name}){}` : "0";
  }

  ints(size: 1 | 2 | 4 | 8, signed: boolean, count: number): string {
    const element = integerName(size, signed);
    return this.#declare(`struct tsp_${element.slice(2)}x${count}`, () => `{ ${element} v[${count}]; }`);
  }

  /** The C type of an event's field or a map's key or value: integers take their own width there. */
  storage(type: IrType): string {
    if (type.kind === "number" || type.kind === "name") {
      const { size, signed } = type.kind === "name" ? nameStorage(type) : integerStorage(type.range);
      return integerName(size, signed);
    }
    return this.inline(type);
  }

  /** The C type of memory that holds a value with all of its bytes, long texts included: an event, a key or value of a map. */
  inline(type: IrType): string {
    if (!holdsLong(type)) return this.of(type);
    if (type.kind === "optional") return this.#optional(this.inline(type.value));
    return type.kind === "object" ? this.#object(type, (part) => this.inline(part)) : this.#inline(type);
  }

  #inline(type: IrType): string {
    if (type.kind === "ints") return this.ints(type.element.size, type.element.signed, type.count);
    const { size } = type as Extract<IrType, { kind: "string" }>;
    return this.#declare(`struct tsp_text_${size}`, () => `{ char v[${size}]; }`);
  }

  #optional(inner: string): string {
    return this.#declare(`struct tsp_opt_${tag(inner)}`, () => `{ _Bool has; ${inner} value; }`);
  }

  #object(type: Extract<IrType, { kind: "object" }>, nameOf: (part: IrType) => string): string {
    const members = type.fields
      .filter((field) => hasStorage(field.type))
      .map((field) => `${nameOf(field.type)} ${memberName(field.name)};`)
      .join(" ");
    const known = [...this.#declared].find(
      ([name, text]) => name.startsWith("struct tsp_obj_") && text === `${name} { ${members} };`,
    );
    return known?.[0] ?? this.#declare(`struct tsp_obj_${this.#declared.size}`, () => `{ ${members} }`);
  }

  #declare(name: string, body: () => string): string {
    if (!this.#declared.has(name)) {
      const text = body();
      this.#declared.set(name, `${name} ${text};`);
    }
    return name;
  }
}

/** Whether values of a type take room in C: a type with one value only does not. */
export function hasStorage(type: IrType): boolean {
  return type.kind !== "literal" && type.kind !== "undefined" && type.kind !== "null";
}

/** Part of a name for a derived type. */
function tag(type: string): string {
  return type
    .replace(/^struct tsp_/, "")
    .replace(/^_+/, "")
    .replace(/\W+/g, "_");
}

/** A field's name as a C member; the prefix keeps it clear of keywords. */
export function memberName(name: string): string {
  return `f_${name.replace(/[^A-Za-z0-9_]/g, (c) => `_u${c.codePointAt(0)?.toString(16)}_`)}`;
}
