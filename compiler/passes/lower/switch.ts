import type { SwitchStatement } from "oxc-parser";
import { createExpr, createStmt, type Expr, type Stmt } from "../../ir/nodes.js";
import { completes, isPure } from "../../ir/walk.js";
import { constantExpr, requirePresent, stored } from "./coerce.js";
import { compare } from "./compare.js";
import type { FunctionContext } from "./context.js";
import { lowerExpr } from "./expressions.js";
import { both, type Facts, factsOf, forget } from "./flow.js";
import { changedIn } from "./loop-variables.js";
import { lowerStatements } from "./statements.js";
import { inTarget, meet } from "./targets.js";

/** `switch`: the value is compared with each case in turn, then the statements run from there on until a `break`. */
export function lowerSwitch(f: FunctionContext, node: SwitchStatement, labels: readonly string[]): readonly Stmt[] {
  const span = f.span(node);
  const given = requirePresent(f, lowerExpr(f, node.discriminant));
  // Evaluated once. A variable or a constant can be named again as it is, and so can a text of the context, which is long; an integer
  // becomes a variable, over which C has a switch of its own.
  const isInteger = given.type.kind === "number" || given.type.kind === "bigint";
  const simple =
    given.kind === "local" || given.kind === "constant" || (given.kind === "context-field" && isPure(given) && !isInteger);
  return f.inScope(() => {
    const first: Stmt[] = [];
    let subject: Expr = given;
    if (!simple) {
      const kept = f.declare("chosen", stored(given.type), false);
      first.push(createStmt({ kind: "declare", local: kept, value: given, span: given.span }));
      subject = createExpr({ kind: "local", local: kept, span: given.span, type: kept.type });
    }
    return [...first, inTarget(f, "switch", labels, (target) => lowerCases(f, node, subject, target, span))];
  });
}

function lowerCases(
  f: FunctionContext,
  node: SwitchStatement,
  subject: Expr,
  target: { readonly id: number; readonly broke: Facts[] },
  span: Stmt["span"],
): Stmt {
  const before = f.facts;
  // A case that is tested later knows nothing of what the body of an earlier one changed: that body did not run then.
  const tests = node.cases.map(({ test }) => {
    if (test === null) return undefined;
    const value = lowerExpr(f, test);
    return subject.kind === "constant" && value.kind === "constant" && subject.type.kind === value.type.kind
      ? constantExpr(subject.value === value.value, value.span)
      : compare(f, "===", subject, value, value.span);
  });
  const missed = tests.reduce((facts, test) => (test === undefined ? facts : both(facts, factsOf(test).whenFalse)), before);
  let falling: Facts | undefined;
  const cases: { test: Expr | undefined; body: readonly Stmt[] }[] = [];
  for (const [i, part] of node.cases.entries()) {
    const test = tests[i];
    const entered = test === undefined ? missed : both(before, factsOf(test).whenTrue);
    f.facts = meet(falling === undefined ? [entered] : [falling, entered]) as Facts;
    const body = lowerStatements(f, part.consequent);
    falling = completes(body) ? f.facts : undefined;
    cases.push(Object.freeze({ test, body }));
  }
  const hasDefault = tests.includes(undefined);
  const ways = [
    ...target.broke,
    ...(falling === undefined ? [] : [falling]),
    ...(hasDefault && cases.length > 0 ? [] : [missed]),
  ];
  f.facts = meet(ways) ?? forget(before, changedIn(f, [node.cases]));
  return createStmt({ kind: "switch", id: target.id, cases: Object.freeze(cases), endless: ways.length === 0, span });
}
