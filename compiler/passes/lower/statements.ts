import type { Expression, IfStatement, LabeledStatement, ReturnStatement, Statement, VariableDeclaration } from "oxc-parser";
import { createStmt, type Expr, type Stmt } from "../../ir/nodes.js";
import { completes } from "../../ir/walk.js";
import { decidedBy, endsForLackOf, onlyWay } from "./absent.js";
import { lowerAssignment, lowerUpdate } from "./assignments.js";
import { type FunctionContext, nested } from "./context.js";
import { lowerExpr, lowerOperand, refuseSyntax } from "./expressions.js";
import { both, either, factsOf } from "./flow.js";
import { lowerForOf } from "./for-of.js";
import { namesIn } from "./loop-variables.js";
import { lowerFor, lowerWhile } from "./loops.js";
import { lowerCondition } from "./operators.js";
import { bindPattern } from "./patterns.js";
import { lowerReturn } from "./returns.js";
import { lowerSwitch } from "./switch.js";
import { stripSyntax } from "./syntax.js";
import { inTarget, lowerJump, meet } from "./targets.js";
import { declareVariable } from "./variables.js";

/** Lowers statements in order; a wrong one is reported and skipped, so that all mistakes show at once. */
export function lowerStatements(f: FunctionContext, nodes: readonly Statement[]): readonly Stmt[] {
  const out: Stmt[] = [];
  for (const node of nodes) {
    f.report.attempt(() => out.push(...lowerStatement(f, node)));
    if (endsForLackOf(out)) break;
  }
  return Object.freeze(out);
}

function lowerStatement(f: FunctionContext, node: Statement): readonly Stmt[] {
  return nested(f, node, () => lowerOne(f, node));
}

function lowerOne(f: FunctionContext, node: Statement): readonly Stmt[] {
  const span = f.span(node);
  switch (node.type) {
    case "EmptyStatement":
      return [];
    case "VariableDeclaration":
      return lowerDeclaration(f, node);
    case "ExpressionStatement":
      return lowerExpressionStatement(f, node.expression);
    case "BlockStatement":
      return [createStmt({ kind: "block", body: f.inScope(() => lowerStatements(f, node.body)), span })];
    case "IfStatement":
      return [lowerIf(f, node)];
    case "ForStatement":
    case "WhileStatement":
    case "DoWhileStatement":
    case "ForOfStatement":
    case "SwitchStatement":
      return lowerBreakable(f, node, []);
    case "LabeledStatement":
      return lowerLabelled(f, node);
    case "BreakStatement":
    case "ContinueStatement":
      return [lowerJump(f, node.type === "BreakStatement" ? "break" : "continue", node.label?.name, span)];
    case "ReturnStatement":
      return lowerReturn(f, (node as ReturnStatement).argument, span);
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
      return [];
    default:
      return refuseSyntax(f, node);
  }
}

/** Lowers the body of an if or a loop in its own scope. */
export function lowerNested(f: FunctionContext, node: Statement): readonly Stmt[] {
  return f.inScope(() => lowerStatements(f, node.type === "BlockStatement" ? node.body : [node]));
}

function lowerIf(f: FunctionContext, node: IfStatement): Stmt {
  const { alternate } = node;
  const no = alternate === null ? () => [] : () => lowerNested(f, alternate);
  return branch(f, lowerCondition(f, node.test), () => lowerNested(f, node.consequent), no, f.span(node));
}

/** Two ways, each lowered with what the test tells; afterwards holds what is known on the ways that go on. */
export function branch(
  f: FunctionContext,
  test: Expr,
  lowerYes: () => readonly Stmt[],
  lowerNo: () => readonly Stmt[],
  span: Stmt["span"],
): Stmt {
  const only = decidedBy(test);
  if (only !== undefined) return onlyWay(test, only ? lowerYes() : lowerNo(), span);
  const known = factsOf(test);
  const before = f.facts;
  f.facts = both(before, known.whenTrue);
  const yes = lowerYes();
  const afterYes = f.facts;
  f.facts = both(before, known.whenFalse);
  const no = lowerNo();
  const afterNo = f.facts;
  f.facts = !completes(yes) ? (completes(no) ? afterNo : before) : completes(no) ? either(afterYes, afterNo) : afterYes;
  return createStmt({ kind: "if", test, yes, no, span });
}

