import type { MemoryBuiltin } from "../../../../dsl/builtin.js";
import { DEFAULT_TEXT_BYTES, MOST_BYTES } from "../../../../dsl/builtins-text.js";
import { createExpr, type Expr } from "../../../ir/nodes.js";
import { describeType, type IrType, optionalType } from "../../../ir/types.js";
import { checkCount, plainArgument } from "../calls.js";
import { requirePresent } from "../coerce.js";
import { lowerExpr } from "../expressions.js";
import { type BuiltinLowering, type BuiltinUse, builtinExpr } from "./use.js";

/** str(address, size?), userStr(address, size?). User memory may be absent for good reasons, so that gives undefined. */
export const lowerText: BuiltinLowering = (use) => {
  const { f, node, builtin } = use;
  const name = builtin.name as "str" | "userStr";
  if (node.arguments.length !== 1) checkCount(f, node, 2, `${name}(address, 64)`);
  const [from, given] = node.arguments.map((argument) => lowerExpr(f, plainArgument(f, argument)));
  const source = requirePresent(f, from as Expr);
  const size = given === undefined ? DEFAULT_TEXT_BYTES : constantSize(use, given, 2);
  if (name === "str" && source.kind === "context-field" && source.field.type.kind === "dataLoc" && source.type.kind === "string")
    return createExpr({ ...source, span: use.span, type: Object.freeze({ kind: "string", size }) });
  const type: IrType = Object.freeze({ kind: "string", size });
  return readAt(use, name, source, type);
};

const BYTE = Object.freeze({ size: 1 as const, signed: false });

/** bytes(address, size), userBytes(address, size). */
export const lowerBytes: BuiltinLowering = (use) => {
  const { f, node, builtin } = use;
  const name = builtin.name as "bytes" | "userBytes";
  checkCount(f, node, 2, `${name}(address, 16)`);
  const [source, given] = node.arguments.map((argument) => lowerExpr(f, plainArgument(f, argument))) as [Expr, Expr];
  const count = constantSize(use, given, 1);
  return readAt(use, name, requirePresent(f, source), Object.freeze({ kind: "ints", count, element: BYTE }));
};

function readAt(use: BuiltinUse, name: MemoryBuiltin, address: Expr, type: IrType): Expr {
  const { f, span } = use;
  if (address.type.kind !== "bigint")
    f.report.refuse("TSP2501", address.span, `${name}() needs an address, which is a bigint, not ${describeType(address.type)}`, {
      hints: [
        address.type.kind === "string" || address.type.kind === "literal"
          ? "this is a text already: use it as it is"
          : "pass a field that holds an address, such as ctx.filename of syscalls:sys_enter_openat",
      ],
    });
  if (name.startsWith("user")) return builtinExpr(name, [address], optionalType(type), use);
  return builtinExpr(name, [address], type, use, f.site("read", span, `${name}()`));
}

/** How many bytes to read: known when the handler is compiled. */
function constantSize({ f, builtin }: BuiltinUse, size: Expr, least: number): number {
  const { type } = size;
  const value = type.kind === "number" && type.range.min === type.range.max ? Number(type.range.min) : Number.NaN;
  if (!(value >= least && value <= MOST_BYTES))
    f.report.refuse(
      "TSP2500",
      size.span,
      `the size that ${builtin.name}() reads must be a constant from ${least} to ${MOST_BYTES}`,
      {
        hints: [`write the number: ${builtin.name}(address, ${builtin.name.endsWith("tr") ? 256 : 16})`],
      },
    );
  return value;
}
