import type { DoWhileStatement, Expression, ForStatement, Node, WhileStatement } from "oxc-parser";
import { createExpr, createStmt, type Expr, type Local, type Stmt } from "../../ir/nodes.js";
import { exactly, isWithin, join, type Range, S64, SAFE } from "../../ir/range.js";
import { bigintType, type IrType, numberType } from "../../ir/types.js";
import { completes, visitStatements } from "../../ir/walk.js";
import { foldExpr } from "../fold.js";
import { constantExpr, requireInteger } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { lowerExpr } from "./expressions.js";
import { both, type Facts, factsOf, forget, NO_FACTS } from "./flow.js";
import { assignedIn, changedIn, countedRanges, mentions } from "./loop-variables.js";
import { lowerCondition } from "./operators.js";
import { hasLoopCalls, planRounds, UNKNOWN_ROUNDS } from "./rounds.js";
import { lowerDeclaration, lowerExpressionStatement, lowerNested } from "./statements.js";
import { stripSyntax } from "./syntax.js";
import { inTarget, meet, type Target } from "./targets.js";

/** A for loop: with a counter whose last value the compiler can see, or any other. */
export function lowerFor(f: FunctionContext, node: ForStatement, labels: readonly string[]): readonly Stmt[] {
  return f.inScope(() => {
    const counter = readCounter(f, node);
    return counter === undefined ? lowerFreeFor(f, node, labels) : lowerCounted(f, node, counter, labels);
  });
}

/** The counting part of `for (let i = 0; i < 10; i++)`. */
interface Counter {
  readonly name: string;
  readonly start: Expr;
  /** Signed step. */
  readonly step: bigint;
  /** Values in the body and one step further. */
  readonly reach: Range;
  /** How often the loop runs at most; undefined when only a limit ends it. */
  readonly rounds: bigint | undefined;
}

function lowerCounted(f: FunctionContext, node: ForStatement, counter: Counter, labels: readonly string[]): readonly Stmt[] {
  const { name, start, step, reach } = counter;
  const test = node.test as Expression;
  const rounds = counter.rounds ?? UNKNOWN_ROUNDS;
  // From here on only what holds in every round is known: nothing about variables that the loop changes.
  const before = f.facts;
  f.facts = forget(f.facts, changedIn(f, [node.body]));
  const local = f.declare(name, counterType(start.type, reach), true);
  const init = createStmt({ kind: "declare", local, value: start, span: f.span(node.init as Node) });
  const outer = f.facts;
  // The condition is tested once more than the body runs: in it and after the loop all rounds may have counted.
  const counted = (times: bigint): Facts =>
    both(outer, { ...NO_FACTS, ranges: countedRanges(f, [node.body], before.ranges, times) });
  f.facts = counted(rounds);
  const condition = lowerCondition(f, test);
  f.facts = both(counted(rounds > 0n ? rounds - 1n : 0n), factsOf(condition).whenTrue);
  const inside = (target: Target) => ({ id: target.id, body: lowerNested(f, node.body) });
  const { id, body } = inTarget(f, "loop", labels, inside, rounds);
  // The loop may end by its condition or by a break: what the condition says is not known then.
  f.facts = counted(rounds);
  const update = [countUp(local, step, f.span(node.update as Node))];
  const plan = planRounds(f, counter.rounds, [condition, ...body, ...update], f.span(test));
  const span = f.span(node);
  return [
    createStmt({
      kind: "loop",
      id,
      init: [init],
      test: condition,
      testAfter: false,
      update,
      body,
      ...plan,
      endless: false,
      span,
    }),
  ];
}

function counterType(start: IrType, reach: Range): IrType {
  return start.kind === "bigint" ? bigintType(reach, start.signed || reach.min < 0n) : numberType(reach);
}

/** A `for` without such a counter: a limit ends it. */
function lowerFreeFor(f: FunctionContext, node: ForStatement, labels: readonly string[]): readonly Stmt[] {
  const { init } = node;
  const first =
    init === null
      ? []
      : init.type === "VariableDeclaration"
        ? lowerDeclaration(f, init)
        : lowerExpressionStatement(f, init as Expression);
  return lowerFree(f, { node, init: first, test: node.test, update: node.update, body: node.body, testAfter: false }, labels);
}

export function lowerWhile(
  f: FunctionContext,
  node: WhileStatement | DoWhileStatement,
  labels: readonly string[],
): readonly Stmt[] {
  const testAfter = node.type === "DoWhileStatement";
  return lowerFree(f, { node, init: [], test: node.test, update: null, body: node.body, testAfter }, labels);
}

