import type { ContextField } from "../../hooks/hook.js";
import type { ExprOf } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { integerName } from "./c-types.js";
import { printExpr } from "./expression.js";
import { printLocated } from "./located.js";
import type { FunctionPrinter } from "./printer.js";

type ContextFieldExpr = ExprOf<"context-field">;

/** Notes that a field is used, so that the record's struct has it; gives the record's C name. */
function use(p: FunctionPrinter, { context, field }: ContextFieldExpr): string {
  const { context: fields } = context.type as Extract<IrType, { kind: "context" }>;
  const entry = p.program.contexts.get(fields.key) ?? { context: fields, used: new Set<ContextField>() };
  // Another hook's context may be the same in all but identity.
  if (![...entry.used].some((known) => known.name === field.name)) entry.used.add(field);
  p.program.contexts.set(fields.key, entry);
  return printExpr(p, context);
}

/** An integer or pointer of the record in its own width; `index` for an element of an array. */
export function printContextRead(p: FunctionPrinter, e: ContextFieldExpr, index?: bigint): string {
  const { name, type } = e.field;
  const record = use(p, e);
  const size =
    type.kind === "int"
      ? type.size
      : type.kind === "intArray"
        ? type.element.size
        : type.kind === "bool"
          ? 1
          : type.kind === "dataLoc"
            ? 4
            : 8;
  return `FIELD(${size * 8}, ${record}, ${name}${index === undefined ? "" : `[${index}]`})`;
}

/** Statements that copy an array of the record to a place of at least the array's own alignment (4 for bytes). */
export function copyContextArray(p: FunctionPrinter, e: ContextFieldExpr, target: string): string {
  const { name, type, size, offset } = e.field;
  if (type.kind === "intArray" && type.element.size > 1) {
    return Array.from({ length: type.count }, (_, i) => `${target}[${i}] = ${printContextRead(p, e, BigInt(i))};`).join(" ");
  }
  const record = use(p, e);
  const words = offset % 4 === 0 ? Math.floor(size / 4) : 0;
  if (size === 4 && words === 1) return `COPY4(${target}, ${record}, ${name});`;
  if (size === 16 && words === 4) return `COPY16(${target}, ${record}, ${name});`;
  const rest = size - 4 * words;
  return [
    ...Array.from({ length: words }, (_, i) => `WORD(${target}, ${record}, ${name}, ${i});`),
    ...Array.from({ length: rest }, (_, i) => `${target}[${4 * words + i}] = FIELD(8, ${record}, ${name}[${4 * words + i}]);`),
  ].join(" ");
}

/** A field of a handler's context, as a value. */
export function printContextField(p: FunctionPrinter, e: ContextFieldExpr): string {
  const { field } = e;
  switch (field.type.kind) {
    case "int":
      return `${e.type.kind === "number" ? "(__s64)" : ""}${printContextRead(p, e)}`;
    case "pointer":
    case "structPointer":
      return printPointer(p, e);
    case "bool":
      return `(${printContextRead(p, e)} != 0)`;
    case "charArray":
    case "intArray": {
      const copy = p.temporary("copy");
      p.step(`${p.program.types.of(e.type)} ${copy} ALIGNED;`, copyContextArray(p, e, `${copy}.v`));
      return copy;
    }
    case "dataLoc": {
      // The upper half of the word is the length, the lower the place: from the record's start, or from the word's end (__rel_loc).
      const text = p.temporary("text");
      const from = field.type.relative ? ` + ${field.offset + 4}` : "";
      p.step(
        `${p.program.types.of(e.type)} ${text} = {};`,
        `bpf_probe_read_kernel_str(${text}.v, sizeof(${text}.v), (const char *)${printExpr(p, e.context)} + (${printContextRead(p, e)} & 0xffff)${from});`,
      );
      return text;
    }
    case "located": {
      const value = printLocated(p, printExpr(p, e.context), field.name, field.type.places, e.site);
      const { as } = field.type;
      if (as.kind === "bool") return `((__u8)${value} != 0)`;
      if (as.kind === "pointer") return value;
      return `${e.type.kind === "number" ? "(__s64)" : ""}(${integerName(as.size, as.signed)})${value}`;
    }
    case "opaque":
    case "unreadable":
      throw new Error(`the field ${field.name} cannot be read`);
  }
}

/** An address of the context, as a number whatever the verifier takes it for (ContextLoad). */
function printPointer(p: FunctionPrinter, e: ContextFieldExpr): string {
  const { load, name, offset } = e.field;
  if (load === undefined) return printContextRead(p, e);
  if (load === "number") return `ADDRESS(${use(p, e)}, ${name})`;
  const address = p.temporary(name);
  p.step(
    `__u64 ${address};`,
    `bpf_probe_read_kernel(&${address}, sizeof(${address}), (const char *)${printExpr(p, e.context)} + ${offset});`,
  );
  return address;
}
