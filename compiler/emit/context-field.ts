import type { ContextField } from "../../hooks/hook.js";
import { isLong } from "../ir/long.js";
import type { Expr, ExprOf } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { integerName } from "./c-types.js";
import { printExpr } from "./expression.js";
import { printLocated } from "./located.js";
import { byteSize, declareRoom, endCut, roomAddress } from "./long-values.js";
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

/** A copy of an array of the context. The context itself can be read at constant offsets only, word by word, or by a helper. */
function copyArray(p: FunctionPrinter, e: ContextFieldExpr): string {
  const { size, offset } = e.field;
  if (isLong(e.type)) {
    const copy = declareRoom(p, e.type, "copy", false);
    p.step(`bpf_probe_read_kernel(${roomAddress(e.type, copy)}, ${size}, (const char *)${printExpr(p, e.context)} + ${offset});`);
    if (e.type.kind === "string") p.step(`((char *)${copy}.v)[${size}] = 0;`);
    return copy;
  }
  const copy = p.temporary("copy");
  p.step(`${p.program.types.of(e.type)} ${copy} ALIGNED;`, copyContextArray(p, e, `${copy}.v`));
  return copy;
}

/** A text of the context whose bytes after the NUL may be anything; undefined when the expression is something else. */
export function printRawText(p: FunctionPrinter, e: Expr): string | undefined {
  return e.kind === "context-field" && e.field.type.kind === "charArray" ? copyArray(p, e) : undefined;
}

/** A statement that copies a text of the context to an event; undefined when the expression is something else. */
export function storeContextText(p: FunctionPrinter, e: Expr, target: string): string | undefined {
  if (e.kind !== "context-field" || e.type.kind !== "string") return undefined;
  if (e.field.type.kind === "dataLoc") return readDynamicText(p, e, `${target}.v`).join(" ");
  return e.field.type.kind === "charArray" && !isLong(e.type) ? copyContextArray(p, e, `${target}.v`) : undefined;
}

/** The upper half of the field's word is the length, the lower the place: from the record's start, or from the word's end (__rel_loc). */
function readDynamicText(p: FunctionPrinter, e: ContextFieldExpr, target: string): string[] {
  const { type, offset } = e.field;
  const from = type.kind === "dataLoc" && type.relative ? ` + ${offset + 4}` : "";
  const place = `(const char *)${printExpr(p, e.context)} + (${printContextRead(p, e)} & 0xffff)${from}`;
  const [size, got] = [byteSize(e.type), p.temporary("got")];
  return [`long ${got} = bpf_probe_read_kernel_str(${target}, ${size}, ${place});`, endCut(got, target, size)];
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
    case "charArray": {
      const copy = copyArray(p, e);
      if (!isLong(e.type)) p.step(`tsp_clear_rest(${copy}.v, ${field.size});`);
      return copy;
    }
    case "intArray":
      return copyArray(p, e);
    case "dataLoc": {
      const text = declareRoom(p, e.type, "text", true);
      p.step(...readDynamicText(p, e, roomAddress(e.type, text)));
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
