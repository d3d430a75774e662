import type { ExprOf } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { contextName } from "./c-types.js";
import { contextMember } from "./context-struct.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";

/** The member of the record's struct, as an lvalue. */
export function printContextAccess(p: FunctionPrinter, { context, field }: ExprOf<"context-field">): string {
  const { format } = context.type as Extract<IrType, { kind: "context" }>;
  const key = contextName(format);
  const entry = p.program.contexts.get(key) ?? { format, used: new Set() };
  entry.used.add(field);
  p.program.contexts.set(key, entry);
  return `${printExpr(p, context)}->${contextMember(field.name)}`;
}

/** A field of a tracepoint's record, as a value. */
export function printContextField(p: FunctionPrinter, e: ExprOf<"context-field">): string {
  const { field } = e;
  const access = printContextAccess(p, e);
  switch (field.type.kind) {
    case "int":
      return e.type.kind === "number" ? `((__s64)${access})` : access;
    case "pointer":
      return access;
    case "bool":
      return `(${access} != 0)`;
    case "charArray":
    case "intArray": {
      const copy = p.temporary();
      return p.steps(`${p.program.types.of(e.type)} ${copy};`, `__builtin_memcpy(${copy}.v, ${access}, sizeof(${copy}.v));`, `${copy};`);
    }
    case "dataLoc": {
      // The upper half of the word is the length, the lower the place: from the record's start, or from the word's end (__rel_loc).
      const text = p.temporary();
      const from = field.type.relative ? ` + ${field.offset + 4}` : "";
      return p.steps(
        `${p.program.types.of(e.type)} ${text} = {};`,
        `bpf_probe_read_kernel_str(${text}.v, sizeof(${text}.v), (const char *)${printExpr(p, e.context)} + (${access} & 0xffff)${from});`,
        `${text};`,
      );
    }
    case "opaque":
      throw new Error(`the field ${field.name} cannot be read`);
  }
}
