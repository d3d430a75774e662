import { createExpr, createStmt, type Expr, type IrModule, type Stmt } from "./nodes.js";

/** Names of the fields that hold one expression. */
const SINGLE = [
  "context",
  "left",
  "right",
  "operand",
  "test",
  "yes",
  "no",
  "bytes",
  "array",
  "index",
  "object",
  "key",
  "value",
  "pointer",
  "address",
  "source",
  "result",
  "event",
  "least",
] as const;

/** Direct parts of an expression, in order of evaluation. */
export function partsOf(expr: Expr): readonly Expr[] {
  if (expr.kind === "object") return expr.fields.map((field) => field.value);
  if (expr.kind === "array" || expr.kind === "template") return expr.elements;
  if (expr.kind === "call" || expr.kind === "builtin") return expr.arguments;
  if (expr.kind === "kernel-read" || expr.kind === "kernel-address") return [expr.pointer, ...expr.indices];
  const node = expr as unknown as Record<string, unknown>;
  return SINGLE.map((name) => node[name]).filter((part): part is Expr => isExpr(part));
}

function isExpr(value: unknown): value is Expr {
  return typeof value === "object" && value !== null && "type" in value && "span" in value && "kind" in value;
}

/** The same expression with its direct parts replaced; itself when none changes. */
export function mapParts(expr: Expr, change: (part: Expr) => Expr): Expr {
  if (expr.kind === "object") {
    const fields = expr.fields.map((field) => ({ name: field.name, value: change(field.value) }));
    return fields.every((field, i) => field.value === expr.fields[i]?.value)
      ? expr
      : createExpr({ ...expr, fields: Object.freeze(fields) });
  }
  if (expr.kind === "array" || expr.kind === "template")
    return createExpr({ ...expr, elements: Object.freeze(expr.elements.map(change)) });
  if (expr.kind === "call" || expr.kind === "builtin") {
    const given = expr.arguments.map(change);
    return given.every((part, i) => part === expr.arguments[i]) ? expr : createExpr({ ...expr, arguments: Object.freeze(given) });
  }
  if (expr.kind === "kernel-read" || expr.kind === "kernel-address")
    return createExpr({ ...expr, pointer: change(expr.pointer), indices: Object.freeze(expr.indices.map(change)) });
  const node = expr as unknown as Record<string, unknown>;
  const changed: Record<string, Expr> = {};
  for (const name of SINGLE) {
    const part = node[name];
    if (!isExpr(part)) continue;
    const next = change(part);
    if (next !== part) changed[name] = next;
  }
  return Object.keys(changed).length === 0 ? expr : createExpr({ ...expr, ...changed } as Expr);
}

/** Visits an expression and all its parts, parts first. */
export function visitExpr(expr: Expr, visit: (expr: Expr) => void): void {
  for (const part of partsOf(expr)) visitExpr(part, visit);
  visit(expr);
}

/** The expressions that stand directly in a statement. */
export function expressionsOf(s: Stmt): readonly Expr[] {
  switch (s.kind) {
    case "declare":
    case "assign":
    case "evaluate":
    case "return":
      return s.value === undefined ? [] : [s.value];
    case "if":
    case "loop":
      return [s.test];
    case "switch":
      return s.cases.flatMap(({ test }) => (test === undefined ? [] : [test]));
    case "send":
      return s.event === undefined ? [] : [s.event];
    default:
      return [];
  }
}

/** The statements nested in a statement. */
export function statementsOf(s: Stmt): readonly Stmt[] {
  switch (s.kind) {
    case "if":
      return [...s.yes, ...s.no];
    case "loop":
      return [...s.init, ...s.body, ...s.update];
    case "switch":
      return s.cases.flatMap(({ body }) => body);
    case "block":
    case "labelled":
    case "each":
      return s.body;
    default:
      return [];
  }
}

/** Visits all statements, outer ones first, and all expressions. */
export function visitStatements(statements: readonly Stmt[], onStatement: (s: Stmt) => void, onExpr: (expr: Expr) => void): void {
  for (const s of statements) {
    onStatement(s);
    for (const expr of expressionsOf(s)) visitExpr(expr, onExpr);
    visitStatements(statementsOf(s), onStatement, onExpr);
  }
}

/** Visits all code of a module. */
export function visitModule(module: IrModule, onStatement: (s: Stmt) => void, onExpr: (expr: Expr) => void): void {
  for (const { body } of [...module.helpers, ...module.handlers]) visitStatements(body, onStatement, onExpr);
}

/** The same statement with its direct expressions and nested statement lists replaced. */
export function mapStatement(s: Stmt, expr: (e: Expr) => Expr, list: (l: readonly Stmt[]) => readonly Stmt[]): Stmt {
  switch (s.kind) {
    case "declare":
      return createStmt({ ...s, value: s.value === undefined ? undefined : expr(s.value) });
    case "assign":
    case "evaluate":
      return createStmt({ ...s, value: expr(s.value) });
    case "return":
      return createStmt({ ...s, value: s.value === undefined ? undefined : expr(s.value) });
    case "send":
      return createStmt({ ...s, event: s.event === undefined ? undefined : expr(s.event) });
    case "if":
      return createStmt({ ...s, test: expr(s.test), yes: list(s.yes), no: list(s.no) });
    case "loop":
      return createStmt({ ...s, init: list(s.init), test: expr(s.test), update: list(s.update), body: list(s.body) });
    case "switch":
      return createStmt({
        ...s,
        cases: s.cases.map((c) => ({ test: c.test === undefined ? undefined : expr(c.test), body: list(c.body) })),
      });
    case "block":
    case "labelled":
    case "each":
      return createStmt({ ...s, body: list(s.body) });
    default:
      return s;
  }
}

/** What does more than give a value, or may, as a helper. */
const EFFECTS: ReadonlySet<Expr["kind"]> = new Set([
  "map-set",
  "map-delete",
  "map-add",
  "stash-put",
  "stash-take",
  "aggregate",
  "call",
  "emit",
]);
/** What may give another value the next time. */
const READS: ReadonlySet<Expr["kind"]> = new Set(["map-get", "map-has", "builtin", "kernel-read"]);

/** Whether evaluating it does nothing but give a value, or end the run by a failed check. */
export function isQuiet(expr: Expr): boolean {
  return !EFFECTS.has(expr.kind) && partsOf(expr).every(isQuiet);
}

/** Whether evaluating it twice, or not at all, makes no difference. */
export function isPure(expr: Expr): boolean {
  if ("site" in expr && expr.site !== undefined) return false;
  if ("zero" in expr && expr.zero !== undefined) return false;
  return !EFFECTS.has(expr.kind) && !READS.has(expr.kind) && partsOf(expr).every(isPure);
}

/** Whether an expression can stand in several places: evaluating it does nothing, and it has no variable of its own inside. */
export function isRepeatable(expr: Expr): boolean {
  return isPure(expr) && hasNoLet(expr);
}

function hasNoLet(expr: Expr): boolean {
  return expr.kind !== "let" && partsOf(expr).every(hasNoLet);
}

/** Whether control can run past the end of the statements. */
export function completes(statements: readonly Stmt[]): boolean {
  return statements.every((s) => {
    if (s.kind === "return" || s.kind === "send" || s.kind === "break" || s.kind === "continue") return false;
    if (s.kind === "if") return completes(s.yes) || completes(s.no);
    if (s.kind === "block") return completes(s.body);
    if (s.kind === "loop" || s.kind === "switch") return !s.endless;
    return true;
  });
}
