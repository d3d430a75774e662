import { TIME } from "../../../ir/range.js";
import { bigintType } from "../../../ir/types.js";
import { checkCount } from "../calls.js";
import { type BuiltinLowering, builtinExpr } from "./use.js";

export const lowerKtimeNs: BuiltinLowering = (use) => {
  checkCount(use.f, use.node, 0, "ktimeNs()");
  return builtinExpr("ktimeNs", [], bigintType(TIME, false), use);
};
