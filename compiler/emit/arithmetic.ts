import type { ExprOf } from "../ir/nodes.js";
import { isWithin, S64, SAFE } from "../ir/range.js";
import { arithmeticRange } from "../passes/lower/ranges.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";

type Arithmetic = ExprOf<"arithmetic">;
type Integer = { readonly range: { readonly min: bigint; readonly max: bigint }; readonly signed?: boolean };

const isUnsigned = (type: Arithmetic["type"]) => type.kind === "bigint" && !type.signed;
const rangeOf = (type: Arithmetic["type"]) => (type as Integer).range;

/** + - * / %: plain C where the result is known to fit, else with the check that JavaScript's exactness asks for. */
export function printArithmetic(p: FunctionPrinter, e: Arithmetic): string {
  if (e.op === "/" || e.op === "%") return printDivision(p, e);
  const [left, right] = [printExpr(p, e.left), printExpr(p, e.right)];
  const target = p.program.types.of(e.type);
  if (e.site === undefined) return plain(e, target, left, right);
  if (e.op === "*") return printProduct(p, e, left, right);
  const result = p.temporary();
  if (e.type.kind === "number") return p.steps(`__s64 ${result} = ${left} ${e.op} ${right};`, `if (${unsafe(result)}) ${p.fail(e.site)}`, `${result};`);
  const builtin = e.op === "+" ? "__builtin_add_overflow" : "__builtin_sub_overflow";
  return p.steps(`${target} ${result};`, `if (${builtin}(${left}, ${right}, &${result})) ${p.fail(e.site)}`, `${result};`);
}

/** Both sides in the result's type: exact, since the result fits and C wraps modulo 2^64 on the way. */
function plain(e: Arithmetic, target: string, left: string, right: string): string {
  const cast = (side: string, type: Arithmetic["type"]) => (isUnsigned(type) === (target === "__u64") ? side : `(${target})${side}`);
  return `(${cast(left, e.left.type)} ${e.op} ${cast(right, e.right.type)})`;
}

/** Whether a number has left the integers that JavaScript holds exactly. */
function unsafe(name: string): string {
  return `${name} > ${SAFE.max}LL || ${name} < ${SAFE.min}LL`;
}

function printProduct(p: FunctionPrinter, e: Arithmetic, left: string, right: string): string {
  const site = p.fail(e.site as NonNullable<Arithmetic["site"]>);
  const result = p.temporary();
  if (e.type.kind === "number") {
    const inside = isWithin(arithmeticRange("*", rangeOf(e.left.type), rangeOf(e.right.type)), S64);
    if (inside) return p.steps(`__s64 ${result} = ${left} * ${right};`, `if (${unsafe(result)}) ${site}`, `${result};`);
  }
  const [a, b, size, negative] = [p.temporary(), p.temporary(), p.temporary(), p.temporary()];
  const settle = isUnsigned(e.type) ? "tsp_unsigned" : "tsp_signed";
  return p.steps(
    ...declareSides(p, e, a, left, b, right),
    `__u64 ${size};`,
    `_Bool ${negative} = ${sign(e.left.type, a)} != ${sign(e.right.type, b)};`,
    `${p.program.types.of(e.type)} ${result};`,
    `if (tsp_multiply(${magnitude(e.left.type, a)}, ${magnitude(e.right.type, b)}, &${size}) || ${settle}(${negative}, ${size}, &${result})${e.type.kind === "number" ? ` || ${unsafe(result)}` : ""}) ${site}`,
    `${result};`,
  );
}

function declareSides(p: FunctionPrinter, e: Arithmetic, a: string, left: string, b: string, right: string): string[] {
  return [`${p.program.types.of(e.left.type)} ${a} = ${left};`, `${p.program.types.of(e.right.type)} ${b} = ${right};`];
}

const sign = (type: Arithmetic["type"], name: string) => (isUnsigned(type) ? "0" : `(${name} < 0)`);
const magnitude = (type: Arithmetic["type"], name: string) => (isUnsigned(type) ? name : `tsp_magnitude(${name})`);

