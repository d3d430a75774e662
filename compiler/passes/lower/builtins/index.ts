import type { CallExpression } from "oxc-parser";
import type { Span } from "../../../../diagnostics/span.js";
import type { Builtin, BuiltinName } from "../../../../dsl/builtin.js";
import type { Expr } from "../../../ir/nodes.js";
import { checkCount } from "../calls.js";
import type { FunctionContext } from "../context.js";
import { lowerKptr } from "../kernel-struct.js";
import { lowerKtimeNs } from "./clock.js";
import { lowerIp, lowerName, lowerNum } from "./display.js";
import { lowerComm, lowerTaskId } from "./task.js";
import type { BuiltinLowering } from "./use.js";

/** How a call of each builtin is lowered: a new one has its function in a file here, and a row. */
const LOWERINGS: Readonly<Record<BuiltinName, BuiltinLowering>> = {
  pid: lowerTaskId,
  tid: lowerTaskId,
  comm: lowerComm,
  ktimeNs: lowerKtimeNs,
  ip: lowerIp,
  name: lowerName,
  num: lowerNum,
  kptr: ({ f, node, span }) => {
    checkCount(f, node, 2, 'kptr("sock", ctx.skaddr)');
    return lowerKptr(f, node, span);
  },
};

/** A call of a function of tsprobe. */
export function lowerBuiltin(f: FunctionContext, builtin: Builtin, node: CallExpression, span: Span): Expr {
  return LOWERINGS[builtin.name]({ f, builtin, node, span });
}
