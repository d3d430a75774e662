import type { Expression, ForStatement, Node } from "oxc-parser";
import { createExpr, createStmt, type Expr, type Local, type Stmt } from "../../ir/nodes.js";
import type { Range } from "../../ir/range.js";
import { createRange } from "../../ir/range.js";
import { numberType } from "../../ir/types.js";
import { requireInteger } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { lowerExpr, refuseSyntax } from "./expressions.js";
import { both, type Facts, factsOf, forget } from "./flow.js";
import { lowerCondition } from "./operators.js";
import { lowerNested, lowerUpdate } from "./statements.js";
import { stripSyntax } from "./syntax.js";

/** Most rounds of one loop: the verifier walks each of them, within its million instructions (BPF_COMPLEXITY_LIMIT_INSNS). */
const MAX_ROUNDS = 65_536n;

/** The counting part of `for (let i = 0; i < 10; i++)`. */
interface Counter {
  readonly name: string;
  readonly start: Expr;
  /** Signed step. */
  readonly step: bigint;
  readonly limit: Range;
  readonly inclusive: boolean;
}

const HINT = "write for (let i = 0; i < 64; i++), or add a constant to the condition: i < n && i < 64";

/** A for loop whose number of rounds has an upper bound that the compiler can see. */
export function lowerFor(f: FunctionContext, node: ForStatement): readonly Stmt[] {
  const span = f.span(node);
  return f.inScope(() => {
    const counter = readCounter(f, node);
    const { start, step, limit, inclusive } = counter;
    const from = requireInteger(f, start).type.range;
    const distance = step > 0n ? limit.max - from.min + (inclusive ? 1n : 0n) : from.max - limit.min + (inclusive ? 1n : 0n);
    const size = step > 0n ? step : -step;
    const rounds = distance <= 0n ? 0n : (distance + size - 1n) / size;
    if (rounds > MAX_ROUNDS) f.report.refuse("TSP2129", f.span(node.test as Node), "this loop can run too often or without end for the kernel", { hints: [HINT] });
    const last = from.min + rounds * step;
    const reach = step > 0n ? createRange(from.min, last > from.max ? last : from.max) : createRange(from.max - rounds * size < from.min ? from.max - rounds * size : from.min, from.max);
    const local = f.declare(counter.name, numberType(reach), true);
    const init = createStmt({ kind: "declare", local, value: start, span: f.span(node.init as Node) });
    const outer = loopFacts(f, node, local);
    f.facts = outer;
    const test = lowerCondition(f, node.test as Expression);
    f.facts = both(outer, factsOf(test).whenTrue);
    f.loops++;
    const body = lowerNested(f, node.body);
    f.loops--;
    f.facts = both(outer, factsOf(test).whenTrue);
    const update = [step > 0n || step < 0n ? countUp(f, local, step, f.span(node.update as Node), reach) : lowerUpdate(f, node.update as never)];
    f.facts = forget(outer, [local]);
    return [createStmt({ kind: "loop", init: [init], test, update, body, bound: Number(rounds), span })];
  });
}

/** i = i + step; within `reach` by construction, so it needs no check. */
function countUp(_f: FunctionContext, local: Local, step: bigint, span: Stmt["span"], reach: Range): Stmt {
  const current = createExpr({ kind: "local", local, span, type: local.type });
  const amount = createExpr({ kind: "constant", value: step, span, type: numberType(createRange(step, step)) });
  const value = createExpr({ kind: "arithmetic", op: "+", left: current, right: amount, site: undefined, span, type: numberType(reach) });
  return createStmt({ kind: "assign", local, value, span });
}

