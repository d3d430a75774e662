import type { Expression, ForOfStatement, VariableDeclaration } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { KernelArray, KernelMap } from "../../../dsl/maps.js";
import { createExpr, createStmt, type Expr, type Local, type Stmt } from "../../ir/nodes.js";
import { createRange } from "../../ir/range.js";
import { BOOLEAN, describeType, type IrType, numberType } from "../../ir/types.js";
import { completes } from "../../ir/walk.js";
import { constantExpr, requirePresent } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { lowerOperand, toValue } from "./expressions.js";
import { type Facts, forget } from "./flow.js";
import { changedIn } from "./loop-variables.js";
import { countUp } from "./loops.js";
import { lowerMapLoop } from "./map-loops.js";
import { elementType } from "./members.js";
import type { Operand, StaticValue } from "./operand.js";
import { bindPattern } from "./patterns.js";
import { planRounds } from "./rounds.js";
import { lowerNested } from "./statements.js";
import { stripSyntax } from "./syntax.js";
import { tableOf } from "./tables.js";
import { inTarget, meet, type Target } from "./targets.js";

/** Most elements that a loop over an array of the host is written out for, one after the other. */
const MOST_WRITTEN_OUT = 64;

/** `for (const x of list)`: over arrays of the kernel program, arrays of the host, and maps. */
export function lowerForOf(f: FunctionContext, node: ForOfStatement, labels: readonly string[]): readonly Stmt[] {
  const span = f.span(node);
  if (node.await)
    f.report.refuse("TSP2452", span, "`for await` is not available in kernel code", {
      hints: ["handlers run at once; wait in the callback"],
    });
  const { left } = node;
  if (left.type !== "VariableDeclaration" || (left.kind !== "const" && left.kind !== "let"))
    return f.report.refuse("TSP2452", f.span(left), "this loop needs a variable of its own", {
      hints: ["write for (const x of list)"],
    });
  const mapLoop = mapOf(f, node.right);
  if (mapLoop !== undefined) return lowerMapLoop(f, node, mapLoop, labels);
  const given = lowerOperand(f, node.right);
  // An array of integers in kernel memory is copied; of others each element is read where it is.
  const copied = given.kind === "place" && given.type.kind === "array" && given.type.element.kind === "int";
  const source = copied ? toValue(f, given) : given;
  if (source.kind === "static") return overHostValue(f, node, source, labels);
  if (source.kind !== "place" && (source.type.kind === "ints" || source.type.kind === "array"))
    return overArray(f, node, source, labels);
  if (source.kind !== "place") requirePresent(f, source);
  const what = source.kind === "place" ? "a struct of the kernel" : describeType(source.type);
  return f.report.refuse("TSP2452", source.span, `${what} cannot be looped over`, { hints: ["arrays and maps can"] });
}

export interface MapLoop {
  readonly map: StaticValue;
  /** What a round is given. */
  readonly gives: "entries" | "keys" | "values";
}

const isMap = (value: unknown): boolean => value instanceof KernelMap || value instanceof KernelArray;

/** `map`, `map.entries()`, `map.keys()`, `map.values()`. */
function mapOf(f: FunctionContext, node: Expression): MapLoop | undefined {
  const bare = stripSyntax(node);
  if (bare.type === "CallExpression" && bare.arguments.length === 0 && bare.callee.type === "MemberExpression") {
    const { property, object, computed } = bare.callee;
    if (computed || property.type !== "Identifier" || !["entries", "keys", "values"].includes(property.name)) return undefined;
    const operand = lowerOperand(f, object);
    if (operand.kind !== "static" || !isMap(operand.value)) return undefined;
    return { map: operand, gives: property.name as MapLoop["gives"] };
  }
  if (bare.type !== "Identifier" && bare.type !== "MemberExpression") return undefined;
  const operand = lowerOperand(f, bare);
  return operand.kind === "static" && isMap(operand.value) ? { map: operand, gives: "entries" } : undefined;
}

/** Binds the loop's variable, or the names of its pattern, and lowers the body. */
export function lowerRound(f: FunctionContext, node: ForOfStatement, value: Operand): readonly Stmt[] {
  const { declarations, kind } = node.left as VariableDeclaration;
  const [declarator] = declarations as [VariableDeclaration["declarations"][number]];
  return f.inScope(() => [...bindPattern(f, declarator.id, value, kind === "let"), ...lowerNested(f, node.body)]);
}