interface FreeLoop {
  readonly node: ForStatement | WhileStatement | DoWhileStatement;
  readonly init: readonly Stmt[];
  readonly test: Expression | null;
  readonly update: Expression | null;
  readonly body: ForStatement["body"];
  readonly testAfter: boolean;
}

/** A loop that nothing is known of but its parts. */
function lowerFree(f: FunctionContext, loop: FreeLoop, labels: readonly string[]): readonly Stmt[] {
  const { node, init, testAfter } = loop;
  const span = f.span(node);
  const before = f.facts;
  const parts = [loop.test, loop.update, loop.body];
  const invariant = (rounds: bigint): Facts =>
    both(forget(before, changedIn(f, parts)), { ...NO_FACTS, ranges: countedRanges(f, parts, before.ranges, rounds) });
  const head = loop.test === null ? span : f.span(loop.test);
  const testOf = (): Expr => (loop.test === null ? constantExpr(true, span) : lowerCondition(f, loop.test));
  const lowered = inTarget(f, "loop", labels, (target) => {
    f.facts = invariant(UNKNOWN_ROUNDS);
    let test = testAfter ? undefined : testOf();
    // In the body a round less has passed than when the limit ends the loop.
    f.facts = both(
      invariant(UNKNOWN_ROUNDS - 1n),
      test === undefined ? forget(before, changedIn(f, parts)) : factsOf(test).whenTrue,
    );
    const body = lowerNested(f, loop.body);
    const ends = [...target.continued, ...(completes(body) ? [f.facts] : [])];
    f.facts = meet(ends) ?? invariant(UNKNOWN_ROUNDS);
    if (!testAfter) f.facts = both(invariant(UNKNOWN_ROUNDS - 1n), f.facts);
    const update = loop.update === null ? [] : lowerExpressionStatement(f, loop.update);
    test ??= testOf();
    return { target, test, body, update, whenDone: factsOf(test).whenFalse };
  });
  const { target, test, body, update, whenDone } = lowered;
  // What ranges say of the condition holds up to the limit only.
  const known = test.kind === "truth" ? foldExpr(test) : test;
  const always = known.kind === "constant" && known.value === true;
  const endless = always && target.broke.length === 0;
  if (endless && !leaves(body, target))
    f.report.refuse("TSP2450", span, "this loop never ends", { hints: ["give it a condition, or a `break` or `return` in it"] });
  const once = testAfter && known.kind === "constant" && known.value === false;
  const plan = planRounds(f, once ? 1n : undefined, [test, ...body, ...update], head);
  const invariantAfter = invariant(UNKNOWN_ROUNDS);
  f.facts = meet([...target.broke, ...(always ? [] : [both(invariantAfter, whenDone)])]) ?? before;
  return [createStmt({ kind: "loop", id: target.id, init, test, testAfter, update, body, ...plan, endless, span })];
}

/** Whether anything inside leads out of a loop, other than its end. */
function leaves(body: readonly Stmt[], target: Target): boolean {
  const inside = new Set([target.id]);
  let found = false;
  visitStatements(
    body,
    (s) => {
      if ("id" in s) inside.add(s.id);
      found ||= s.kind === "return" || s.kind === "send" || ("target" in s && !inside.has(s.target));
    },
    () => {},
  );
  return found;
}

/** i = i + step; within the counter's reach by construction, so it needs no check. */
export function countUp(local: Local, step: bigint, span: Stmt["span"]): Stmt {
  const current = createExpr({ kind: "local", local, span, type: local.type });
  const type = local.type.kind === "bigint" ? bigintType(exactly(step), local.type.signed) : numberType(exactly(step));
  const right = createExpr({ kind: "constant", value: step, span, type });
  const value = createExpr({
    kind: "arithmetic",
    op: "+",
    left: current,
    right,
    site: undefined,
    zero: undefined,
    span,
    type: local.type,
  });
  return createStmt({ kind: "assign", local, value, span });
}

