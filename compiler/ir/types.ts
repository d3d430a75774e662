import type { FlagNames } from "../../dsl/flags.js";
import type { HandlerContext } from "../../hooks/hook.js";
import type { Range } from "./range.js";

/**
 * Types of the intermediate representation. They follow TypeScript's: 64-bit kernel values are bigint,
 * narrower ones number. The C representation is fixed per type (compiler/emit/c-types.ts).
 */
export type IrType =
  /** A JavaScript number that is an integer; held in __s64. */
  | { readonly kind: "number"; readonly range: Range }
  /** Held in __u64 or __s64. `address`: shown in hexadecimal. */
  | { readonly kind: "bigint"; readonly signed: boolean; readonly range: Range; readonly address: boolean }
  | { readonly kind: "boolean" }
  /**
   * Text in so many bytes: up to the first NUL, or all of them. Those after the NUL are 0 (but for long texts, which always have
   * a NUL), so that equal texts are equal bytes: keys of maps rely on it.
   */
  | { readonly kind: "string"; readonly size: number }
  | { readonly kind: "ip" }
  /** A hardware address: 6 bytes, shown as text. */
  | { readonly kind: "mac" }
  /** A fixed array of integers. */
  | {
      readonly kind: "ints";
      readonly count: number;
      readonly element: { readonly size: 1 | 2 | 4 | 8; readonly signed: boolean };
    }
  /** An integer that Node shows by name. */
  | {
      readonly kind: "name";
      readonly names: ReadonlyMap<number, string>;
      /** The names are those of bits. */
      readonly flags?: FlagNames;
      readonly range: Range;
    }
  /** A stack: the id under which the kernel side keeps it (emit/stacks.ts); held in __u64. */
  | { readonly kind: "stack"; readonly user: boolean }
  /** An address that Node shows as a symbol: `user`: one of the process it comes with. */
  | { readonly kind: "symbol"; readonly user: boolean }
  /** A bigint that Node receives as a double. */
  | { readonly kind: "double"; readonly signed: boolean }
  /** `tuple`: an array of elements of different types, which are the fields "0", "1" … */
  | { readonly kind: "object"; readonly fields: readonly ObjectField[]; readonly tuple?: true }
  /** An array literal. */
  | { readonly kind: "array"; readonly element: IrType; readonly count: number }
  /** The argument of the handler. */
  | { readonly kind: "context"; readonly context: HandlerContext }
  /** The address of a kernel struct; `nullable`: may be null, and reading needs `?.` or a test first. */
  | { readonly kind: "pointer"; readonly struct: string; readonly nullable: boolean }
  /** A value that may be undefined. */
  | { readonly kind: "optional"; readonly value: IrType }
  | { readonly kind: "undefined" }
  | { readonly kind: "null" }
  /** A text that Node puts together: `texts`, one more than the values, stand around them. Held as a struct of the values. */
  | { readonly kind: "template"; readonly texts: readonly string[]; readonly values: readonly IrType[] }
  /** A compile-time text; becomes "string" where it must have bytes. */
  | { readonly kind: "literal"; readonly value: string };

export interface ObjectField {
  readonly name: string;
  readonly type: IrType;
}

export const BOOLEAN: IrType = Object.freeze({ kind: "boolean" });
export const IP: IrType = Object.freeze({ kind: "ip" });
export const MAC: IrType = Object.freeze({ kind: "mac" });
export const UNDEFINED: IrType = Object.freeze({ kind: "undefined" });
export const NULL: IrType = Object.freeze({ kind: "null" });
export const KERNEL_STACK: IrType = Object.freeze({ kind: "stack", user: false });
export const USER_STACK: IrType = Object.freeze({ kind: "stack", user: true });
export const KERNEL_SYMBOL: IrType = Object.freeze({ kind: "symbol", user: false });
export const USER_SYMBOL: IrType = Object.freeze({ kind: "symbol", user: true });
/** A task's name: TASK_COMM_LEN (include/linux/sched.h). */
export const COMM: IrType = Object.freeze({ kind: "string", size: 16 });

export function numberType(range: Range): IrType {
  return Object.freeze({ kind: "number", range });
}

/** A bigint; unsigned when all its values are below 2^64 and none below 0 but some above 2^63. */
export function bigintType(range: Range, signed: boolean, address = false): IrType {
  return Object.freeze({ kind: "bigint", signed, range, address });
}

export function contextType(context: HandlerContext): IrType {
  return Object.freeze({ kind: "context", context });
}

export function optionalType(value: IrType): IrType {
  return value.kind === "optional" || value.kind === "undefined" ? value : Object.freeze({ kind: "optional", value });
}

export function objectType(fields: readonly ObjectField[]): IrType {
  return Object.freeze({ kind: "object", fields: Object.freeze([...fields]) });
}

/** A tuple: an object whose fields are its elements, by index. */
export function tupleType(elements: readonly IrType[]): IrType {
  const fields = elements.map((type, i) => ({ name: String(i), type }));
  return Object.freeze({ kind: "object", fields: Object.freeze(fields), tuple: true });
}

export function templateType(texts: readonly string[], values: readonly IrType[]): Extract<IrType, { kind: "template" }> {
  return Object.freeze({ kind: "template", texts: Object.freeze([...texts]), values: Object.freeze([...values]) });
}

/** The values of a template as the record that holds them. */
export function templateFields(type: Extract<IrType, { kind: "template" }>): readonly ObjectField[] {
  return type.values.map((value, i) => ({ name: String(i), type: value }));
}

/** The same kind of object with other types in its fields. */
export function withFieldTypes(
  type: Extract<IrType, { kind: "object" }>,
  change: (type: IrType) => IrType,
): Extract<IrType, { kind: "object" }> {
  const fields = type.fields.map((field) => ({ name: field.name, type: change(field.type) }));
  return Object.freeze({ ...type, fields: Object.freeze(fields) });
}

/** Like describeType, but tells texts apart, which TypeScript has one name for. */
export function describeText(type: IrType): string {
  switch (type.kind) {
    case "string":
      return `a text of up to ${type.size - 1} bytes`;
    case "ip":
      return "an IP address";
    case "mac":
      return "a hardware address";
    case "name":
      return "a name that Node puts in";
    default:
      return describeType(type);
  }
}

/** The type a user reads in messages. */
export function describeType(type: IrType): string {
  switch (type.kind) {
    case "literal":
      return JSON.stringify(type.value);
    case "string":
    case "ip":
    case "mac":
    case "name":
      return "string";
    case "stack":
      return `Stack of ${type.user ? "a process" : "the kernel"}`;
    case "symbol":
      return `symbol of ${type.user ? "a process" : "the kernel"}`;
    case "double":
      return "number";
    case "ints":
      return type.element.size === 1 ? `Bytes<${type.count}>` : `Ints of length ${type.count}`;
    case "object":
      if (type.tuple) return `[${type.fields.map((f) => describeType(f.type)).join(", ")}]`;
      return `{ ${type.fields.map((f) => `${f.name}: ${describeType(f.type)}`).join("; ")} }`;
    case "array":
      return `${describeType(type.element)}[]`;
    case "context":
      return "the handler's context";
    case "pointer":
      return `struct ${type.struct}${type.nullable ? " | null" : ""}`;
    case "template":
      return "a text that Node puts together";
    case "optional":
      return `${describeType(type.value)} | undefined`;
    default:
      return type.kind;
  }
}
