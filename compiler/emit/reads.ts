import type { ExprOf } from "../ir/nodes.js";
import { printExpr } from "./expression.js";
import { readType } from "./kernel-structs.js";
import type { FunctionPrinter } from "./printer.js";

/** Reads a member of a kernel struct; clang records the access, libbpf fills in the running kernel's offset. */
export function printKernelRead(p: FunctionPrinter, e: ExprOf<"kernel-read">): string {
  p.program.kernelStructs.use(e.path);
  const [first] = e.path;
  const last = e.path.at(-1);
  if (first === undefined || last === undefined) throw new Error("a read without a member");
  const value = p.temporary();
  const type = readType(last.type, p.program.types);
  const members = e.path.map((step) => step.member).join(".");
  const base = first.struct.key.startsWith("#") ? "" : `${first.struct.of} ${first.struct.key}`;
  const address = `&((const ${base} *)(unsigned long)${printExpr(p, e.pointer)})->${members}`;
  const result = e.type.kind === "number" ? `(__s64)${value};` : e.type.kind === "boolean" ? `${value} != 0;` : `${value};`;
  return p.steps(`${type} ${value};`, `if (bpf_probe_read_kernel(&${value}, sizeof(${value}), ${address})) ${p.fail(e.site)}`, result);
}

/** `a?.b`: the rest only when there is a value. */
export function printIfNotNull(p: FunctionPrinter, e: ExprOf<"if-not-null">): string {
  const result = p.temporary();
  const bound = `${p.program.types.of(e.bound.type)} ${e.bound.cName}`;
  const then = `${result} = ${printExpr(p, e.then)};`;
  const declared = `${p.program.types.of(e.type)} ${result} = {};`;
  const pointer = printExpr(p, e.pointer);
  if (e.pointer.type.kind === "pointer") return p.steps(declared, `${bound} = ${pointer};`, `if (${e.bound.cName} != 0) { ${then} }`, `${result};`);
  const kept = p.temporary();
  return p.steps(declared, `${p.program.types.of(e.pointer.type)} ${kept} = ${pointer};`, `if (${kept}.has) { ${bound} = ${kept}.value; ${then} }`, `${result};`);
}
