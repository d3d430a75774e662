import { rangeOfWidth, U64 } from "../../../ir/range.js";
import { BOOLEAN, bigintType, COMM, type IrType, numberType } from "../../../ir/types.js";
import { checkCount } from "../calls.js";
import { type BuiltinLowering, builtinExpr } from "./use.js";

const U32_NUMBER = numberType(rangeOfWidth(4, false));

const TYPES = {
  pid: U32_NUMBER,
  tid: U32_NUMBER,
  uid: U32_NUMBER,
  gid: U32_NUMBER,
  cpu: U32_NUMBER,
  random: U32_NUMBER,
  inInterrupt: BOOLEAN,
  isWantedTask: BOOLEAN,
  comm: COMM,
  cgroupId: bigintType(U64, false),
  curtask: Object.freeze({ kind: "pointer", struct: "task_struct", nullable: false }),
} as const satisfies Readonly<Record<string, IrType>>;

/** What one helper of the kernel tells of the current task or CPU. */
export const lowerTaskValue: BuiltinLowering = (use) => {
  const name = use.builtin.name as keyof typeof TYPES;
  checkCount(use.f, use.node, 0, `${name}()`);
  return builtinExpr(name, [], TYPES[name], use);
};
