import type { CallExpression, MemberExpression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { MOST_NETWORKS } from "../../../dsl/networks.js";
import { OPTION_TEXT_BYTES } from "../../../dsl/opt.js";
import type { DeclaredOption } from "../../../dsl/options.js";
import { createExpr, type Expr, type OptionRef } from "../../ir/nodes.js";
import { rangeOfWidth, U32, U64 } from "../../ir/range.js";
import { BOOLEAN, bigintType, describeType, type IrType, numberType, optionalType } from "../../ir/types.js";
import { lowerArguments } from "./calls.js";
import { requireInteger, requirePresent } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import type { StaticValue } from "./operand.js";

/** Options that are asked what is in them. */
const SETS = { u16Set: "numbers", cidrSet: "networks" } as const;

type SetOption = DeclaredOption & { readonly spec: { readonly type: keyof typeof SETS } };

/** Whether a host value is an option that holds a set. */
export function isOptionSet(value: unknown): value is SetOption {
  const type = typeof value === "object" && value !== null ? (value as DeclaredOption).spec?.type : undefined;
  return type !== undefined && Object.hasOwn(SETS, type);
}

const optionRefs = new WeakMap<DeclaredOption, OptionRef>();

/** What the C side calls an option; the same object for the same option, so that facts can be kept about it. */
function optionRef(option: DeclaredOption): OptionRef {
  const ref = optionRefs.get(option) ?? createOptionRef(option);
  optionRefs.set(option, ref);
  return ref;
}

function createOptionRef(option: DeclaredOption): OptionRef {
  return Object.freeze({
    cName: `opt_${option.long.replace(/-/g, "_")}`,
    long: option.long,
    type: optionType(option),
    set: isOptionSet(option) ? SETS[option.spec.type] : undefined,
  });
}

function optionType(option: DeclaredOption): IrType {
  const plain = plainType(option);
  return option.spec.default === undefined ? optionalType(plain) : plain;
}

function plainType({ spec }: DeclaredOption): IrType {
  switch (spec.type) {
    case "flag":
      return BOOLEAN;
    case "u64":
      return bigintType(U64, false);
    case "string":
      return Object.freeze({ kind: "string", size: OPTION_TEXT_BYTES + 1 });
    default:
      return numberType(spec.type === "u16" ? rangeOfWidth(2, false) : U32);
  }
}

/** `opts.name` */
export function optionValue(f: FunctionContext, option: DeclaredOption, node: MemberExpression): Expr {
  const span = f.span(node);
  const ref = optionRef(option);
  const whole = createExpr({ kind: "option", option: ref, span, type: ref.type });
  if (ref.type.kind !== "optional" || !f.facts.present.has(ref)) return whole;
  return createExpr({ kind: "unwrap", operand: whole, span, type: ref.type.value });
}

/** `opts.ports.size` */
export function optionSize(option: SetOption, span: Span): Expr {
  const max = option.spec.type === "u16Set" ? 65_536n : BigInt(MOST_NETWORKS);
  return createExpr({ kind: "option-size", option: optionRef(option), span, type: numberType({ min: 0n, max }) });
}

/** `opts.ports.has(port)`, `opts.peers.has(ip(ctx.daddr))` */
export function lowerSetCall(
  f: FunctionContext,
  object: StaticValue,
  option: SetOption,
  method: string,
  node: CallExpression,
): Expr {
  const span = f.span(node);
  const numbers = option.spec.type === "u16Set";
  const isFind = method === "find" && !numbers;
  if (method !== "has" && !isFind)
    f.report.refuse("TSP2118", span, `${object.text} has no ${method}() in kernel code`, {
      hints: [numbers ? "use .has(x) or .size" : "use .has(x), .find(x) or .size"],
    });
  const [value] = lowerArguments(f, node, 1, `${object.text}.${method}(${numbers ? "port" : "ip(ctx.daddr)"})`) as [Expr];
  if (numbers) {
    if (requireInteger(f, value).type.kind !== "number")
      f.report.refuse("TSP2203", value.span, "the set holds numbers, not bigints", { hints: ["convert with Number(x)"] });
  } else if (requirePresent(f, value).type.kind !== "ip") {
    f.report.refuse("TSP2560", value.span, `the set holds networks: ask it for an address, not for ${describeType(value.type)}`, {
      hints: [`write .${method}(ip(ctx.daddr))`],
    });
  }
  if (isFind) {
    const type = numberType({ min: -1n, max: BigInt(MOST_NETWORKS - 1) });
    return createExpr({ kind: "option-find", option: optionRef(option), value, span, type });
  }
  return createExpr({ kind: "option-has", option: optionRef(option), value, span, type: BOOLEAN });
}
