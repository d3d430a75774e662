import { createStmt, type Expr, type Stmt } from "../../ir/nodes.js";
import { completes, isPure } from "../../ir/walk.js";
import { constantExpr } from "./coerce.js";

/**
 * Members that this kernel lacks: `exists(sk, "name")` is false there, and what stands under it cannot even be given types.
 * So the way that is never taken is not lowered, as the verifier would not look at it either.
 */
const absent = new WeakSet<Expr>();
const decided = new WeakSet<Stmt>();

/** The value of `exists` for a member that this kernel lacks. */
export function absentExpr(span: Expr["span"]): Expr {
  const expr = constantExpr(false, span);
  absent.add(expr);
  return expr;
}

/** What a test is known to be because of a missing member; undefined when it must be asked. */
export function decidedBy(test: Expr): boolean | undefined {
  switch (test.kind) {
    case "constant":
      return absent.has(test) ? false : undefined;
    case "not": {
      const inner = decidedBy(test.operand);
      return inner === undefined ? undefined : !inner;
    }
    case "and":
    case "or": {
      const [left, right] = [decidedBy(test.left), decidedBy(test.right)];
      const ends = test.kind === "or";
      if (left === ends || right === ends) return ends;
      return left === undefined || right === undefined ? undefined : !ends;
    }
    default:
      return undefined;
  }
}

/** The one way that is left of two. The test is still evaluated where that does something. */
export function onlyWay(test: Expr, body: readonly Stmt[], span: Stmt["span"]): Stmt {
  const before = isPure(test) ? [] : [createStmt({ kind: "evaluate", value: test, span: test.span })];
  const block = createStmt({ kind: "block", body: [...before, ...body], span });
  decided.add(block);
  return block;
}

/** Whether nothing behind these statements is reached because a member is missing. */
export function endsForLackOf(statements: readonly Stmt[]): boolean {
  const last = statements.at(-1);
  return last !== undefined && decided.has(last) && !completes([last]);
}