type Breakable = Extract<
  Statement,
  { type: "ForStatement" | "WhileStatement" | "DoWhileStatement" | "ForOfStatement" | "SwitchStatement" }
>;

/** A statement that `break` leaves without a label, too. */
function lowerBreakable(f: FunctionContext, node: Breakable, labels: readonly string[]): readonly Stmt[] {
  switch (node.type) {
    case "ForStatement":
      return lowerFor(f, node, labels);
    case "ForOfStatement":
      return lowerForOf(f, node, labels);
    case "SwitchStatement":
      return lowerSwitch(f, node, labels);
    default:
      return lowerWhile(f, node, labels);
  }
}

function isBreakable(node: Statement): node is Breakable {
  return ["ForStatement", "WhileStatement", "DoWhileStatement", "ForOfStatement", "SwitchStatement"].includes(node.type);
}

/** `label: statement`. */
function lowerLabelled(f: FunctionContext, node: LabeledStatement): readonly Stmt[] {
  const labels: string[] = [];
  let body: Statement = node;
  for (; body.type === "LabeledStatement"; body = body.body) labels.push(body.label.name);
  if (isBreakable(body)) return lowerBreakable(f, body, labels);
  const inner = body;
  return inTarget(f, "block", labels, (target) => {
    const statements = lowerNested(f, inner);
    const ways = [...target.broke, ...(completes(statements) ? [f.facts] : [])];
    f.facts = meet(ways) ?? f.facts;
    return [createStmt({ kind: "labelled", id: target.id, body: statements, span: f.span(node) })];
  });
}

/** The declarations of a `const` or `let`. */
export function lowerDeclaration(f: FunctionContext, node: VariableDeclaration): readonly Stmt[] {
  const names = node.declarations.flatMap(({ id }) => namesIn(id as never));
  if (node.kind !== "const" && node.kind !== "let") {
    for (const name of names) f.bind(name, "failed");
    f.report.refuse("TSP2101", f.span(node), `\`${node.kind}\` is not available in kernel code`, { hints: ["use const or let"] });
  }
  const mutable = node.kind === "let";
  return node.declarations.flatMap((declarator) => {
    const { id, init } = declarator;
    const done: Stmt[] = [];
    const worked = f.report.attempt(() => {
      if (id.type !== "Identifier" || (init !== null && !mutable)) {
        // The parser has seen to it that a pattern has a value.
        done.push(...bindPattern(f, id, lowerOperand(f, init as Expression), mutable, f.span(declarator)));
        return;
      }
      const value = init === null ? undefined : lowerExpr(f, init);
      done.push(declareVariable(f, id, value, mutable, f.span(declarator)));
    });
    if (!worked) for (const name of namesIn(id as never)) f.bind(name, "failed");
    return done;
  });
}

/** An expression as a statement: what it does counts. */
export function lowerExpressionStatement(f: FunctionContext, node: Expression): readonly Stmt[] {
  const bare = stripSyntax(node);
  if (bare.type === "AssignmentExpression") return lowerAssignment(f, bare);
  if (bare.type === "UpdateExpression") return [lowerUpdate(f, bare)];
  if (bare.type === "SequenceExpression")
    return bare.expressions.flatMap((part) => nested(f, part, () => lowerExpressionStatement(f, part)));
  const inner = (part: Expression) => () => nested(f, part, () => lowerExpressionStatement(f, part));
  if (bare.type === "ConditionalExpression")
    return [branch(f, lowerCondition(f, bare.test), inner(bare.consequent), inner(bare.alternate), f.span(bare))];
  if (bare.type === "LogicalExpression" && bare.operator !== "??") {
    const nothing = () => [];
    const [yes, no] = bare.operator === "&&" ? [inner(bare.right), nothing] : [nothing, inner(bare.right)];
    return [branch(f, lowerCondition(f, bare.left), yes, no, f.span(bare))];
  }
  return [createStmt({ kind: "evaluate", value: lowerExpr(f, bare), span: f.span(bare) })];
}
