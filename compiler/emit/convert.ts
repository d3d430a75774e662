import type { ExprOf, Site } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { hasStorage, memberName } from "./c-types.js";
import { printExpr } from "./expression.js";
import { printEmpty, printText } from "./literals.js";
import { longestIn, resizeText } from "./long-values.js";
import type { FunctionPrinter } from "./printer.js";
import { bare, printVariable } from "./text.js";

/** Between number and bigint, or signed and unsigned bigint, with the check that a value fits. */
export function printConvert(p: FunctionPrinter, e: ExprOf<"convert">): string {
  const target = p.program.types.of(e.type);
  const from = p.program.types.of(e.operand.type);
  const operand = printExpr(p, e.operand);
  if (e.site === undefined) return target === from ? operand : `(${target})${operand}`;
  const kept = p.stable(from, operand);
  p.step(`if (${e.type.kind === "number" ? unsafe(kept, from) : `(__s64)${kept} < 0`}) ${p.fail(e.site)}`);
  return target === from ? kept : `(${target})${kept}`;
}

/** Whether a 64-bit value has left the integers that JavaScript's numbers hold exactly. */
function unsafe(name: string, type: string): string {
  const most = `${name} > ${Number.MAX_SAFE_INTEGER}${type === "__u64" ? "ULL" : "LL"}`;
  return type === "__u64" ? most : `${most} || ${name} < ${Number.MIN_SAFE_INTEGER}LL`;
}

/** A value of one type in the form of another that is held differently: texts of another size, objects and optionals with such inside. */
export function printReshaped(p: FunctionPrinter, text: string, from: IrType, to: IrType, site: Site | undefined): string {
  const { types } = p.program;
  if (!hasStorage(to)) return text;
  const { reach } = p.program;
  reach.bytes = Math.max(reach.bytes, longestIn(to));
  if (from.kind === "literal" && to.kind === "string") return printText(p, from.value, to);
  if (types.of(from) === types.of(to)) return text;
  switch (to.kind) {
    case "string":
      return from.kind === "string" ? resizeText(p, text, from, to) : text;
    case "bigint":
      if (site !== undefined) {
        const kept = p.stable(types.of(from), text);
        p.step(`if ((__s64)${kept} < 0) ${p.fail(site)}`);
        return `(${types.of(to)})${kept}`;
      }
      return `(${types.of(to)})${text}`;
    case "optional": {
      if (!hasStorage(from)) return printEmpty(p, to);
      if (from.kind !== "optional")
        return `(${types.of(to)}){ .has = 1, .value = ${bare(printReshaped(p, text, from, to.value, site))} }`;
      const kept = p.stable(types.of(from), text);
      const result = p.temporary("optional");
      const inner = p.apart(() => printReshaped(p, `${kept}.value`, from.value, to.value, site));
      p.step(
        printVariable(types.of(to), result, printEmpty(p, to)),
        `if (${kept}.has) { ${[...inner.steps, `${result}.has = 1;`, `${result}.value = ${bare(inner.value)};`].join(" ")} }`,
      );
      return result;
    }
    case "array": {
      if (from.kind !== "array") return text;
      const kept = p.stable(types.of(from), text);
      const elements = Array.from({ length: to.count }, (_, i) =>
        bare(printReshaped(p, `${kept}.v[${i}]`, from.element, to.element, site)),
      );
      return `(${types.of(to)}){ { ${elements.join(", ")} } }`;
    }
    case "object": {
      if (from.kind !== "object") return text;
      const kept = p.stable(types.of(from), text);
      const members = to.fields.flatMap((field, i) => {
        if (!hasStorage(field.type)) return [];
        const source = (from.fields[i] as (typeof from.fields)[number]).type;
        const given = `${kept}.${memberName(field.name)}`;
        return [`.${memberName(field.name)} = ${bare(printReshaped(p, given, source, field.type, site))}`];
      });
      return `(${types.of(to)}){ ${members.join(", ")} }`;
    }
    default:
      return text;
  }
}
