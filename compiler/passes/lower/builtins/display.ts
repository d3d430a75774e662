import { createExpr, type Expr } from "../../../ir/nodes.js";
import { describeType, IP } from "../../../ir/types.js";
import { lowerArguments } from "../calls.js";
import { requireInteger, requirePresent } from "../coerce.js";
import type { BuiltinLowering } from "./use.js";

/** ip(bytes): an address of 4 or 16 bytes. */
export const lowerIp: BuiltinLowering = ({ f, node, span }) => {
  const [bytes] = lowerArguments(f, node, 1, "ip(ctx.saddr)") as [Expr];
  const { type } = requirePresent(f, bytes);
  // An IPv4 address as the kernel keeps it: a __be32, whose bytes in memory are in network order.
  if (type.kind === "number") return createExpr({ kind: "ip", bytes, span, type: IP });
  if (type.kind !== "ints" || type.element.size !== 1 || (type.count !== 4 && type.count !== 16)) {
    f.report.refuse("TSP2201", bytes.span, `ip() needs an address of 4 or 16 bytes, not ${describeType(type)}`, {
      hints: ["pass a field such as ctx.saddr or ctx.saddr_v6"],
    });
  }
  return createExpr({ kind: "ip", bytes, span, type: IP });
};

/** tcpState(code) and the like: an integer that Node shows by name. */
export const lowerName: BuiltinLowering = ({ f, builtin, node, span }) => {
  const [code] = lowerArguments(f, node, 1, "tcpState(ctx.newstate)") as [Expr];
  const value = requireInteger(f, code);
  if (value.type.kind !== "number") f.report.refuse("TSP2203", code.span, "this needs a number, not a bigint");
  return createExpr({
    kind: "label",
    operand: value,
    span,
    type: Object.freeze({ kind: "name", names: builtin.names ?? new Map(), range: value.type.range }),
  });
};

/** num(x): a 64-bit value that Node receives as a double. */
export const lowerNum: BuiltinLowering = ({ f, node, span }) => {
  const [value] = lowerArguments(f, node, 1, "num(x)") as [Expr];
  const { type } = requireInteger(f, value);
  if (type.kind === "number") return value;
  return createExpr({ kind: "label", operand: value, span, type: Object.freeze({ kind: "double", signed: type.signed }) });
};
