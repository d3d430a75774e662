import type { ExprOf } from "../ir/nodes.js";
import { printExpr } from "./expression.js";
import { readType } from "./kernel-structs.js";
import type { FunctionPrinter } from "./printer.js";
import { bare } from "./text.js";

/** Reads a member of a kernel struct; clang records the access, libbpf fills in the running kernel's offset. */
export function printKernelRead(p: FunctionPrinter, e: ExprOf<"kernel-read">): string {
  p.program.kernelStructs.use(e.path);
  const [first] = e.path;
  const last = e.path.at(-1);
  if (first === undefined || last === undefined) throw new Error("a read without a member");
  const type = readType(last.type, p.program.types);
  const members = e.path.map((step) => step.member).join(".");
  const pointer = printExpr(p, e.pointer);
  const value = p.temporary(last.member);
  const base = first.struct.key.startsWith("#") ? "" : `${first.struct.of} ${first.struct.key}`;
  const address = `&((const ${base} *)(unsigned long)${pointer})->${members}`;
  p.step(`${type} ${value};`, `if (bpf_probe_read_kernel(&${value}, sizeof(${value}), ${address})) ${p.fail(e.site)}`);
  return e.type.kind === "number" ? `(__s64)${value}` : e.type.kind === "boolean" ? `(${value} != 0)` : value;
}

/** `a?.b`: the rest only when there is a value. */
export function printIfNotNull(p: FunctionPrinter, e: ExprOf<"if-not-null">): string {
  const { types } = p.program;
  const nullable = e.pointer.type.kind === "pointer";
  const given = printExpr(p, e.pointer);
  const pointer = nullable ? bare(given) : p.stable(types.of(e.pointer.type), given);
  const result = p.temporary("optional");
  const bound = `${types.of(e.bound.type)} ${e.bound.cName}`;
  const then = p.apart(() => printExpr(p, e.result));
  const rest = [...then.steps, `${result} = ${bare(then.value)};`].join(" ");
  p.step(`${types.of(e.type)} ${result} = {};`);
  if (nullable) p.step(`${bound} = ${pointer};`, `if (${e.bound.cName}) { ${rest} }`);
  else p.step(`if (${pointer}.has) { ${bound} = ${pointer}.value; ${rest} }`);
  return result;
}
