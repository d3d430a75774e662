import type { Expr, Stmt } from "../ir/nodes.js";
import { visitStatements } from "../ir/walk.js";
import type { ProgramPrinter } from "./printer.js";

/** Whether any helper called there can end the run. */
export function callsFailing(printer: ProgramPrinter, body: readonly Stmt[]): boolean {
  return someExpr(body, (expr) => expr.kind === "call" && printer.failing.has(expr.helper.cName));
}

/** Whether a failed check in the statements ends the run: every check but those that only count. */
export function canFail(printer: ProgramPrinter, body: readonly Stmt[]): boolean {
  if (callsFailing(printer, body)) return true;
  let limited = false;
  visitStatements(
    body,
    (s) => {
      limited ||= s.kind === "loop" && s.site !== undefined;
    },
    () => {},
  );
  return limited || someExpr(body, endsRun);
}

/** What goes on after it has counted. */
const COUNTED: ReadonlySet<Expr["kind"]> = new Set(["map-set", "map-add", "stash-put", "aggregate", "emit"]);

function endsRun(expr: Expr): boolean {
  const counts = COUNTED.has(expr.kind) || expr.type.kind === "stack";
  return !counts && (("site" in expr && expr.site !== undefined) || ("zero" in expr && expr.zero !== undefined));
}

export function someExpr(body: readonly Stmt[], is: (expr: Expr) => boolean): boolean {
  let found = false;
  visitStatements(
    body,
    () => {},
    (expr) => {
      found ||= is(expr);
    },
  );
  return found;
}