/** An array held by the kernel program: a counter goes through it. */
function overArray(f: FunctionContext, node: ForOfStatement, source: Expr, labels: readonly string[]): readonly Stmt[] {
  const { right } = node;
  const span = f.span(node);
  const type = source.type as Extract<IrType, { kind: "ints" | "array" }>;
  const first: Stmt[] = [];
  let list = source;
  if (source.kind !== "local" && source.kind !== "table") {
    const kept = f.inScope(() => f.declare("list", type, false));
    first.push(createStmt({ kind: "declare", local: kept, value: source, span: source.span }));
    list = createExpr({ kind: "local", local: kept, span: source.span, type });
  }
  const count = BigInt(type.count);
  f.facts = forget(f.facts, changedIn(f, [node.body]));
  const before = f.facts;
  const counter: Local = f.inScope(() => f.declare("at", numberType(createRange(0n, count)), true));
  const headSpan: Span = f.span(right);
  const at = (range = createRange(0n, count)): Expr =>
    createExpr({ kind: "local", local: counter, span: headSpan, type: numberType(range) });
  const test = createExpr({
    kind: "compare",
    op: "<",
    left: at(),
    right: constantExpr(type.count, headSpan),
    span: headSpan,
    type: BOOLEAN,
  });
  const index = at(createRange(0n, count - 1n));
  const element = createExpr({ kind: "element", array: list, index, site: undefined, span: headSpan, type: elementType(type) });
  const init = [createStmt({ kind: "declare", local: counter, value: constantExpr(0, headSpan), span: headSpan })];
  const update = [countUp(counter, 1n, headSpan)];
  const inside = (target: Target) => ({ id: target.id, body: lowerRound(f, node, element) });
  const { id, body } = inTarget(f, "loop", labels, inside, count);
  f.facts = before;
  const plan = planRounds(f, count, [test, ...body, ...update], headSpan);
  return [...first, createStmt({ kind: "loop", id, init, test, testAfter: false, update, body, ...plan, endless: false, span })];
}

/** An array of the host: one of integers becomes a table, another is written out element by element. */
function overHostValue(
  f: FunctionContext,
  node: ForOfStatement,
  source: StaticValue,
  labels: readonly string[],
): readonly Stmt[] {
  const { value, text, span } = source;
  if (!Array.isArray(value))
    return f.report.refuse("TSP2452", span, `${text} cannot be looped over in kernel code`, { hints: ["arrays and maps can"] });
  const table = value.length > 4 ? tableOf(f, value, span) : undefined;
  if (table !== undefined) return overArray(f, node, table, labels);
  if (value.length > MOST_WRITTEN_OUT)
    return f.report.refuse("TSP2453", span, `${text} has ${value.length} elements: too many to write the loop out for each`, {
      hints: [`up to ${MOST_WRITTEN_OUT} are, and any number of plain numbers, bigints or booleans`],
    });
  const whole = f.span(node);
  return inTarget(f, "loop", labels, (target) => {
    const rounds: Stmt[] = [];
    for (const [i, member] of value.entries()) {
      const failures = f.report.diagnostics.length;
      const element: StaticValue = { kind: "static", value: member, text: `${text}[${i}]`, span };
      const body = lowerRound(f, node, element);
      rounds.push(roundOf(f, target.id, body, target.continued, whole));
      target.continued.length = 0;
      // One mistake in the body, one message.
      if (f.report.diagnostics.length > failures) break;
    }
    const ways: Facts[] = [...target.broke, f.facts];
    f.facts = meet(ways) as Facts;
    return [createStmt({ kind: "labelled", id: target.id, body: Object.freeze(rounds), span: whole })];
  });
}

/** One element's turn of a loop that is written out: `continue` leaves it. */
function roundOf(f: FunctionContext, loop: number, body: readonly Stmt[], continued: readonly Facts[], span: Span): Stmt {
  const ways = [...continued, ...(completes(body) ? [f.facts] : [])];
  f.facts = meet(ways) ?? f.facts;
  const id = f.nextTarget();
  const redirect = (list: readonly Stmt[]): readonly Stmt[] => list.map((s) => redirectStatement(s, loop, id, redirect));
  return createStmt({ kind: "labelled", id, body: redirect(body), span });
}

function redirectStatement(s: Stmt, loop: number, id: number, redirect: (list: readonly Stmt[]) => readonly Stmt[]): Stmt {
  switch (s.kind) {
    case "continue":
      return s.target === loop ? createStmt({ kind: "break", target: id, span: s.span }) : s;
    case "if":
      return createStmt({ ...s, yes: redirect(s.yes), no: redirect(s.no) });
    case "loop":
    case "block":
    case "labelled":
    case "each":
      return createStmt({ ...s, body: redirect(s.body) });
    case "switch":
      return createStmt({ ...s, cases: s.cases.map((c) => ({ ...c, body: redirect(c.body) })) });
    default:
      return s;
  }
}