function readCounter(f: FunctionContext, node: ForStatement): Counter {
  const refuse = (place: { start: number; end: number } | null): never => f.report.refuse("TSP2129", place === null ? f.span(node) : f.span(place), "kernel loops need a counter with a bound", { hints: [HINT] });
  const { init, test, update } = node;
  if (init?.type !== "VariableDeclaration" || init.kind !== "let" || init.declarations.length !== 1) return refuse(init);
  const declarator = init.declarations[0] as (typeof init.declarations)[number];
  if (declarator.id.type !== "Identifier") return refuseSyntax(f, declarator.id);
  if (declarator.init === null) return refuse(declarator);
  const { name } = declarator.id;
  const start = lowerExpr(f, declarator.init);
  if (requireInteger(f, start).type.kind !== "number") f.report.refuse("TSP2129", start.span, "a loop counter must be a number, not a bigint", { hints: [HINT] });
  const step = readStep(f, name, update) ?? refuse(update);
  if (test === null) return refuse(null);
  const bound = findBound(f, name, test, step > 0n) ?? refuse(test);
  const assigned = assignments(node.body, new Set([name]));
  if (assigned.size > 0) f.report.refuse("TSP2129", f.span(node.body), `the loop counter ${name} is changed inside the loop`, { hints: ["use another variable"] });
  return { name, start, step, ...bound };
}

function readStep(f: FunctionContext, name: string, update: Expression | null): bigint | undefined {
  if (update === null) return undefined;
  const bare = stripSyntax(update);
  if (bare.type === "UpdateExpression" && bare.argument.type === "Identifier" && bare.argument.name === name) return bare.operator === "++" ? 1n : -1n;
  if (bare.type === "AssignmentExpression" && bare.left.type === "Identifier" && bare.left.name === name && (bare.operator === "+=" || bare.operator === "-=")) {
    const amount = lowerExpr(f, bare.right);
    if (amount.type.kind !== "number" || amount.type.range.min !== amount.type.range.max || amount.type.range.min <= 0n) return undefined;
    return bare.operator === "+=" ? amount.type.range.min : -amount.type.range.min;
  }
  return undefined;
}

/** The part of the condition that compares the counter with a limit; of several, the tightest. */
function findBound(f: FunctionContext, name: string, test: Expression, up: boolean): { limit: Range; inclusive: boolean } | undefined {
  const bare = stripSyntax(test);
  if (bare.type === "LogicalExpression" && bare.operator === "&&") {
    const [a, b] = [findBound(f, name, bare.left, up), findBound(f, name, bare.right, up)];
    if (a === undefined || b === undefined) return a ?? b;
    return (up ? a.limit.max <= b.limit.max : a.limit.min >= b.limit.min) ? a : b;
  }
  if (bare.type !== "BinaryExpression" || bare.left.type !== "Identifier" || bare.left.name !== name) return undefined;
  const wanted = up ? ["<", "<="] : [">", ">="];
  if (!wanted.includes(bare.operator)) return undefined;
  const limit = lowerExpr(f, bare.right);
  if (limit.type.kind !== "number") return undefined;
  return { limit: limit.type.range, inclusive: bare.operator.endsWith("=") };
}

/** What is known on entry of every round: nothing about variables that the loop changes. */
function loopFacts(f: FunctionContext, node: ForStatement, counter: Local): Facts {
  const names = assignments(node.body, undefined);
  const changed = [...names].map((name) => f.lookup(name)).filter((binding): binding is Local => binding !== undefined && binding !== "failed");
  return forget(f.facts, [...changed, counter]);
}

/** Names assigned anywhere below a node; only those in `wanted` when given. */
function assignments(node: unknown, wanted: ReadonlySet<string> | undefined, found = new Set<string>()): Set<string> {
  if (Array.isArray(node)) for (const member of node) assignments(member, wanted, found);
  else if (typeof node === "object" && node !== null) {
    const { type, left, argument } = node as { type?: string; left?: { type: string; name: string }; argument?: { type: string; name: string } };
    const target = type === "AssignmentExpression" ? left : type === "UpdateExpression" ? argument : undefined;
    if (target?.type === "Identifier" && (wanted === undefined || wanted.has(target.name))) found.add(target.name);
    for (const [key, member] of Object.entries(node)) if (key !== "parent") assignments(member, wanted, found);
  }
  return found;
}

