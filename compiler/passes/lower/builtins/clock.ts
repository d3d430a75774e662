import type { ClockBuiltin } from "../../../../dsl/builtin.js";
import { TIME } from "../../../ir/range.js";
import { bigintType } from "../../../ir/types.js";
import { checkCount } from "../calls.js";
import { type BuiltinLowering, builtinExpr } from "./use.js";

/** ktimeNs(), bootNs(), wallNs(): nanoseconds. */
export const lowerClock: BuiltinLowering = (use) => {
  const name = use.builtin.name as ClockBuiltin;
  checkCount(use.f, use.node, 0, `${name}()`);
  return builtinExpr(name, [], bigintType(TIME, false), use);
};
