import type { Expression } from "oxc-parser";
import { findMember } from "../../../../kernel/btf-members.js";
import { createExpr, type Expr, type PathStep } from "../../../ir/nodes.js";
import { rangeOfWidth, U64 } from "../../../ir/range.js";
import { BOOLEAN, bigintType, describeType, numberType } from "../../../ir/types.js";
import { absentExpr } from "../absent.js";
import { checkCount, lowerArguments, plainArgument } from "../calls.js";
import { requireInteger, requirePresent } from "../coerce.js";
import type { FunctionContext } from "../context.js";
import { lowerExpr, lowerOperand } from "../expressions.js";
import { memberTypeOf } from "../kernel-member-type.js";
import { refuseType, requireNotNull, structPlace } from "../kernel-struct.js";
import type { KernelPlace } from "../operand.js";
import type { BuiltinLowering } from "./use.js";

/** A literal text as an argument. */
export function literalArgument(f: FunctionContext, argument: Expr, what: string, usage: string): string {
  if (argument.type.kind === "literal") return argument.type.value;
  return f.report.refuse("TSP2553", argument.span, `${what} must be a literal text`, { hints: [`write ${usage}`] });
}

/** exists(sk, "sk_rx_dst_ifindex") */
export const lowerExists: BuiltinLowering = ({ f, node, span }) => {
  const usage = 'exists(sk, "sk_mark")';
  checkCount(f, node, 2, usage);
  const [first, second] = node.arguments.map((argument) => plainArgument(f, argument)) as [Expression, Expression];
  const object = kernelObject(f, first, "exists()");
  const name = literalArgument(f, lowerExpr(f, second), "the member's name", usage);
  const place = structPlace(f, object, object.span);
  const btf = f.module.kernel.btf();
  const found = findMember(btf, place.struct, name);
  if (found === undefined) return absentExpr(span);
  const type = memberTypeOf(btf, found.member);
  if ("reason" in type) return refuseType(f, name, type, f.span(second));
  const step: PathStep = Object.freeze({ kind: "member", struct: place.ref, member: name, type });
  // Which element of an array makes no difference.
  const path = [...place.path, step].map((each) => (each.kind === "index" ? { ...each, at: 0 } : each));
  return createExpr({ kind: "kernel-has", path: Object.freeze(path), span, type: BOOLEAN });
};

/** addressOf(sk), addressOf(sk.__sk_common) */
export const lowerAddressOf: BuiltinLowering = ({ f, node, span }) => {
  checkCount(f, node, 1, "addressOf(sk)");
  const object = kernelObject(f, plainArgument(f, node.arguments[0] as never), "addressOf()");
  const type = bigintType(U64, false, true);
  if (object.kind !== "place") return createExpr({ kind: "kptr", address: object, span, type });
  const { pointer, path, indices } = object;
  return createExpr({ kind: "kernel-address", pointer, path, indices, span, type });
};

function kernelObject(f: FunctionContext, node: Expression, call: string): Expr | KernelPlace {
  const object = lowerOperand(f, node);
  if (object.kind === "place") return object;
  if (object.kind === "static" || object.type.kind !== "pointer") {
    const given = object.kind === "static" ? object.text : describeType(object.type);
    return f.report.refuse("TSP2554", object.span, `${call} needs a kernel struct, not ${given}`, {
      hints: ['get one with kptr("sock", address), or from a hook\'s arguments'],
    });
  }
  if (call === "exists()") requireNotNull(f, object);
  return object;
}

/** kread("u16", address) */
export const lowerKread: BuiltinLowering = ({ f, node, span }) => {
  const usage = 'kread("u16", address)';
  const [name, address] = lowerArguments(f, node, 2, usage) as [Expr, Expr];
  const type = literalArgument(f, name, "the integer's type", usage);
  const match = /^([us])(8|16|32|64)$/.exec(type);
  if (match === null)
    return f.report.refuse("TSP2555", name.span, `kread() cannot read ${JSON.stringify(type)}`, {
      failure: "name",
      hints: ["types are u8 u16 u32 u64 and s8 s16 s32 s64"],
    });
  if (requireInteger(f, requirePresent(f, address)).type.kind !== "bigint")
    f.report.refuse("TSP2203", address.span, "an address is a bigint", { hints: ["pass a field such as skb.head"] });
  const size = (Number(match[2]) / 8) as 1 | 2 | 4 | 8;
  const signed = match[1] === "s";
  const range = rangeOfWidth(size, signed);
  return createExpr({
    kind: "kernel-peek",
    address,
    integer: Object.freeze({ size, signed }),
    site: f.site("read", span, `kread("${type}")`),
    span,
    type: size === 8 ? bigintType(range, signed) : numberType(range),
  });
};
