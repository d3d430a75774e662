import type {
  AssignmentExpression,
  Expression,
  IfStatement,
  ReturnStatement,
  Statement,
  UpdateExpression,
  VariableDeclaration,
} from "oxc-parser";
import { createStmt, type Expr, type Local, type Stmt } from "../../ir/nodes.js";
import { rangeOfWidth, S64, SAFE } from "../../ir/range.js";
import { bigintType, describeType, type IrType, numberType, objectType, optionalType } from "../../ir/types.js";
import { completes } from "../../ir/walk.js";
import { declaredType } from "./annotations.js";
import { coerceTo, constantExpr, sameRepresentation, textSize, unify } from "./coerce.js";
import { type FunctionContext, nested } from "./context.js";
import { lowerExpr, refuseSyntax } from "./expressions.js";
import { both, either, factsOf } from "./flow.js";
import { lowerFor } from "./loops.js";
import { binaryOperation, lowerCondition } from "./operators.js";
import { LoweredAgain, StatementAbandoned } from "./report.js";
import { lowerReturn } from "./returns.js";
import { stripSyntax } from "./syntax.js";

/** Lowers statements in order; a wrong one is reported and skipped, so that all mistakes show at once. */
export function lowerStatements(f: FunctionContext, nodes: readonly Statement[]): readonly Stmt[] {
  const out: Stmt[] = [];
  for (const node of nodes) f.report.attempt(() => out.push(...lowerStatement(f, node)));
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
      return lowerFor(f, node);
    case "BreakStatement":
    case "ContinueStatement": {
      const kind = node.type === "BreakStatement" ? "break" : "continue";
      if (node.label !== null)
        f.report.refuse("TSP2101", span, "labels are not available in kernel code", { hints: ["use a boolean variable"] });
      return [createStmt({ kind, span })];
    }
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
function branch(
  f: FunctionContext,
  test: Expr,
  lowerYes: () => readonly Stmt[],
  lowerNo: () => readonly Stmt[],
  span: Stmt["span"],
): Stmt {
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

function lowerDeclaration(f: FunctionContext, node: VariableDeclaration): readonly Stmt[] {
  const span = f.span(node);
  if (node.kind === "var")
    f.report.refuse("TSP2101", span, "`var` is not available in kernel code", { hints: ["use const or let"] });
  if (node.kind !== "const" && node.kind !== "let")
    f.report.refuse("TSP2101", span, `\`${node.kind}\` is not available in kernel code`, { hints: ["use const or let"] });
  return node.declarations.flatMap((declarator) => {
    const { id, init } = declarator;
    if (id.type !== "Identifier") return refuseSyntax(f, id);
    let done: Stmt[] = [];
    const worked = f.report.attempt(() => {
      const value = init === null ? undefined : lowerExpr(f, init);
      const mutable = node.kind === "let";
      const place = `${f.record.id} ${id.start}`;
      const found = localType(f, value, declaredType(id), mutable, f.span(id));
      const type = f.module.unsignedLets.has(place) ? unsignedForm(found) : found;
      const local = f.declare(id.name, type, mutable);
      if (mutable && isOpen(value)) f.openLets.set(local, place);
      done = [
        createStmt({
          kind: "declare",
          local,
          value: value === undefined ? undefined : coerceTo(f, value, type),
          span: f.span(declarator),
        }),
      ];
      if (value !== undefined) learnAssigned(f, local, value);
    });
    if (!worked) f.bind(id.name, "failed");
    return done;
  });
}

/** A variable's type: of a const what it is given; of a let anything it may be given later. */
function localType(
  f: FunctionContext,
  value: Expr | undefined,
  declared: IrType | undefined,
  mutable: boolean,
  span: ReturnType<FunctionContext["span"]>,
): IrType {
  let type = value?.type;
  if (declared !== undefined && mutable) type = type === undefined ? declared : (unify(declared, type) ?? type);
  if (type === undefined || type.kind === "undefined") {
    return f.report.refuse("TSP2126", span, "the type of this variable is not known", {
      hints: ["give it a value, or write its type: let best: bigint | undefined;"],
    });
  }
  if (type.kind === "null")
    f.report.refuse("TSP2126", span, "a variable cannot hold only null", { hints: ["use undefined for a missing value"] });
  return mutable ? widen(type) : type;
}

/** Whether a first value says nothing about the sign of what follows. */
function isOpen(value: Expr | undefined): boolean {
  return (
    value === undefined ||
    value.type.kind === "undefined" ||
    (value.kind === "constant" && typeof value.value === "bigint" && value.value >= 0n)
  );
}

function unsignedForm(type: IrType): IrType {
  if (type.kind === "optional") return optionalType(unsignedForm(type.value));
  return type.kind === "bigint" ? bigintType(rangeOfWidth(8, false), false, type.address) : type;
}

/** Types as variables hold them: any integer of the kind, texts with bytes of their own. */
function widen(type: IrType): IrType {
  if (type.kind === "number") return numberType(SAFE);
  if (type.kind === "bigint")
    return type.signed || type.range.max <= 0n
      ? bigintType(S64, true, type.address)
      : bigintType(rangeOfWidth(8, false), false, type.address);
  if (type.kind === "literal") return Object.freeze({ kind: "string", size: Math.max(16, textSize(type)) });
  if (type.kind === "optional") return optionalType(widen(type.value));
  if (type.kind === "array") return Object.freeze({ ...type, element: widen(type.element) });
  if (type.kind === "object") return objectType(type.fields.map((field) => ({ name: field.name, type: widen(field.type) })));
  return type;
}

/** After an assignment the variable is known to have a value, if the value always is one. */
export function learnAssigned(f: FunctionContext, local: Local, value: Expr): void {
  f.assigned(local);
  if (local.type.kind === "optional" && value.type.kind !== "optional" && value.type.kind !== "undefined") {
    f.facts = both(f.facts, { present: new Set([local]), ranges: new Map() });
  }
  if (local.mutable && "range" in value.type && "range" in local.type) {
    f.facts = both(f.facts, { present: new Set(), ranges: new Map([[local, value.type.range]]) });
  }
}

function lowerExpressionStatement(f: FunctionContext, node: Expression): readonly Stmt[] {
  const bare = stripSyntax(node);
  if (bare.type === "AssignmentExpression") return [lowerAssignment(f, bare)];
  if (bare.type === "UpdateExpression") return [lowerUpdate(f, bare)];
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

function assignable(
  f: FunctionContext,
  node: { readonly type: string; readonly start: number; readonly end: number; readonly name?: string },
): Local {
  const span = f.span(node);
  if (node.type !== "Identifier") {
    return f.report.refuse("TSP2127", span, "only variables can be assigned to in kernel code", {
      hints: ["keep state in a map: map.set(key, value)"],
    });
  }
  const binding = f.lookup(node.name as string);
  if (binding === undefined) {
    return f.report.refuse("TSP2127", span, `${node.name} belongs to the host and cannot be changed by kernel code`, {
      hints: ["keep state in a map: map.set(key, value)"],
    });
  }
  if (binding === "failed") throw new StatementAbandoned();
  if (!binding.mutable) f.report.refuse("TSP2127", span, `${node.name} is a const`, { hints: ["declare it with let"] });
  return binding;
}

function lowerAssignment(f: FunctionContext, node: AssignmentExpression): Stmt {
  const span = f.span(node);
  const local = assignable(f, node.left as never);
  const right = lowerExpr(f, node.right);
  const op = node.operator.slice(0, -1);
  if (["&&", "||", "??"].includes(op))
    f.report.refuse("TSP2101", span, `\`${node.operator}\` is not available in kernel code`, { hints: ["use if"] });
  const value = op === "" ? right : binaryOperation(f, op, f.read(local, f.span(node.left)), right, span);
  return assign(f, local, value, span);
}

/** `local = value`, with the value brought to the variable's type. */
export function assign(f: FunctionContext, local: Local, value: Expr, span: Stmt["span"]): Stmt {
  const type = unify(local.type, value.type);
  const fits = type !== undefined && sameRepresentation(type, local.type, true);
  const coerced = fits ? coerceTo(f, value, local.type) : value;
  if (!fits || !sameRepresentation(coerced.type, local.type)) {
    return f.report.refuse("TSP2201", span, `${local.name} holds ${describeType(local.type)}, not ${describeType(value.type)}`, {
      hints: local.type.kind === "string" ? ["a text variable has the length of its first value"] : [],
    });
  }
  if (isBeyondSigned(value.type) && !isBeyondSigned(type)) wantUnsigned(f, local);
  learnAssigned(f, local, value);
  return createStmt({ kind: "assign", local, value: coerced, span });
}

/** Whether values of a bigint's type can be 2^63 and more. */
function isBeyondSigned(type: IrType): boolean {
  if (type.kind === "optional") return isBeyondSigned(type.value);
  return type.kind === "bigint" && !type.signed && type.range.max > S64.max;
}

/** A `let x = 0n` that is given unsigned values later is unsigned: the function is lowered again with that knowledge. */
function wantUnsigned(f: FunctionContext, local: Local): void {
  const declaration = f.openLets.get(local);
  if (declaration === undefined) return;
  f.module.unsignedLets.add(declaration);
  throw new LoweredAgain();
}

export function lowerUpdate(f: FunctionContext, node: UpdateExpression): Stmt {
  const span = f.span(node);
  const local = assignable(f, node.argument as never);
  const current = f.read(local, f.span(node.argument));
  const one = constantExpr(current.type.kind === "bigint" ? 1n : 1, span);
  return assign(f, local, binaryOperation(f, node.operator === "++" ? "+" : "-", current, one, span), span);
}
