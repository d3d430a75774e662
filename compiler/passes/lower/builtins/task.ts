import { rangeOfWidth } from "../../../ir/range.js";
import { COMM, numberType } from "../../../ir/types.js";
import { checkCount } from "../calls.js";
import { type BuiltinLowering, builtinExpr } from "./use.js";

/** pid(), tid(): u32. */
export const lowerTaskId: BuiltinLowering = (use) => {
  const name = use.builtin.name as "pid" | "tid";
  checkCount(use.f, use.node, 0, `${name}()`);
  return builtinExpr(name, [], numberType(rangeOfWidth(4, false)), use);
};

export const lowerComm: BuiltinLowering = (use) => {
  checkCount(use.f, use.node, 0, "comm()");
  return builtinExpr("comm", [], COMM, use);
};
