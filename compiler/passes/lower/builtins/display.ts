import { createExpr, type Expr } from "../../../ir/nodes.js";
import { describeType, IP, MAC } from "../../../ir/types.js";
import { lowerArguments } from "../calls.js";
import { requireInteger, requirePresent, toSigned } from "../coerce.js";
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

/** mac(bytes): a hardware address. */
export const lowerMac: BuiltinLowering = ({ f, node, span }) => {
  const [operand] = lowerArguments(f, node, 1, "mac(bytes(address, 6))") as [Expr];
  const { type } = requirePresent(f, operand);
  if (type.kind !== "ints" || type.element.size !== 1 || type.element.signed || type.count !== 6)
    f.report.refuse("TSP2201", operand.span, `mac() needs 6 bytes, not ${describeType(type)}`, {
      hints: ["pass a field of 6 bytes, or bytes(address, 6)"],
    });
  return createExpr({ kind: "label", operand, span, type: MAC });
};

/** tcpState(code) and the like: an integer that Node shows by name. */
export const lowerName: BuiltinLowering = ({ f, builtin, node, span }) => {
  const [code] = lowerArguments(f, node, 1, "tcpState(ctx.newstate)") as [Expr];
  const value = toSigned(f, requireInteger(f, code), true) as ReturnType<typeof requireInteger>;
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