/** Truncating division and remainder. BPF divides unsigned values only (cpu v3), so signs are taken apart. */
function printDivision(p: FunctionPrinter, e: Arithmetic): string {
  const [left, right] = [printExpr(p, e.left), printExpr(p, e.right)];
  const [a, b] = [rangeOf(e.left.type), rangeOf(e.right.type)];
  const target = p.program.types.of(e.type);
  const mayBeZero = b.min <= 0n && b.max >= 0n;
  if (a.min >= 0n && b.min >= 0n) {
    if (!mayBeZero) return `((${target})((__u64)${left} ${e.op} (__u64)${right}))`;
    const [x, divisor] = [p.temporary(), p.temporary()];
    return p.steps(`__u64 ${x} = ${left};`, `__u64 ${divisor} = ${right};`, `if (${divisor} == 0) ${p.fail(e.site as NonNullable<Arithmetic["site"]>)}`, `(${target})(${x} ${e.op} ${divisor});`);
  }
  const [x, y, negative, result] = [p.temporary(), p.temporary(), p.temporary(), p.temporary()];
  const site = e.site === undefined ? undefined : p.fail(e.site);
  const flag = e.op === "/" ? `${sign(e.left.type, x)} != ${sign(e.right.type, y)}` : sign(e.left.type, x);
  const settle = isUnsigned(e.type) ? "tsp_unsigned" : "tsp_signed";
  const settled = `${settle}(${negative}, ${magnitude(e.left.type, x)} ${e.op} ${magnitude(e.right.type, y)}, &${result})`;
  return p.steps(
    ...declareSides(p, e, x, left, y, right),
    ...(mayBeZero && site !== undefined ? [`if (${y} == 0) ${site}`] : []),
    `_Bool ${negative} = ${flag};`,
    `${target} ${result};`,
    site === undefined ? `${settled};` : `if (${settled}) ${site}`,
    `${result};`,
  );
}

/** Bit operators: on numbers as JavaScript does, with 32 bits; on bigints with 64. */
export function printBits(p: FunctionPrinter, e: ExprOf<"bits">): string {
  const [left, right] = [printExpr(p, e.left), printExpr(p, e.right)];
  if (e.type.kind === "number") return printNumberBits(e.op, left, right);
  const target = p.program.types.of(e.type);
  if (e.op !== "<<" && e.op !== ">>") return `((${target})((__u64)${left} ${e.op} (__u64)${right}))`;
  return e.op === ">>" ? printShiftRight(p, e, left, right) : printShiftLeft(p, e, left, right);
}

function printNumberBits(op: string, left: string, right: string): string {
  switch (op) {
    case "<<":
      return `((__s64)(__s32)((__u32)${left} << ((__u32)${right} & 31)))`;
    case ">>":
      return `((__s64)((__s32)${left} >> ((__u32)${right} & 31)))`;
    case ">>>":
      return `((__s64)((__u32)${left} >> ((__u32)${right} & 31)))`;
    default:
      return `((__s64)((__s32)${left} ${op} (__s32)${right}))`;
  }
}

/** x >> n: beyond 63 bits only the sign is left; a negative count would shift the other way, which is refused. */
function printShiftRight(p: FunctionPrinter, e: ExprOf<"bits">, left: string, right: string): string {
  const count = rangeOf(e.right.type);
  const target = p.program.types.of(e.type);
  const from = p.program.types.of(e.left.type);
  if (count.min >= 0n && count.max <= 63n) return `((${target})(${left} >> ${right}))`;
  const [x, n] = [p.temporary(), p.temporary()];
  const beyond = isUnsigned(e.left.type) ? "0" : `(${x} >> 63)`;
  return p.steps(
    `${from} ${x} = ${left};`,
    `${p.program.types.of(e.right.type)} ${n} = ${right};`,
    ...(e.site === undefined ? [] : [`if (${isUnsigned(e.right.type) ? "0" : `${n} < 0`}) ${p.fail(e.site)}`]),
    `(${target})(${n} > 63 ? ${beyond} : (${x} >> (${n} & 63)));`,
  );
}

/** x << n: exact, or the run ends: shifting back must give x again. */
function printShiftLeft(p: FunctionPrinter, e: ExprOf<"bits">, left: string, right: string): string {
  const target = p.program.types.of(e.type);
  if (e.site === undefined) return `((${target})((__u64)${left} << ${right}))`;
  const [x, n, result] = [p.temporary(), p.temporary(), p.temporary()];
  // The value must fit the result's type before it is shifted, too.
  const changed = isUnsigned(e.left.type) === isUnsigned(e.type) ? "" : ` || (__s64)${x} < 0`;
  return p.steps(
    `${p.program.types.of(e.left.type)} ${x} = ${left};`,
    `${p.program.types.of(e.right.type)} ${n} = ${right};`,
    `if ((__u64)${n} > 63 && ${x} != 0) ${p.fail(e.site)}`,
    `${target} ${result} = (${target})((__u64)${x} << (${n} & 63));`,
    `if ((${result} >> (${n} & 63)) != (${target})${x}${changed}) ${p.fail(e.site)}`,
    `${x} == 0 ? 0 : ${result};`,
  );
}

/** -x and ~x. */
export function printNegation(p: FunctionPrinter, e: ExprOf<"negate" | "bit-not">): string {
  const operand = printExpr(p, e.operand);
  if (e.kind === "bit-not") return e.type.kind === "number" ? `((__s64)~(__s32)${operand})` : `(~${operand})`;
  if (e.site === undefined) return `(-(__s64)${operand})`;
  const result = p.temporary();
  return p.steps(`__s64 ${result};`, `if (__builtin_sub_overflow(0LL, ${operand}, &${result})) ${p.fail(e.site)}`, `${result};`);
}
