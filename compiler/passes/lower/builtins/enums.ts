import type { Span } from "../../../../diagnostics/span.js";
import type { BtfEnum } from "../../../../kernel/btf-types.js";
import { nearestNames } from "../../../../kernel/nearest.js";
import { createExpr, type Expr } from "../../../ir/nodes.js";
import { rangeOfWidth } from "../../../ir/range.js";
import { bigintType, type IrType, numberType } from "../../../ir/types.js";
import { lowerArguments } from "../calls.js";
import { requireInteger } from "../coerce.js";
import type { FunctionContext } from "../context.js";
import { toNumber } from "../math.js";
import { literalArgument } from "./kernel-memory.js";
import type { BuiltinLowering } from "./use.js";

function requireEnum(f: FunctionContext, name: string, span: Span): BtfEnum {
  const btf = f.module.kernel.btf();
  const found = btf.enum(name);
  if (found !== undefined) return found;
  const near = nearestNames(name, btf.enumNames(), 3);
  return f.report.refuse("TSP2556", span, `this kernel (${f.module.kernel.release}) has no enum ${name}`, {
    failure: "name",
    hints: near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : [],
  });
}

/** enumName("skb_drop_reason", ctx.reason): an integer that Node shows by the name that this kernel's BTF has for it. */
export const lowerEnumName: BuiltinLowering = ({ f, node, span }) => {
  const usage = 'enumName("skb_drop_reason", ctx.reason)';
  const [name, value] = lowerArguments(f, node, 2, usage) as [Expr, Expr];
  const enumeration = requireEnum(f, literalArgument(f, name, "the enum's name", usage), name.span);
  const integer = requireInteger(f, value);
  const operand = integer.type.kind === "bigint" ? toNumber(f, integer, node) : integer;
  const names = namesOf(enumeration);
  const { range } = operand.type as Extract<IrType, { kind: "number" }>;
  return createExpr({ kind: "label", operand, span, type: Object.freeze({ kind: "name", names, range }) });
};

const known = new WeakMap<BtfEnum, ReadonlyMap<number, string>>();

/** The same map for the same enum: two values of it are of one type. */
function namesOf(enumeration: BtfEnum): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  // Of two names for one value the first is the usual one: the others mark ends of ranges.
  for (const { name, value } of enumeration.values)
    if (Number.isSafeInteger(Number(value)) && !names.has(Number(value))) names.set(Number(value), name);
  const kept = known.get(enumeration) ?? names;
  known.set(enumeration, kept);
  return kept;
}

/** enumValue("skb_drop_reason", "SKB_DROP_REASON_NO_SOCKET"): filled in when the program is loaded (CO-RE). */
export const lowerEnumValue: BuiltinLowering = ({ f, node, span }) => {
  const usage = 'enumValue("skb_drop_reason", "SKB_DROP_REASON_NO_SOCKET")';
  const [name, member] = lowerArguments(f, node, 2, usage) as [Expr, Expr];
  const enumeration = literalArgument(f, name, "the enum's name", usage);
  const wanted = literalArgument(f, member, "the value's name", usage);
  const type = requireEnum(f, enumeration, name.span);
  const found = type.values.find((each) => each.name === wanted);
  if (found === undefined) {
    const names = type.values.map((each) => each.name);
    const near = nearestNames(wanted, names, 3);
    return f.report.refuse("TSP2557", member.span, `enum ${enumeration} of this kernel has no value ${wanted}`, {
      failure: "name",
      hints: near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : [`values are ${names.slice(0, 20).join(", ")}`],
    });
  }
  const size = type.size as 1 | 2 | 4 | 8;
  const range = rangeOfWidth(size, type.signed);
  return createExpr({
    kind: "enum-value",
    enumeration: Object.freeze({ name: enumeration, typedef: type.name === "" }),
    member: wanted,
    value: found.value,
    span,
    // Not only its value here: another kernel may have given the name another one.
    type: size === 8 ? bigintType(range, type.signed) : numberType(range),
  });
};
