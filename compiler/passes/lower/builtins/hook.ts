import { createExpr, createStmt, type Local } from "../../../ir/nodes.js";
import { createRange } from "../../../ir/range.js";
import { type IrType, numberType } from "../../../ir/types.js";
import { checkCount } from "../calls.js";
import { constantExpr } from "../coerce.js";
import { arithmetic } from "../operators.js";
import { numberOfPlaces } from "../probe-titles.js";
import { type BuiltinLowering, type BuiltinUse, builtinExpr } from "./use.js";

/** Read once, first of all: the context is not at hand inside a loop's round, which may be a function of its own. */
function declareCookie(use: BuiltinUse, type: IrType): Local {
  const local = use.f.inScope(() => use.f.declare("cookie", type, false));
  use.f.prologue.push(createStmt({ kind: "declare", local, value: builtinExpr("attachCookie", [], type, use), span: use.span }));
  return local;
}

/** probeName(): a constant, or of a probe with several places the name that belongs to the cookie. */
export const lowerProbeName: BuiltinLowering = (use) => {
  const { f, node, span } = use;
  checkCount(f, node, 0, "probeName()");
  const { hook } = f;
  if (hook === undefined)
    return f.report.refuse("TSP2630", span, "probeName() is not available in a helper, which several probes may call", {
      hints: ["call it in the handler, and pass it on"],
    });
  if (hook.places === undefined) return constantExpr(hook.title, span);
  const { probeTitles } = f.module;
  const cookies = createRange(0n, BigInt(hook.places.length - 1));
  f.cookie ??= declareCookie(use, numberType(cookies));
  const cookie = createExpr({ kind: "local", local: f.cookie, span, type: f.cookie.type });
  const first = numberOfPlaces(probeTitles, hook.places);
  const operand = arithmetic(f, "+", cookie, constantExpr(first, span), span);
  const range = createRange(BigInt(first), BigInt(first) + cookies.max);
  return createExpr({ kind: "label", operand, span, type: Object.freeze({ kind: "name", names: probeTitles, range }) });
};
