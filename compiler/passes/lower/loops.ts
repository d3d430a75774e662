import type { Expression, ForStatement, Node } from "oxc-parser";
import { createExpr, createStmt, type Expr, type Local, type Stmt } from "../../ir/nodes.js";
import { exactly, join, type Range } from "../../ir/range.js";
import { numberType } from "../../ir/types.js";
import { requireInteger } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { lowerExpr, refuseSyntax } from "./expressions.js";
import { both, type Facts, factsOf, forget } from "./flow.js";
import { assignedIn, changedIn, countedRanges, mentions } from "./loop-variables.js";
import { lowerCondition } from "./operators.js";
import { lowerNested } from "./statements.js";
import { stripSyntax } from "./syntax.js";

/** Most rounds of one loop: the verifier walks each of them, within its million instructions (BPF_COMPLEXITY_LIMIT_INSNS). */
const MAX_ROUNDS = 65_536n;

/** The counting part of `for (let i = 0; i < 10; i++)`. */
interface Counter {
  readonly name: string;
  readonly start: Expr;
  /** Signed step. */
  readonly step: bigint;
}

const HINT = "write for (let i = 0; i < 64; i++), or add a constant to the condition: i < n && i < 64";

/** A for loop whose number of rounds has an upper bound that the compiler can see. */
export function lowerFor(f: FunctionContext, node: ForStatement): readonly Stmt[] {
  const span = f.span(node);
  return f.inScope(() => {
    const { name, start, step } = readCounter(f, node);
    // From here on only what holds in every round is known: nothing about variables that the loop changes.
    const before = f.facts;
    f.facts = forget(f.facts, changedIn(f, node));
    const test = node.test as Expression;
    const bound = findBound(f, name, test, step > 0n) ?? refuseBound(f, node, test);
    const { reach, rounds } = countRounds(requireInteger(f, start).type.range, step, bound);
    if (rounds > MAX_ROUNDS)
      f.report.refuse("TSP2129", f.span(test), "this loop can run too often or without end for the kernel", { hints: [HINT] });
    const local = f.declare(name, numberType(reach), true);
    const init = createStmt({ kind: "declare", local, value: start, span: f.span(node.init as Node) });
    const outer = f.facts;
    // The condition is tested once more than the body runs: in it and after the loop all rounds may have counted.
    const counted = (times: bigint): Facts =>
      both(outer, { present: new Set(), ranges: countedRanges(f, node, before.ranges, times) });
    f.facts = counted(rounds);
    const condition = lowerCondition(f, test);
    f.facts = both(counted(rounds > 0n ? rounds - 1n : 0n), factsOf(condition).whenTrue);
    f.loops++;
    const body = lowerNested(f, node.body);
    f.loops--;
    // The loop may end by its condition or by a break: what the condition says is not known then.
    f.facts = counted(rounds);
    const update = countUp(local, step, f.span(node.update as Node));
    return [createStmt({ kind: "loop", init: [init], test: condition, update: [update], body, bound: Number(rounds), span })];
  });
}

/** The values a counter takes, the one after the last round included, and how often the loop runs at most. */
function countRounds(from: Range, step: bigint, { limit, inclusive }: Bound): { reach: Range; rounds: bigint } {
  const size = step > 0n ? step : -step;
  const extra = inclusive ? 1n : 0n;
  const distance = (step > 0n ? limit.max - from.min : from.max - limit.min) + extra;
  const rounds = distance <= 0n ? 0n : (distance + size - 1n) / size;
  if (rounds === 0n) return { reach: from, rounds };
  // In the body the counter is inside the limit; the update then takes it one step further.
  const end = step > 0n ? limit.max - 1n + extra + size : limit.min + 1n - extra - size;
  return { reach: join(from, exactly(end)), rounds };
}

/** i = i + step; within the counter's reach by construction, so it needs no check. */
function countUp(local: Local, step: bigint, span: Stmt["span"]): Stmt {
  const current = createExpr({ kind: "local", local, span, type: local.type });
  const amount = createExpr({ kind: "constant", value: step, span, type: numberType(exactly(step)) });
  const value = createExpr({
    kind: "arithmetic",
    op: "+",
    left: current,
    right: amount,
    site: undefined,
    zero: undefined,
    span,
    type: local.type,
  });
  return createStmt({ kind: "assign", local, value, span });
}

function refuseBound(f: FunctionContext, node: ForStatement, place: { start: number; end: number } | null): never {
  return f.report.refuse("TSP2129", f.span(place ?? node), "kernel loops need a counter with a bound", { hints: [HINT] });
}

function readCounter(f: FunctionContext, node: ForStatement): Counter {
  const { init, test, update } = node;
  if (init?.type !== "VariableDeclaration" || init.kind !== "let" || init.declarations.length !== 1)
    return refuseBound(f, node, init);
  const declarator = init.declarations[0] as (typeof init.declarations)[number];
  if (declarator.id.type !== "Identifier") return refuseSyntax(f, declarator.id);
  if (declarator.init === null) return refuseBound(f, node, declarator);
  const { name } = declarator.id;
  const start = lowerExpr(f, declarator.init);
  if (requireInteger(f, start).type.kind !== "number")
    f.report.refuse("TSP2129", start.span, "a loop counter must be a number, not a bigint", { hints: [HINT] });
  const step = readStep(f, name, update) ?? refuseBound(f, node, update);
  if (test === null) return refuseBound(f, node, null);
  if (assignedIn(node.body).has(name))
    f.report.refuse("TSP2129", f.span(node.body), `the loop counter ${name} is changed inside the loop`, {
      hints: ["use another variable"],
    });
  return { name, start, step };
}

function readStep(f: FunctionContext, name: string, update: Expression | null): bigint | undefined {
  if (update === null) return undefined;
  const bare = stripSyntax(update);
  if (bare.type === "UpdateExpression" && bare.argument.type === "Identifier" && bare.argument.name === name)
    return bare.operator === "++" ? 1n : -1n;
  if (
    bare.type === "AssignmentExpression" &&
    bare.left.type === "Identifier" &&
    bare.left.name === name &&
    (bare.operator === "+=" || bare.operator === "-=")
  ) {
    const amount = lowerExpr(f, bare.right);
    if (amount.type.kind !== "number" || amount.type.range.min !== amount.type.range.max || amount.type.range.min <= 0n)
      return undefined;
    return bare.operator === "+=" ? amount.type.range.min : -amount.type.range.min;
  }
  return undefined;
}

interface Bound {
  readonly limit: Range;
  readonly inclusive: boolean;
}

/** The part of the condition that compares the counter with a limit; of several, the tightest. */
function findBound(f: FunctionContext, name: string, test: Expression, up: boolean): Bound | undefined {
  const bare = stripSyntax(test);
  if (bare.type === "LogicalExpression" && bare.operator === "&&") {
    const [a, b] = [findBound(f, name, bare.left, up), findBound(f, name, bare.right, up)];
    if (a === undefined || b === undefined) return a ?? b;
    return (up ? a.limit.max <= b.limit.max : a.limit.min >= b.limit.min) ? a : b;
  }
  if (bare.type !== "BinaryExpression" || bare.left.type !== "Identifier" || bare.left.name !== name) return undefined;
  const wanted = up ? ["<", "<="] : [">", ">="];
  if (!wanted.includes(bare.operator) || mentions(bare.right, name)) return undefined;
  const limit = lowerExpr(f, bare.right);
  if (limit.type.kind !== "number") return undefined;
  return { limit: limit.type.range, inclusive: bare.operator.endsWith("=") };
}
