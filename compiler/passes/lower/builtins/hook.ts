import { createExpr, createStmt, type Local } from "../../../ir/nodes.js";
import { type IrType, numberType } from "../../../ir/types.js";
import { checkCount } from "../calls.js";
import { constantExpr } from "../coerce.js";
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
  const range = { min: 0n, max: BigInt(hook.places.length - 1) };
  f.cookie ??= declareCookie(use, numberType(range));
  return createExpr({
    kind: "label",
    operand: createExpr({ kind: "local", local: f.cookie, span, type: f.cookie.type }),
    span,
    type: Object.freeze({ kind: "name", names: new Map(hook.places.map((name, cookie) => [cookie, name])), range }),
  });
};
