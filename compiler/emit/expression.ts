import type { Expr, ExprOf } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { printAggregate } from "./aggregations.js";
import { printArithmetic, printBits, printNegation } from "./arithmetic.js";
import { printBuiltin } from "./builtins/index.js";
import { hasStorage, memberName } from "./c-types.js";
import { printCompare, printTruth } from "./compare.js";
import { printContextField } from "./context-field.js";
import { printConvert, printReshaped } from "./convert.js";
import { printArray, printElement } from "./element.js";
import { NOTHING, printConstant, printEmpty, printText } from "./literals.js";
import { printInRange, printMapCall } from "./maps.js";
import { isOptionText, printOption, printOptionFind, printOptionHas, printOptionText } from "./options.js";
import type { FunctionPrinter } from "./printer.js";
import { printBounded, printIfNotNull, printKernelAddress, printKernelHas, printKernelPeek, printKernelRead } from "./reads.js";
import { printSameText } from "./same-text.js";
import { printEmit } from "./send.js";
import { bare, printGuarded, printVariable, uncast } from "./text.js";

/**
 * An expression as C that binds at least as tightly as a cast, so that it can stand beside any operator.
 * What does not fit into one expression goes in front as steps.
 */
export function printExpr(p: FunctionPrinter, e: Expr): string {
  const { types } = p.program;
  switch (e.kind) {
    case "constant":
      return printConstant(p, e);
    case "local":
      return e.local.cName;
    case "context-field":
      return printContextField(p, e);
    case "arithmetic":
      return printArithmetic(p, e);
    case "bits":
      return printBits(p, e);
    case "negate":
    case "bit-not":
      return printNegation(p, e);
    case "compare":
      return printCompare(p, e);
    case "same-text":
      return printSameText(p, e);
    case "truth":
      return printTruth(p, e);
    case "not":
      return printNot(p, e);
    case "and":
    case "or":
      return printLogical(p, e);
    case "conditional":
      return printConditional(p, e);
    case "present":
      return printPresent(p, e);
    case "unwrap":
      if (isOptionText(e.operand)) return printOptionText(p, e.operand.option);
      return `${printExpr(p, e.operand)}.value`;
    case "wrap":
      return printWrap(p, e);
    case "default": {
      const kept = p.stable(types.of(e.left.type), printExpr(p, e.left));
      const right = p.lazily(() => printExpr(p, e.right));
      // `p ?? q` may be missing itself.
      const value = e.type.kind === "optional" ? kept : `${kept}.value`;
      return keptIf(p, right.steps, e.type, `(${kept}.has ? ${value} : ${right.text})`);
    }
    case "convert":
      return printConvert(p, e);
    case "cut":
      return `(${types.of(e.type)})(__${e.type.kind === "bigint" && e.type.signed ? "s" : "u"}${e.bits})${printExpr(p, e.operand)}`;
    case "minimum":
    case "maximum": {
      const a = p.stable("__s64", printExpr(p, e.left));
      const b = p.stable("__s64", printExpr(p, e.right));
      return `(${a} ${e.kind === "minimum" ? "<" : ">"} ${b} ? ${a} : ${b})`;
    }
    case "builtin":
      return printBuiltin(p, e);
    case "ip":
      return printIp(p, e);
    case "label":
    case "reshape":
      return printReshaped(p, printExpr(p, e.operand), e.operand.type, e.type, e.kind === "reshape" ? e.site : undefined);
    case "element":
      return printElement(p, e);
    case "field": {
      const object = printExpr(p, e.object);
      return hasStorage(e.type) ? `${object}.${memberName(e.name)}` : printOnly(p, e.type);
    }
    case "object":
      return printObject(p, e);
    case "table":
    case "array":
      return printArray(p, e);
    case "template": {
      const fields = e.elements.map((element, i) => `.${memberName(String(i))} = ${bare(printExpr(p, element))}`);
      return `(${types.of(e.type)}){ ${fields.join(", ")} }`;
    }
    case "map-get":
    case "map-has":
    case "map-delete":
    case "map-set":
    case "map-add":
    case "stash-put":
    case "stash-take":
      return printMapCall(p, e);
    case "in-range":
      return printInRange(p, e);
    case "aggregate":
      return printAggregate(p, e);
    case "option":
      return printOption(p, e);
    case "option-size":
      return `(__s64)${e.option.cName}__size`;
    case "option-has":
      return printOptionHas(p, e);
    case "option-find":
      return printOptionFind(p, e);
    case "kernel-read":
      return printKernelRead(p, e);
    case "kernel-address":
      return printKernelAddress(p, e);
    case "kernel-has":
      return printKernelHas(p, e);
    case "kernel-peek":
      return printKernelPeek(p, e);
    case "enum-value":
      return `(${types.of(e.type)})${p.program.kernelStructs.useEnumerator(e.enumeration, e.member, e.value)}`;
    case "bounded":
      return printBounded(p, e);
    case "kptr":
      return printExpr(p, e.address);
    case "if-not-null":
      return printIfNotNull(p, e);
    case "let":
      p.step(printVariable(types.of(e.bound.type), e.bound.cName, printExpr(p, e.source)));
      return printExpr(p, e.result);
    case "call":
      return printCall(p, e);
    case "emit":
      return printEmit(p, e);
  }
}

