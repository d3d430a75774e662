import { MOST_FRAMES } from "../../../../dsl/stack-values.js";
import type { Expr } from "../../../ir/nodes.js";
import { createExpr } from "../../../ir/nodes.js";
import { describeType, KERNEL_STACK, KERNEL_SYMBOL, USER_STACK, USER_SYMBOL } from "../../../ir/types.js";
import { lowerArguments, plainArgument } from "../calls.js";
import { constantExpr, requirePresent } from "../coerce.js";
import { lowerExpr } from "../expressions.js";
import { type BuiltinLowering, type BuiltinUse, builtinExpr } from "./use.js";

/** kstack(depth), ustack(depth). A stack that cannot be kept is counted; the run goes on. */
export const lowerStack: BuiltinLowering = (use) => {
  const name = use.builtin.name as "kstack" | "ustack";
  const { f, span } = use;
  if (f.kind === "helper")
    f.report.refuse("TSP2602", span, `${name}() is not available in a helper: the kernel walks the stack of a handler`, {
      hints: ["call it in the handler, and pass it on"],
    });
  const site = f.site("stack", span);
  return builtinExpr(name, [lowerDepth(use, name)], name === "kstack" ? KERNEL_STACK : USER_STACK, use, site);
};

function lowerDepth({ f, node, span }: BuiltinUse, name: string): Expr {
  const [given] = node.arguments;
  if (given === undefined) return constantExpr(MOST_FRAMES, span);
  if (node.arguments.length > 1)
    f.report.refuse("TSP2119", span, `${name}() takes at most one argument, the depth`, { hints: [`write ${name}(16)`] });
  const depth = lowerExpr(f, plainArgument(f, given));
  const isDepth =
    depth.kind === "constant" && depth.type.kind === "number" && typeof depth.value === "bigint" && depth.value >= 1n;
  if (!isDepth || (depth.value as bigint) > BigInt(MOST_FRAMES))
    f.report.refuse("TSP2600", depth.span, `the depth of a stack is a constant from 1 to ${MOST_FRAMES}`, {
      hints: [`write a number, as in ${name}(16), or a const of the module`],
    });
  return depth;
}

/** ksym(address): the address itself, which Node shows by name. */
export const lowerKsym: BuiltinLowering = (use) =>
  createExpr({ kind: "label", operand: lowerAddress(use, "ksym(ctx.location)"), span: use.span, type: KERNEL_SYMBOL });

/** usym(address): with the process whose address it is. */
export const lowerUsym: BuiltinLowering = (use) => builtinExpr("usym", [lowerAddress(use, "usym(address)")], USER_SYMBOL, use);

function lowerAddress({ f, node }: BuiltinUse, usage: string): Expr {
  const [address] = lowerArguments(f, node, 1, usage) as [Expr];
  const { type } = requirePresent(f, address);
  if (type.kind !== "bigint")
    f.report.refuse("TSP2601", address.span, `this needs an address, a bigint, not ${describeType(type)}`, {
      hints: [`write ${usage}`],
    });
  return address;
}
