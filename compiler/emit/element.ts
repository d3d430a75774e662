import type { ExprOf } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { printContextRead } from "./context-field.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";
import { bare } from "./text.js";

/** An element of an array. Except at a constant place the array is copied first, since the context allows constant offsets only. */
export function printElement(p: FunctionPrinter, e: ExprOf<"element">): string {
  const { count } = e.array.type as Extract<IrType, { kind: "ints" | "array" }>;
  if (e.array.kind === "table" && e.index.kind !== "constant") return printTableElement(p, e, e.array);
  const cast = e.array.type.kind === "ints" && e.type.kind === "number" ? "(__s64)" : "";
  if (e.index.kind === "constant" && e.site === undefined) {
    const place = `[${e.index.value}]`;
    if (e.array.kind === "context-field" && e.array.field.type.kind === "intArray")
      return `${cast}${printContextRead(p, e.array, e.index.value as bigint)}`;
    return `${cast}${p.stable(p.program.types.of(e.array.type), printExpr(p, e.array))}.v${place}`;
  }
  const array = p.stable(p.program.types.of(e.array.type), printExpr(p, e.array));
  const index = p.keep("__u64", bare(printExpr(p, e.index)), "index");
  hideIndex(p, index);
  if (e.site !== undefined) {
    p.step(`if (${index} >= ${count}) ${p.fail(e.site)}`);
    return `${cast}${array}.v[${index}]`;
  }
  // Known to be inside; the verifier wants to see it, too.
  return `${cast}${array}.v[${index} < ${count} ? ${index} : 0]`;
}

/**
 * Hides from clang what it knows of an index: it must not drop the check, which the verifier needs to see. Volatile, so that both stay
 * in the loop they are in: of a check before it the verifier knows nothing when the index comes back from the stack.
 */
function hideIndex(p: FunctionPrinter, index: string): void {
  p.step(`asm volatile("" : "+r"(${index}));`);
}

/** Name of the read-only data that holds an array of constants. */
function tableName(p: FunctionPrinter, table: ExprOf<"table">): string {
  const { types, tables } = p.program;
  const { element } = table.type as Extract<IrType, { kind: "array" }>;
  const values = table.elements.map((value) => bare(printExpr(p, value))).join(", ");
  const text = `${types.storage(element)} NAME[${table.elements.length}] = { ${values} };`;
  const name = tables.get(text) === undefined ? `tsp_table${tables.size}` : /tsp_table\d+/.exec(tables.get(text) as string)?.[0];
  tables.set(text, `static const volatile ${text.replace("NAME", name as string)}`);
  return name as string;
}

function printTableElement(p: FunctionPrinter, e: ExprOf<"element">, table: ExprOf<"table">): string {
  const name = tableName(p, table);
  const count = table.elements.length;
  const index = p.keep("__u64", bare(printExpr(p, e.index)), "index");
  hideIndex(p, index);
  if (e.site !== undefined) p.step(`if (${index} >= ${count}) ${p.fail(e.site)}`);
  const value = `${name}[${e.site === undefined ? `${index} < ${count} ? ${index} : 0` : index}]`;
  return p.keep(p.program.types.of(e.type), value, "entry");
}

/** An array, or a whole table as a value: on the stack, element by element (see printVariable). */
export function printArray(p: FunctionPrinter, e: ExprOf<"array" | "table">): string {
  const elements = e.elements.map((element) => bare(printExpr(p, element)));
  const array = p.temporary("array");
  p.step(`${p.program.types.of(e.type)} ${array};`, ...elements.map((text, i) => `${array}.v[${i}] = ${text};`));
  return array;
}
