import type { Expr, ExprOf } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { printArithmetic, printBits, printNegation } from "./arithmetic.js";
import { memberName } from "./c-types.js";
import { printCompare, printSameText, printTruth } from "./compare.js";
import { printContextField } from "./context-field.js";
import { printMapCall } from "./maps.js";
import { printOption, printOptionHas } from "./options.js";
import type { FunctionPrinter } from "./printer.js";
import { printIfNotNull, printKernelRead } from "./reads.js";
import { printEmit } from "./send.js";
import { quote } from "./writer.js";

/** An expression as C: one C expression, of steps in ({ … }) where one does not do. */
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
      return `(!${printExpr(p, e.operand)})`;
    case "and":
    case "or":
      return `(${printExpr(p, e.left)} ${e.kind === "and" ? "&&" : "||"} ${printExpr(p, e.right)})`;
    case "conditional":
      return `(${printExpr(p, e.test)} ? ${printExpr(p, e.yes)} : ${printExpr(p, e.no)})`;
    case "present":
      return e.operand.type.kind === "pointer" ? `(${printExpr(p, e.operand)} != 0)` : `(${printExpr(p, e.operand)}).has`;
    case "unwrap":
      return `(${printExpr(p, e.operand)}).value`;
    case "wrap":
      return printWrap(p, e);
    case "default": {
      const kept = p.temporary();
      const value = printAs(p, `${kept}.value`, (e.left.type as Extract<IrType, { kind: "optional" }>).value, e.type);
      return p.steps(`${types.of(e.left.type)} ${kept} = ${printExpr(p, e.left)};`, `${kept}.has ? ${value} : ${printExpr(p, e.right)};`);
    }
    case "convert":
      return printConvert(p, e);
    case "cut":
      return `((${types.of(e.type)})(__${e.type.kind === "bigint" && e.type.signed ? "s" : "u"}${e.bits})${printExpr(p, e.operand)})`;
    case "minimum":
    case "maximum": {
      const [a, b] = [p.temporary(), p.temporary()];
      return p.steps(`__s64 ${a} = ${printExpr(p, e.left)};`, `__s64 ${b} = ${printExpr(p, e.right)};`, `${a} ${e.kind === "minimum" ? "<" : ">"} ${b} ? ${a} : ${b};`);
    }
    case "task":
      return printTask(p, e);
    case "ip":
      return printIp(p, e);
    case "label":
      return printAs(p, printExpr(p, e.operand), e.operand.type, e.type);
    case "element":
      return printElement(p, e);
    case "field":
      return `(${printExpr(p, e.object)}).${memberName(e.name)}`;
    case "object": {
      const fields = e.fields.map((field) => `.${memberName(field.name)} = ${printExpr(p, field.value)}`);
      return `((${types.of(e.type)}){ ${fields.join(", ")} })`;
    }
    case "array":
      throw new Error("an array literal stands in events only");
    case "map-get":
    case "map-has":
    case "map-delete":
    case "map-set":
      return printMapCall(p, e);
    case "option":
      return printOption(p, e);
    case "option-size":
      return `((__s64)${e.option.cName}_size)`;
    case "option-has":
      return printOptionHas(p, e);
    case "kernel-read":
      return printKernelRead(p, e);
    case "kptr":
      return printExpr(p, e.address);
    case "if-not-null":
      return printIfNotNull(p, e);
    case "call":
      return printCall(p, e);
    case "emit":
      return printEmit(p, e);
  }
}

function printConstant(p: FunctionPrinter, { value, type }: ExprOf<"constant">): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "bigint") return printInteger(value);
  if (typeof value === "string") return `((${p.program.types.of(textType(type))}){ ${quote(value)} })`;
  return "0";
}

function textType(type: IrType): IrType {
  return type.kind === "literal" ? { kind: "string", size: new TextEncoder().encode(type.value).length + 1 } : type;
}

/** An integer literal of C: negative ones in parentheses, the most negative one made of two. */
export function printInteger(value: bigint): string {
  if (value === -(2n ** 63n)) return "(-9223372036854775807LL - 1)";
  if (value < 0n) return `(${value}LL)`;
  return value >= 2n ** 63n ? `${value}ULL` : `${value}LL`;
}

