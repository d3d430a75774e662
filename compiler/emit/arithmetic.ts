import type { Expr, ExprOf } from "../ir/nodes.js";
import { createRange, isWithin, S32, S64, SAFE, U64 } from "../ir/range.js";
import type { IrType } from "../ir/types.js";
import { arithmeticRange } from "../passes/lower/ranges.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";
import { bare } from "./text.js";

type Arithmetic = ExprOf<"arithmetic">;
type Integer = { readonly range: { readonly min: bigint; readonly max: bigint }; readonly signed?: boolean };

const isUnsigned = (type: IrType) => type.kind === "bigint" && !type.signed;
const rangeOf = (type: IrType) => (type as Integer).range;

/** A value in the C type of 64 bits that is wanted. Constants fit either: they are printed as such. */
function as(target: "__u64" | "__s64", e: Expr, text: string): string {
  if (e.kind === "constant" && isWithin(rangeOf(e.type), S63)) return text;
  return isUnsigned(e.type) === (target === "__u64") ? text : `(${target})${narrow(text)}`;
}

/** Both sides of an operator in one C type of 64 bits. A small constant needs no suffix beside a value that has the type. */
function both(
  target: "__u64" | "__s64",
  op: string,
  { left, right }: { left: Expr; right: Expr },
  texts: readonly [string, string],
): string {
  const side = (e: Expr, other: Expr, text: string) => {
    const typed = as(target, e, text);
    return e.kind === "constant" && other.kind !== "constant" ? withoutSuffix(typed) : typed;
  };
  return `(${side(left, right, texts[0])} ${op} ${side(right, left, texts[1])})`;
}

const withoutSuffix = (text: string) => text.replace(/^(\(?-?\d{1,9})LL(\)?)$/, "$1$2");

/** Values that are the same as signed and as unsigned. */
const S63 = createRange(0n, S64.max);

/** Without a cast that the next cast makes superfluous. */
const narrow = (text: string) => text.replace(/^\(__s64\)/, "");

/** + - * / %: plain C where the result is known to fit, else with the check that JavaScript's exactness asks for. */
export function printArithmetic(p: FunctionPrinter, e: Arithmetic): string {
  if (e.op === "/" || e.op === "%") return printDivision(p, e);
  const [left, right] = [printExpr(p, e.left), printExpr(p, e.right)];
  const target = integerType(e.type);
  // Both sides in the result's type: exact, since the result fits and C wraps modulo 2^64 on the way (-fwrapv).
  if (e.site === undefined) return both(target, e.op, e, [left, right]);
  if (e.op === "*") return printProduct(p, e, left, right);
  if (e.type.kind === "number") {
    const result = p.keep("__s64", `${left} ${e.op} ${right}`);
    p.step(`if (${unsafe(result)}) ${p.fail(e.site)}`);
    return result;
  }
  const result = p.temporary();
  const builtin = e.op === "+" ? "__builtin_add_overflow" : "__builtin_sub_overflow";
  p.step(`${target} ${result};`, `if (${builtin}(${wide(e.left, left)}, ${wide(e.right, right)}, &${result})) ${p.fail(e.site)}`);
  return result;
}

const integerType = (type: IrType) => (isUnsigned(type) ? "__u64" : "__s64");

/** An argument of an overflow builtin, whose own type decides what it means. */
function wide(e: Expr, text: string): string {
  return e.kind === "constant" ? text : bare(text);
}

/** Whether a number has left the integers that JavaScript holds exactly. */
function unsafe(name: string): string {
  return `${name} > ${SAFE.max}LL || ${name} < ${SAFE.min}LL`;
}