/** The counter of a loop that has one: a variable of its own, changed by a constant step only, and compared with a bound. */
function readCounter(f: FunctionContext, node: ForStatement): Counter | undefined {
  const { init, test, update } = node;
  if (init?.type !== "VariableDeclaration" || init.kind !== "let" || init.declarations.length !== 1 || test === null)
    return undefined;
  const [declarator] = init.declarations;
  if (declarator?.id.type !== "Identifier" || declarator.init === null) return undefined;
  const { name } = declarator.id;
  if (update === null || assignedIn([node.body, test]).has(name)) return undefined;
  const step = stepOf(name, update);
  if (step === undefined) return undefined;
  const start = lowerExpr(f, declarator.init);
  const from = requireInteger(f, start).type;
  const before = f.facts;
  f.facts = forget(f.facts, changedIn(f, [node.body]));
  const bound = f.inScope(() => {
    // The condition may name the counter, whose bound is sought.
    const type = from.kind === "bigint" ? bigintType(S64, true) : numberType(SAFE);
    f.bind(name, Object.freeze({ name, cName: name, type, mutable: true }));
    return findBound(f, name, from.kind, test, step > 0n);
  });
  f.facts = before;
  if (bound === undefined) return undefined;
  const { limit } = bound;
  const constant = from.range.min === from.range.max && limit.min === limit.max;
  const all = countRounds(from.range, step, bound);
  const most = hasLoopCalls(f) ? UNKNOWN_ROUNDS : 1024n;
  const rounds = constant || all <= most ? all : undefined;
  const reach = reachOf(from.range, step, bound, rounds ?? UNKNOWN_ROUNDS);
  if (!isWithin(reach, from.kind === "number" ? SAFE : S64)) return undefined;
  return { name, start, step, reach, rounds };
}

interface Bound {
  readonly limit: Range;
  readonly inclusive: boolean;
}

/** How often the loop runs at most. */
function countRounds(from: Range, step: bigint, { limit, inclusive }: Bound): bigint {
  const size = step > 0n ? step : -step;
  const distance = (step > 0n ? limit.max - from.min : from.max - limit.min) + (inclusive ? 1n : 0n);
  return distance <= 0n ? 0n : (distance + size - 1n) / size;
}

/** The values a counter takes, the one after the last round included. */
function reachOf(from: Range, step: bigint, { limit, inclusive }: Bound, rounds: bigint): Range {
  if (rounds === 0n) return from;
  const extra = inclusive ? 1n : 0n;
  const up = step > 0n;
  // In the body the counter is inside the limit; the update then takes it one step further.
  const end = up ? limit.max - 1n + extra + step : limit.min + 1n - extra + step;
  // Nor does it go further than all rounds take it.
  const far = up ? from.max + rounds * step : from.min + rounds * step;
  return join(from, exactly(up ? (end < far ? end : far) : end > far ? end : far));
}

function stepOf(name: string, update: Expression): bigint | undefined {
  const bare = stripSyntax(update);
  if (bare.type === "UpdateExpression" && bare.argument.type === "Identifier" && bare.argument.name === name)
    return bare.operator === "++" ? 1n : -1n;
  if (bare.type !== "AssignmentExpression" || bare.left.type !== "Identifier" || bare.left.name !== name) return undefined;
  if (bare.operator !== "+=" && bare.operator !== "-=") return undefined;
  const right = stripSyntax(bare.right) as { type: string; value?: unknown; bigint?: string };
  if (right.type !== "Literal") return undefined;
  const amount =
    typeof right.bigint === "string"
      ? BigInt(right.bigint)
      : Number.isSafeInteger(right.value)
        ? BigInt(right.value as number)
        : 0n;
  if (amount <= 0n) return undefined;
  return bare.operator === "+=" ? amount : -amount;
}

/** The part of the condition that compares the counter with a limit; of several, the tightest. */
function findBound(
  f: FunctionContext,
  name: string,
  kind: "number" | "bigint",
  test: Expression,
  up: boolean,
): Bound | undefined {
  const bare = stripSyntax(test);
  if (bare.type === "LogicalExpression" && bare.operator === "&&") {
    const [a, b] = [findBound(f, name, kind, bare.left, up), findBound(f, name, kind, bare.right, up)];
    if (a === undefined || b === undefined) return a ?? b;
    return (up ? a.limit.max <= b.limit.max : a.limit.min >= b.limit.min) ? a : b;
  }
  if (bare.type !== "BinaryExpression" || bare.left.type !== "Identifier" || bare.left.name !== name) return undefined;
  const wanted = up ? ["<", "<="] : [">", ">="];
  if (!wanted.includes(bare.operator) || mentions(bare.right, name)) return undefined;
  const limit = lowerExpr(f, bare.right);
  if (limit.type.kind !== kind) return undefined;
  return { limit: (limit.type as { range: Range }).range, inclusive: bare.operator.endsWith("=") };
}
