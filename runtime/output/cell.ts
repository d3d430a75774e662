import type { ValueLayout } from "../../compiler/program.js";
import { Stack } from "../../dsl/stack.js";
import { jsonText } from "./json-text.js";

/**
 * A cell as text, before padding and before anything is made visible or quoted. Exact: nothing is rounded unless `decimals` asks for it.
 * - addresses (fields of kind pointer) are 16 hexadecimal digits, as in BCC's SKADDR; other bigints are decimal
 * - undefined and null are "", which the table shows as "-"
 * - stacks are their functions with semicolons between, the innermost first
 * - bytes are hexadecimal; lists and objects are JSON
 */
export function cellText(value: unknown, type: ValueLayout | undefined, decimals: number | undefined): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return decimals === undefined || !Number.isFinite(value) ? String(value) : value.toFixed(decimals);
    case "bigint":
      return isPointer(type) ? value.toString(16).padStart(16, "0") : value.toString();
    case "undefined":
      return "";
    case "object":
      if (value === null) return "";
      if (value instanceof Stack) return value.toJSON().join(";");
      if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
      return jsonText(value);
    default:
      return String(value);
  }
}

function isPointer(type: ValueLayout | undefined): boolean {
  if (type?.kind === "optional") return isPointer(type.value);
  return type?.kind === "pointer";
}

/** Columns for a field of this type, so that usual values line up; longer ones push the rest of their line. */
export function usualWidth(type: ValueLayout): number {
  switch (type.kind) {
    case "int":
      // A pid has at most 7 digits (PID_MAX_LIMIT is 2^22); most 32-bit values are that or smaller.
      return { 1: 3, 2: 5, 4: 7, 8: 12 }[type.size] + (type.signed ? 1 : 0);
    case "pointer":
      return 16;
    case "bool":
      return 5;
    case "string":
      return Math.min(type.size, 16);
    case "ip":
    case "mac":
      return 15;
    case "enum":
      return Math.max(1, ...[...type.names.values()].map((name) => name.length));
    case "flags":
      return 16;
    case "template":
      return 24;
    case "stack":
      return 32;
    case "symbol":
      return 24;
    case "constant":
      return cellText(type.value, undefined, undefined).length;
    case "bytes":
      return Math.min(type.size * 2, 32);
    case "optional":
      return usualWidth(type.value);
    case "struct":
    case "array":
      return 16;
  }
}