function printProduct(p: FunctionPrinter, e: Arithmetic, left: string, right: string): string {
  const site = p.fail(e.site as NonNullable<Arithmetic["site"]>);
  if (e.type.kind === "number" && isWithin(arithmeticRange("*", rangeOf(e.left.type), rangeOf(e.right.type)), S64)) {
    const result = p.keep("__s64", `${left} * ${right}`);
    p.step(`if (${unsafe(result)}) ${site}`);
    return result;
  }
  const { types } = p.program;
  const [a, b] = [p.stable(types.of(e.left.type), left), p.stable(types.of(e.right.type), right)];
  const [size, result] = [p.temporary(), p.temporary()];
  const settled = settle(e, unlike(sign(e.left, a), sign(e.right, b)), size, result);
  const beyond = e.type.kind === "number" ? ` || ${unsafe(result)}` : "";
  p.step(
    `__u64 ${size};`,
    `${types.of(e.type)} ${result};`,
    `if (tsp_multiply(${magnitude(e.left, a)}, ${magnitude(e.right, b)}, &${size}) || ${settled}${beyond}) ${site}`,
  );
  return result;
}

/** Makes the result of its sign and its size; true when it does not fit. */
function settle(e: Arithmetic, negative: string, size: string, result: string): string {
  return `${isUnsigned(e.type) ? "tsp_unsigned" : "tsp_signed"}(${negative}, ${size}, &${result})`;
}

const sign = (e: Expr, name: string) => (isUnsigned(e.type) || rangeOf(e.type).min >= 0n ? "0" : `(${name} < 0)`);
const magnitude = (e: Expr, name: string) => (isUnsigned(e.type) || rangeOf(e.type).min >= 0n ? name : `tsp_magnitude(${name})`);
const unlike = (a: string, b: string) => (a === "0" ? bare(b) : b === "0" ? bare(a) : `${a} != ${b}`);

/** Truncating division and remainder. BPF divides unsigned values only (cpu v3), so signs are taken apart. */
function printDivision(p: FunctionPrinter, e: Arithmetic): string {
  const { types } = p.program;
  const [a, b] = [rangeOf(e.left.type), rangeOf(e.right.type)];
  const target = integerType(e.type);
  let [left, right] = [printExpr(p, e.left), printExpr(p, e.right)];
  if (e.zero !== undefined) {
    right = p.stable(types.of(e.right.type), right);
    p.step(`if (${right} == 0) ${p.fail(e.zero)}`);
  }
  if (a.min >= 0n && b.min >= 0n) {
    let quotient = both("__u64", e.op, e, [left, right]);
    if (mayBeMultiplied(e)) {
      quotient = p.keep("__u64", quotient, "quotient");
      p.step(`asm("" : "+r"(${quotient}));`);
    }
    return target === "__u64" ? quotient : `(${target})${quotient}`;
  }
  if (e.site === undefined && isWithin(a, S64) && isWithin(b, S64)) {
    const call = `${e.op === "/" ? "tsp_divide" : "tsp_remainder"}(${bare(left)}, ${bare(right)})`;
    return target === "__s64" ? call : `(${target})${call}`;
  }
  left = p.stable(types.of(e.left.type), left);
  right = p.stable(types.of(e.right.type), right);
  const result = p.temporary();
  const negative = e.op === "/" ? unlike(sign(e.left, left), sign(e.right, right)) : bare(sign(e.left, left));
  const settled = settle(e, negative, `${magnitude(e.left, left)} ${e.op} ${magnitude(e.right, right)}`, result);
  p.step(`${target} ${result};`, e.site === undefined ? `${settled};` : `if (${settled}) ${p.fail(e.site)}`);
  return result;
}

/** Whether clang may make a 128-bit product of a comparison with this quotient, which BPF does not have: of x > (2^64 - 1) / y. */
function mayBeMultiplied({ op, left, right }: Arithmetic): boolean {
  return op === "/" && right.kind !== "constant" && rangeOf(left.type).max === U64.max;
}

/** Bit operators: on numbers as JavaScript does, with 32 bits; on bigints with 64. */
export function printBits(p: FunctionPrinter, e: ExprOf<"bits">): string {
  const [left, right] = [printExpr(p, e.left), printExpr(p, e.right)];
  if (e.type.kind === "number") return printNumberBits(e, left, right);
  const target = integerType(e.type);
  if (e.op === ">>") return printShiftRight(p, e, left, right);
  if (e.op === "<<") return printShiftLeft(p, e, left, right);
  return both(target, e.op, e, [left, right]);
}