/** A value of one type in the form of another that is held differently: texts of another size, optionals of another inside. */
function printAs(p: FunctionPrinter, text: string, from: IrType, to: IrType): string {
  if (from.kind === "string" && to.kind === "string" && from.size !== to.size) {
    const [source, copy] = [p.temporary(), p.temporary()];
    const size = Math.min(from.size, to.size);
    return p.steps(`${p.program.types.of(from)} ${source} = ${text};`, `${p.program.types.of(to)} ${copy} = {};`, `__builtin_memcpy(${copy}.v, ${source}.v, ${size});`, ...(to.size < from.size ? [`${copy}.v[${to.size - 1}] = 0;`] : []), `${copy};`);
  }
  if (from.kind === "bigint" && to.kind === "bigint" && from.signed !== to.signed) return `((${p.program.types.of(to)})${text})`;
  return text;
}

function printWrap(p: FunctionPrinter, e: ExprOf<"wrap">): string {
  const type = p.program.types.of(e.type);
  if (e.operand.type.kind === "undefined") return `((${type}){})`;
  return `((${type}){ .has = 1, .value = ${printExpr(p, e.operand)} })`;
}

function printConvert(p: FunctionPrinter, e: ExprOf<"convert">): string {
  const target = p.program.types.of(e.type);
  const operand = printExpr(p, e.operand);
  if (e.site === undefined) return `((${target})${operand})`;
  const kept = p.temporary();
  const from = p.program.types.of(e.operand.type);
  const unfit = e.type.kind === "number" ? (from === "__u64" ? `${kept} > ${Number.MAX_SAFE_INTEGER}ULL` : `${kept} > ${Number.MAX_SAFE_INTEGER}LL || ${kept} < ${Number.MIN_SAFE_INTEGER}LL`) : `(__s64)${kept} < 0`;
  return p.steps(`${from} ${kept} = ${operand};`, `if (${unfit}) ${p.fail(e.site)}`, `(${target})${kept};`);
}

function printTask(p: FunctionPrinter, e: ExprOf<"task">): string {
  switch (e.what) {
    case "pid":
      return "((__s64)(bpf_get_current_pid_tgid() >> 32))";
    case "tid":
      return "((__s64)(__u32)bpf_get_current_pid_tgid())";
    case "ktimeNs":
      return "bpf_ktime_get_ns()";
    case "comm": {
      const text = p.temporary();
      return p.steps(`${p.program.types.of(e.type)} ${text} = {};`, `bpf_get_current_comm(${text}.v, sizeof(${text}.v));`, `${text};`);
    }
  }
}

function printIp(p: FunctionPrinter, e: ExprOf<"ip">): string {
  const { count } = e.bytes.type as Extract<IrType, { kind: "ints" }>;
  const [bytes, address] = [p.temporary(), p.temporary()];
  const ip = p.program.types.of(e.type);
  return p.steps(
    `${p.program.types.of(e.bytes.type)} ${bytes} = ${printExpr(p, e.bytes)};`,
    `${ip} ${address} = { .family = ${count === 4 ? 2 : 10} };`,
    `__builtin_memcpy(${address}.bytes, ${bytes}.v, ${count});`,
    `${address};`,
  );
}

/** An element of an array: the array is copied to the stack first, since the context allows constant offsets only. */
function printElement(p: FunctionPrinter, e: ExprOf<"element">): string {
  const { count } = e.array.type as Extract<IrType, { kind: "ints" }>;
  const [array, index] = [p.temporary(), p.temporary()];
  const value = e.type.kind === "number" ? `(__s64)${array}.v[${index}]` : `${array}.v[${index}]`;
  return p.steps(
    `${p.program.types.of(e.array.type)} ${array} = ${printExpr(p, e.array)};`,
    `__u64 ${index} = ${printExpr(p, e.index)};`,
    // Known to be inside where there is no site; the verifier still wants to see it.
    e.site === undefined ? `if (${index} >= ${count}) ${p.leave().startsWith("return 0") ? "return 0;" : `{ ${p.leave()} }`}` : `if (${index} >= ${count}) ${p.fail(e.site)}`,
    `${value};`,
  );
}

function printCall(p: FunctionPrinter, e: ExprOf<"call">): string {
  const given = e.arguments.map((argument) => printExpr(p, argument));
  const call = `${e.helper.cName}(${[...given, p.isHandler ? "&tsp_failed" : "tsp_failed"].join(", ")})`;
  const stop = `if (${p.isHandler ? "tsp_failed" : "*tsp_failed"}) { ${p.isHandler ? "return 0;" : p.leave()} }`;
  if (e.type.kind === "undefined") return p.steps(`${call};`, stop, "(void)0;");
  const result = p.temporary();
  return p.steps(`${p.program.types.of(e.type)} ${result} = ${call};`, stop, `${result};`);
}
