import type { CallExpression } from "oxc-parser";
import type { Span } from "../../../../diagnostics/span.js";
import type { Builtin, BuiltinName } from "../../../../dsl/builtin.js";
import type { Expr } from "../../../ir/nodes.js";
import { checkCount } from "../calls.js";
import type { FunctionContext } from "../context.js";
import { lowerKptr } from "../kernel-struct.js";
import { lowerClock } from "./clock.js";
import { lowerIp, lowerMac, lowerName, lowerNum } from "./display.js";
import { lowerEnumName, lowerEnumValue } from "./enums.js";
import { lowerFlags } from "./flags.js";
import { lowerProbeName } from "./hook.js";
import { lowerAddressOf, lowerExists, lowerKread } from "./kernel-memory.js";
import { lowerBytes, lowerText } from "./memory.js";
import { lowerKsym, lowerStack, lowerUsym } from "./stack.js";
import { lowerTaskValue } from "./task.js";
import { lowerNetns, lowerPpid } from "./task-struct.js";
import type { BuiltinLowering } from "./use.js";

/** How a call of each builtin is lowered: a new one has its function in a file here, and a row. */
const LOWERINGS: Readonly<Record<BuiltinName, BuiltinLowering>> = {
  probeName: lowerProbeName,
  pid: lowerTaskValue,
  tid: lowerTaskValue,
  ppid: lowerPpid,
  uid: lowerTaskValue,
  gid: lowerTaskValue,
  comm: lowerTaskValue,
  cgroupId: lowerTaskValue,
  netns: lowerNetns,
  cpu: lowerTaskValue,
  curtask: lowerTaskValue,
  random: lowerTaskValue,
  inInterrupt: lowerTaskValue,
  isWantedTask: lowerTaskValue,
  ktimeNs: lowerClock,
  bootNs: lowerClock,
  wallNs: lowerClock,
  kstack: lowerStack,
  ustack: lowerStack,
  ksym: lowerKsym,
  usym: lowerUsym,
  str: lowerText,
  userStr: lowerText,
  bytes: lowerBytes,
  userBytes: lowerBytes,
  ip: lowerIp,
  mac: lowerMac,
  name: lowerName,
  num: lowerNum,
  exists: lowerExists,
  addressOf: lowerAddressOf,
  kread: lowerKread,
  enumName: lowerEnumName,
  enumValue: lowerEnumValue,
  flags: lowerFlags,
  kptr: ({ f, node, span }) => {
    checkCount(f, node, 2, 'kptr("sock", ctx.skaddr)');
    return lowerKptr(f, node, span);
  },
};

/** A call of a function of tsprobe. */
export function lowerBuiltin(f: FunctionContext, builtin: Builtin, node: CallExpression, span: Span): Expr {
  return LOWERINGS[builtin.name]({ f, builtin, node, span });
}