/** A side of & | ^ on numbers: its low 32 bits. Constants that have no more are printed as they are. */
function word(e: Expr, text: string): string {
  return e.kind === "constant" && isWithin(rangeOf(e.type), S32) ? withoutSuffix(text) : `(__s32)${narrow(text)}`;
}

/** JavaScript takes both sides to 32 bits, and only five bits of a shift's count. */
function printNumberBits(operands: ExprOf<"bits">, left: string, right: string): string {
  const { op, right: count } = operands;
  const shift = count.kind === "constant" ? String((count.value as bigint) & 31n) : `((__u32)${right} & 31)`;
  switch (op) {
    case "<<":
      return `(__s64)(__s32)((__u32)${narrow(left)} << ${shift})`;
    case ">>":
      return `(__s64)((__s32)${narrow(left)} >> ${shift})`;
    case ">>>":
      return `(__s64)((__u32)${narrow(left)} >> ${shift})`;
    default:
      return `(__s64)(${word(operands.left, left)} ${op} ${word(operands.right, right)})`;
  }
}

/** x >> n: beyond 63 bits only the sign is left; a negative count would shift the other way, which is refused. */
function printShiftRight(p: FunctionPrinter, e: ExprOf<"bits">, left: string, right: string): string {
  const count = rangeOf(e.right.type);
  const { types } = p.program;
  const target = types.of(e.type);
  const cast = types.of(e.left.type) === target ? "" : `(${target})`;
  if (count.min >= 0n && count.max <= 63n) return `${cast}(${left} >> ${bareCount(right)})`;
  const [x, n] = [p.stable(types.of(e.left.type), left), p.stable(types.of(e.right.type), right)];
  if (e.site !== undefined) p.step(`if (${n} < 0) ${p.fail(e.site)}`);
  return `${cast}(${n} > 63 ? ${isUnsigned(e.left.type) ? "0" : `${x} >> 63`} : ${x} >> (${n} & 63))`;
}

const bareCount = (right: string) => (/^\d+LL$/.test(right) ? bare(right) : right);

/** x << n: exact, or the run ends: shifting back must give x again. */
function printShiftLeft(p: FunctionPrinter, e: ExprOf<"bits">, left: string, right: string): string {
  const { types } = p.program;
  const target = types.of(e.type);
  if (e.site === undefined) {
    const shifted = `(${as("__u64", e.left, left)} << ${bareCount(right)})`;
    return target === "__u64" ? shifted : `(${target})${shifted}`;
  }
  const [x, n, result] = [p.stable(types.of(e.left.type), left), p.stable(types.of(e.right.type), right), p.temporary()];
  // The value must fit the result's type before it is shifted, too.
  const changed = isUnsigned(e.left.type) === isUnsigned(e.type) ? "" : ` || (__s64)${x} < 0`;
  p.step(
    `if ((__u64)${n} > 63 && ${x} != 0) ${p.fail(e.site)}`,
    `${target} ${result} = (${target})((__u64)${x} << (${n} & 63));`,
    `if ((${result} >> (${n} & 63)) != (${target})${x}${changed}) ${p.fail(e.site)}`,
  );
  return result;
}

/** -x and ~x. */
export function printNegation(p: FunctionPrinter, e: ExprOf<"negate" | "bit-not">): string {
  const operand = printExpr(p, e.operand);
  if (e.kind === "bit-not") return e.type.kind === "number" ? `(__s64)~(__s32)${operand}` : `~${operand}`;
  if (e.site === undefined) {
    const signed = isUnsigned(e.operand.type) ? `(__s64)${operand}` : operand;
    return signed.startsWith("-") ? `-(${signed})` : `-${signed}`;
  }
  const result = p.temporary();
  p.step(`__s64 ${result};`, `if (__builtin_sub_overflow(0LL, ${operand}, &${result})) ${p.fail(e.site)}`);
  return result;
}
