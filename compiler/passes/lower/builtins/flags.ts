import type { Expression } from "oxc-parser";
import type { FlagNames } from "../../../../dsl/flags.js";
import { createExpr, type Expr } from "../../../ir/nodes.js";
import { checkCount, plainArgument } from "../calls.js";
import { requireInteger } from "../coerce.js";
import type { FunctionContext } from "../context.js";
import { lowerExpr, lowerOperand } from "../expressions.js";
import type { BuiltinLowering } from "./use.js";

const NO_NAMES: ReadonlyMap<number, string> = new Map();

/** flags(value, { SYN: 2 }), tcpFlags(value): an integer whose bits Node shows by name. */
export const lowerFlags: BuiltinLowering = ({ f, builtin, node, span }) => {
  const fixed = builtin.flags;
  checkCount(f, node, fixed === undefined ? 2 : 1, fixed === undefined ? "flags(value, { SYN: 2, ACK: 16 })" : "tcpFlags(value)");
  const [value, table] = node.arguments.map((argument) => plainArgument(f, argument)) as [Expression, Expression];
  const operand = requireInteger(f, lowerExpr(f, value));
  const flags = fixed ?? flagTable(f, table);
  const { range } = operand.type;
  return createExpr({
    kind: "label",
    operand,
    span,
    type: Object.freeze({ kind: "name", names: NO_NAMES, flags, range }),
  });
};

/** The names, written in the call or in a constant of the module. */
function flagTable(f: FunctionContext, node: Expression): FlagNames {
  const operand = lowerOperand(f, node);
  const table =
    operand.kind === "static"
      ? operand.value
      : operand.kind === "object"
        ? Object.fromEntries(operand.fields.map(({ name, value }) => [name, constantOf(value)]))
        : undefined;
  const isTable =
    typeof table === "object" &&
    table !== null &&
    Object.values(table).every((each) => typeof each === "bigint" || Number.isSafeInteger(each));
  if (!isTable)
    return f.report.refuse("TSP2558", operand.span, "the names of flags must be constants", {
      hints: ["write flags(value, { SYN: 2, ACK: 16 }), or name an object like this at module level"],
    });
  return Object.freeze({ ...(table as FlagNames) });
}

function constantOf(value: Expr): unknown {
  return value.kind === "constant" && typeof value.value === "bigint" ? value.value : undefined;
}
