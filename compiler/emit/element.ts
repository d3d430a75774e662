import type { ExprOf } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { printContextRead } from "./context-field.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";
import { bare } from "./text.js";

/** An element of an array. Except at a constant place the array is copied first, since the context allows constant offsets only. */
export function printElement(p: FunctionPrinter, e: ExprOf<"element">): string {
  const { count } = e.array.type as Extract<IrType, { kind: "ints" | "array" }>;
  const cast = e.array.type.kind === "ints" && e.type.kind === "number" ? "(__s64)" : "";
  if (e.index.kind === "constant" && e.site === undefined) {
    const place = `[${e.index.value}]`;
    if (e.array.kind === "context-field" && e.array.field.type.kind === "intArray")
      return `${cast}${printContextRead(p, e.array, e.index.value as bigint)}`;
    return `${cast}${p.stable(p.program.types.of(e.array.type), printExpr(p, e.array))}.v${place}`;
  }
  const array = p.stable(p.program.types.of(e.array.type), printExpr(p, e.array));
  const index = p.keep("__u64", bare(printExpr(p, e.index)), "index");
  // Hides from clang what it knows of the index: it must not drop the check, which the verifier needs to see.
  p.step(`asm("" : "+r"(${index}));`);
  if (e.site !== undefined) {
    p.step(`if (${index} >= ${count}) ${p.fail(e.site)}`);
    return `${cast}${array}.v[${index}]`;
  }
  // Known to be inside; the verifier wants to see it, too.
  return `${cast}${array}.v[${index} < ${count} ? ${index} : 0]`;
}