/** The one value of a type that takes no room. */
function printOnly(p: FunctionPrinter, type: IrType): string {
  return type.kind === "literal" ? printText(p, type.value, type) : NOTHING;
}

function printNot(p: FunctionPrinter, e: ExprOf<"not">): string {
  const text = printExpr(p, e.operand);
  // Postfix forms and names need no parentheses, all else already has them.
  return `!${text}`;
}

/** Text of a lazily evaluated whole: when steps are inside, later steps must not overtake them. */
function keptIf(p: FunctionPrinter, steps: boolean, type: IrType, text: string): string {
  return steps ? p.keep(p.program.types.of(type), text) : text;
}

/** && and ||: chains of one operator, and comparisons, stand without parentheses. */
function printLogical(p: FunctionPrinter, e: ExprOf<"and" | "or">): string {
  // A comparison of mixed signs is printed with || or && of its own.
  const isSimple = (part: Expr, text: string) => part.kind === e.kind || (part.kind === "compare" && !/&&|\|\|/.test(text));
  const plain = (part: Expr, text: string) => (isSimple(part, text) ? bare(text) : text);
  const left = plain(e.left, printExpr(p, e.left));
  const right = p.lazily(() => plain(e.right, printExpr(p, e.right)));
  return keptIf(p, right.steps, e.type, `(${left} ${e.kind === "and" ? "&&" : "||"} ${right.text})`);
}

function printConditional(p: FunctionPrinter, e: ExprOf<"conditional">): string {
  const test = printExpr(p, e.test);
  if (!hasStorage(e.type)) {
    const [yes, no] = [p.apart(() => printExpr(p, e.yes)), p.apart(() => printExpr(p, e.no))];
    if (yes.steps.length + no.steps.length > 0)
      p.step(`if (${bare(test)}) { ${yes.steps.join(" ")} } else { ${no.steps.join(" ")} }`);
    return printOnly(p, e.type);
  }
  const [yes, no] = [p.lazily(() => printExpr(p, e.yes)), p.lazily(() => printExpr(p, e.no))];
  return keptIf(p, yes.steps || no.steps, e.type, `(${test} ? ${yes.text} : ${no.text})`);
}

function printPresent(p: FunctionPrinter, e: ExprOf<"present">): string {
  if (isOptionText(e.operand) && e.operand.type.kind === "optional") return `${e.operand.option.cName}__given`;
  const text = printExpr(p, e.operand);
  if (e.operand.type.kind === "optional") return `${text}.has`;
  if (e.operand.type.kind === "pointer") return `(${text} != 0)`;
  // Always there; it is asked only for what evaluating it does.
  return "1";
}

function printWrap(p: FunctionPrinter, e: ExprOf<"wrap">): string {
  const type = p.program.types.of(e.type);
  const value = printExpr(p, e.operand);
  return hasStorage(e.operand.type) ? `(${type}){ .has = 1, .value = ${bare(value)} }` : printEmpty(p, e.type);
}

function printIp(p: FunctionPrinter, e: ExprOf<"ip">): string {
  if (e.bytes.type.kind === "number") {
    const address = p.temporary("ip");
    p.step(
      `${p.program.types.of(e.type)} ${address} = {};`,
      `${address}.family = 2;`,
      `*(__u32 *)${address}.bytes = ${uncast(bare(printExpr(p, e.bytes)))};`,
    );
    return address;
  }
  const { count } = e.bytes.type as Extract<IrType, { kind: "ints" }>;
  const bytes = p.stable(p.program.types.of(e.bytes.type), printExpr(p, e.bytes));
  const address = p.temporary("ip");
  p.step(
    `${p.program.types.of(e.type)} ${address} = {};`,
    `${address}.family = ${count === 4 ? 2 : 10};`,
    `__builtin_memcpy(${address}.bytes, ${bytes}.v, ${count});`,
  );
  return address;
}

function printObject(p: FunctionPrinter, e: ExprOf<"object">): string {
  const fields = e.fields.flatMap(({ name, value }) => {
    const text = printExpr(p, value);
    return hasStorage(value.type) ? [`.${memberName(name)} = ${bare(text)}`] : [];
  });
  return `(${p.program.types.of(e.type)}){ ${fields.join(", ")} }`;
}

function printCall(p: FunctionPrinter, e: ExprOf<"call">): string {
  const given = e.arguments.map((argument) => bare(printExpr(p, argument)));
  const fails = p.program.failing.has(e.helper.cName);
  if (fails) given.push(p.failed.argument);
  const frame = p.program.frames.get(e.helper.cName);
  if (frame !== undefined) given.push(bare(p.scratch(frame)));
  const call = `${e.helper.cName}(${given.join(", ")})`;
  const stop = !fails ? [] : [printGuarded(`if (${p.failed.test})`, p.leave())];
  if (!hasStorage(e.type)) {
    p.step(`${call};`, ...stop);
    return printOnly(p, e.type);
  }
  const result = p.keep(p.program.types.of(e.type), call, "result");
  p.step(...stop);
  return result;
}
