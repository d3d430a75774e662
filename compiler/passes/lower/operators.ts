import type { BinaryExpression, Expression, LogicalExpression, UnaryExpression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { type ArithmeticOperator, type BitOperator, type CompareOperator, createExpr, type Expr } from "../../ir/nodes.js";
import { checked, createRange, intersect, isWithin, type Range, S32, S64, SAFE, U32, U64 } from "../../ir/range.js";
import { BOOLEAN, bigintType, describeType, numberType } from "../../ir/types.js";
import { decidedBy } from "./absent.js";
import { bigintFor, coerceTo, constantExpr, requireInteger, toSigned, unify } from "./coerce.js";
import { compare, looseNullTest, truth } from "./compare.js";
import { type FunctionContext, nested } from "./context.js";
import { checkedConstant, lowerExpr } from "./expressions.js";
import { both, factsOf } from "./flow.js";
import { lowerNullish } from "./nullish.js";
import { arithmeticRange, bitRange, numberBitRange, shiftRange } from "./ranges.js";
import { stripSyntax } from "./syntax.js";
import { isText, joinTexts } from "./templates.js";

const ARITHMETIC = new Set<string>(["+", "-", "*", "/", "%"]);
const BITS = new Set<string>(["&", "|", "^", "<<", ">>", ">>>"]);
const COMPARE = new Set<string>(["===", "!==", "<", "<=", ">", ">="]);

/** What to write instead of an operator that kernel code cannot have. */
const OPERATOR_HINTS: Readonly<Record<string, string>> = {
  "**": "multiply, or shift: 1n << x",
  in: "fields of kernel code are known: test the value with x !== undefined, or ask a map with .has(key)",
  instanceof: "kernel code has no classes: test a field that tells values apart",
  typeof: "types are known when the script is compiled: test for undefined with x !== undefined",
  delete: "entries of maps are removed with map.delete(key)",
  void: "write undefined, or leave it out",
};

/** `left op right`, both sides evaluated. */
export function lowerBinary(f: FunctionContext, node: BinaryExpression): Expr {
  const span = f.span(node);
  const op = node.operator as string;
  if (op === "==" || op === "!=") return looseNullTest(f, node, op);
  if (!ARITHMETIC.has(op) && !BITS.has(op) && !COMPARE.has(op))
    f.report.refuse("TSP2101", span, `the operator \`${op}\` is not available in kernel code`, {
      hints: [OPERATOR_HINTS[op] ?? "see docs/language.md for the operators of kernel code"],
    });
  const left = lowerExpr(f, node.left as never);
  const right = lowerExpr(f, node.right);
  if (COMPARE.has(op)) return compare(f, op as CompareOperator, left, right, span);
  return binaryOperation(f, op, left, right, span);
}

/** Arithmetic and bit operators on lowered operands; also serves `x += y`. */
export function binaryOperation(f: FunctionContext, op: string, leftAny: Expr, rightAny: Expr, span: Span): Expr {
  if (op === "+" && (isText(leftAny.type) || isText(rightAny.type))) return joinTexts(f, leftAny, rightAny, span);
  const left = requireInteger(f, leftAny);
  const right = requireInteger(f, rightAny);
  if (left.type.kind !== right.type.kind) {
    f.report.refuse("TSP2203", span, `\`${op}\` mixes ${left.type.kind} and ${right.type.kind}`, {
      hints: ["64-bit values are bigint: write constants with n (1000n), or convert with BigInt(x)"],
    });
  }
  if (ARITHMETIC.has(op)) {
    if (op === "/" && left.type.kind === "number") {
      f.report.refuse("TSP2103", span, "dividing numbers gives fractions, which the kernel does not have", {
        hints: ["write Math.trunc(a / b), or divide bigints"],
      });
    }
    return arithmetic(f, op as ArithmeticOperator, left, right, span);
  }
  return left.type.kind === "number"
    ? numberBits(op as BitOperator, left, right, span)
    : bigintBits(f, op as BitOperator, left, right, span);
}

/** + - * / % with a check where the result may not fit. */
export function arithmetic(f: FunctionContext, op: ArithmeticOperator, left: Expr, right: Expr, span: Span): Expr {
  const [a, b] = [requireInteger(f, left).type, requireInteger(f, right).type];
  const exact = arithmeticRange(op, a.range, b.range);
  const divides = op === "/" || op === "%";
  if (divides && b.range.min === 0n && b.range.max === 0n) f.report.refuse("TSP2105", right.span, "division by zero");
  const mayBeZero = divides && b.range.min <= 0n && b.range.max >= 0n;
  const zero = mayBeZero ? f.site("division", span) : undefined;
  if (a.kind === "number") {
    const site = isWithin(exact, SAFE) ? undefined : f.site("overflow", span);
    return createExpr({ kind: "arithmetic", op, left, right, site, zero, span, type: numberType(checked(exact, SAFE)) });
  }
  const unsigned = (b.kind === "bigint" && !b.signed) || !(a as { signed: boolean }).signed;
  const fits = isWithin(exact, S64) || isWithin(exact, U64);
  // An address and a distance make an address again: those of the kernel are beyond 2^63, so it must stay unsigned.
  const [from, by] = [a, b].map((side) => side.kind === "bigint" && side.address);
  const address = (op === "+" && from !== by) || (op === "-" && from === true && !by);
  const type = fits
    ? bigintFor(exact, unsigned, address)
    : exact.min >= 0n || address
      ? bigintType(checked(exact, U64), false, address)
      : bigintType(checked(exact, S64), true);
  const site = fits ? undefined : f.site("overflow", span);
  return createExpr({ kind: "arithmetic", op, left, right, site, zero, span, type });
}

function numberBits(op: BitOperator, left: Expr, right: Expr, span: Span): Expr {
  const [a, b] = [left, right].map((side) => (side.type as { range: Range }).range) as [Range, Range];
  return createExpr({
    kind: "bits",
    op,
    left,
    right,
    site: undefined,
    span,
    type: numberType(intersect(numberBitRange(op, a, b), op === ">>>" ? U32 : S32)),
  });
}

function bigintBits(f: FunctionContext, op: BitOperator, left: Expr, right: Expr, span: Span): Expr {
  const [a, b] = [requireInteger(f, left).type, requireInteger(f, right).type] as [
    Extract<Expr["type"], { kind: "bigint" }>,
    Extract<Expr["type"], { kind: "bigint" }>,
  ];
  if (op === ">>>")
    f.report.refuse("TSP2101", span, "`>>>` does not exist for bigint", { hints: ["use >>: unsigned values shift in zeros"] });
  if (op === "<<" || op === ">>") {
    const exact = shiftRange(op, a.range, b.range);
    const countFits = b.range.min >= 0n && b.range.max <= 63n;
    const fits = isWithin(exact, S64) || isWithin(exact, U64);
    const type = fits
      ? bigintFor(exact, !a.signed)
      : exact.min >= 0n
        ? bigintType(checked(exact, U64), false)
        : bigintType(checked(exact, S64), true);
    const safe = op === ">>" ? b.range.min >= 0n : countFits && fits;
    const site = safe ? undefined : f.site(countFits ? "overflow" : "range", span);
    return createExpr({ kind: "bits", op, left: left, right, site, span, type });
  }
  const sameSide = isWithin(a.range, S64) && isWithin(b.range, S64);
  if (sameSide || (a.range.min >= 0n && b.range.min >= 0n) || (op === "&" && (a.range.min >= 0n || b.range.min >= 0n))) {
    return createExpr({
      kind: "bits",
      op: op as BitOperator,
      left,
      right,
      site: undefined,
      span,
      type: bigintFor(bitRange(op as "&", a.range, b.range), !a.signed || !b.signed),
    });
  }
  // An unsigned value above 2^63 with a negative one: the exact result can need 65 bits, so both become signed, checked.
  const [x, y] = [toSigned(f, left, true), toSigned(f, right, true)];
  return createExpr({
    kind: "bits",
    op: op as BitOperator,
    left: x,
    right: y,
    site: undefined,
    span,
    type: bigintType(S64, true),
  });
}

export function lowerUnary(f: FunctionContext, node: UnaryExpression): Expr {
  const span = f.span(node);
  const operand = () => lowerExpr(f, node.argument);
  // `void 0` is how minifiers write undefined, and packages of helpers are often minified.
  if (node.operator === "void" && node.argument.type === "Literal") return constantExpr(undefined, span);
  switch (node.operator) {
    case "!":
      return createExpr({ kind: "not", operand: lowerCondition(f, node.argument), span, type: BOOLEAN });
    case "+": {
      const value = requireInteger(f, operand());
      if (value.type.kind === "bigint")
        f.report.refuse("TSP2203", span, "`+` cannot be put before a bigint", { hints: ["Number(x) converts it"] });
      return value;
    }
    case "-": {
      const value = requireInteger(f, operand());
      const exact = createRange(-value.type.range.max, -value.type.range.min);
      if (value.kind === "constant")
        return checkedConstant(f, value.type.kind === "number" ? -Number(value.value) : -(value.value as bigint), node);
      if (value.type.kind === "number")
        return createExpr({ kind: "negate", operand: value, site: undefined, span, type: numberType(exact) });
      const fits = isWithin(exact, S64);
      return createExpr({
        kind: "negate",
        operand: value,
        site: fits ? undefined : f.site("overflow", span),
        span,
        type: bigintType(checked(exact, S64), true),
      });
    }
    case "~": {
      const value = requireInteger(f, operand());
      if (value.type.kind === "number") {
        const from = isWithin(value.type.range, S32) ? value.type.range : S32;
        return createExpr({
          kind: "bit-not",
          operand: value,
          site: undefined,
          span,
          type: numberType(createRange(-from.max - 1n, -from.min - 1n)),
        });
      }
      const signed = toSigned(f, value, true) as typeof value;
      return createExpr({
        kind: "bit-not",
        operand: signed,
        site: undefined,
        span,
        type: bigintType(createRange(-signed.type.range.max - 1n, -signed.type.range.min - 1n), true),
      });
    }
    default:
      return f.report.refuse("TSP2101", span, `\`${node.operator}\` is not available in kernel code`, {
        hints: [OPERATOR_HINTS[node.operator] ?? "see docs/language.md for the operators of kernel code"],
      });
  }
}

/** Evaluates the right side of && or || with what the left side tells. */
function lowerRight<T>(f: FunctionContext, op: "&&" | "||", test: Expr, lowerIt: () => T): T {
  const before = f.facts;
  const facts = factsOf(test);
  f.facts = both(before, op === "&&" ? facts.whenTrue : facts.whenFalse);
  try {
    return lowerIt();
  } finally {
    f.facts = before;
  }
}

/** An expression of which only the truth counts: conditions of if, ?:, for and the operand of `!`. */
export function lowerCondition(f: FunctionContext, node: Expression): Expr {
  const bare = stripSyntax(node);
  if (bare.type === "LogicalExpression" && bare.operator !== "??") {
    const op = bare.operator;
    return nested(f, bare, () => {
      const left = lowerCondition(f, bare.left);
      // The right side is never reached: it may speak of what this kernel lacks.
      if (decidedBy(left) === (op === "||")) return left;
      const right = lowerRight(f, op, left, () => lowerCondition(f, bare.right));
      return createExpr({ kind: op === "&&" ? "and" : "or", left, right, span: f.span(bare), type: BOOLEAN });
    });
  }
  return truth(f, lowerExpr(f, bare));
}

/** && || ?? as values. */
export function lowerLogical(f: FunctionContext, node: LogicalExpression): Expr {
  const span = f.span(node);
  const left = lowerExpr(f, node.left);
  const op = node.operator;
  if (op === "??") return lowerNullish(f, left, node, span);
  const test = truth(f, left);
  if (decidedBy(test) === (op === "||")) return test;
  const right = lowerRight(f, op, test, () => lowerExpr(f, node.right));
  if (left.type.kind === "boolean" && right.type.kind === "boolean") {
    return createExpr({ kind: op === "&&" ? "and" : "or", left, right, span, type: BOOLEAN });
  }
  const type = op === "||" ? unify(left.type.kind === "optional" ? left.type.value : left.type, right.type) : undefined;
  if (type === undefined || (type.kind !== "number" && type.kind !== "bigint")) {
    return f.report.refuse(
      "TSP2106",
      span,
      `\`${op}\` gives ${describeType(left.type)} or ${describeType(right.type)} here, which has no one type in the kernel`,
      {
        hints: ["compare explicitly (x !== 0 && …), or use `cond ? a : b`, or `??` for a default"],
      },
    );
  }
  if (!["local", "unwrap", "constant", "option"].includes(left.kind))
    f.report.refuse("TSP2106", left.span, "`||` between values needs a variable on its left", {
      hints: ["put the left side into a const first, or use ??"],
    });
  const value =
    left.type.kind === "optional" ? createExpr({ kind: "unwrap", operand: left, span: left.span, type: left.type.value }) : left;
  return createExpr({ kind: "conditional", test, yes: coerceTo(f, value, type), no: coerceTo(f, right, type), span, type });
}
