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
  /** Text in so many bytes with its NUL. */
  | { readonly kind: "string"; readonly size: number }
  | { readonly kind: "ip" }
  /** A fixed array of integers. */
  | {
      readonly kind: "ints";
      readonly count: number;
      readonly element: { readonly size: 1 | 2 | 4 | 8; readonly signed: boolean };
    }
  /** An integer that Node shows by name. */
  | { readonly kind: "name"; readonly names: ReadonlyMap<number, string>; readonly range: Range }
  /** A bigint that Node receives as a double. */
  | { readonly kind: "double"; readonly signed: boolean }
  | { readonly kind: "object"; readonly fields: readonly ObjectField[] }
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
  /** A compile-time text; becomes "string" where it must have bytes. */
  | { readonly kind: "literal"; readonly value: string };

export interface ObjectField {
  readonly name: string;
  readonly type: IrType;
}

export const BOOLEAN: IrType = Object.freeze({ kind: "boolean" });
export const IP: IrType = Object.freeze({ kind: "ip" });
export const UNDEFINED: IrType = Object.freeze({ kind: "undefined" });
export const NULL: IrType = Object.freeze({ kind: "null" });
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

/** The type a user reads in messages. */
export function describeType(type: IrType): string {
  switch (type.kind) {
    case "literal":
      return JSON.stringify(type.value);
    case "string":
    case "ip":
    case "name":
      return "string";
    case "double":
      return "number";
    case "ints":
      return type.element.size === 1 ? `Bytes<${type.count}>` : `Ints of length ${type.count}`;
    case "object":
      return `{ ${type.fields.map((f) => `${f.name}: ${describeType(f.type)}`).join("; ")} }`;
    case "array":
      return `${describeType(type.element)}[]`;
    case "context":
      return "the handler's context";
    case "pointer":
      return `struct ${type.struct}${type.nullable ? " | null" : ""}`;
    case "optional":
      return `${describeType(type.value)} | undefined`;
    default:
      return type.kind;
  }
}
