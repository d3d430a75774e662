import { type CompareOperator, createExpr, type Expr, type HelperInstance, type IrModule, type Stmt } from "../ir/nodes.js";
import type { Range } from "../ir/range.js";
import { isPure, mapParts, mapStatement } from "../ir/walk.js";

/**
 * Replaces what is known by constants and drops branches that are never taken: constants captured from the host
 * (`const VERBOSE = false`) then cost nothing, and the C stays short.
 */
export function fold(module: IrModule): IrModule {
  // Calls refer to helpers by identity; callees come before their callers.
  const helpers: Helpers = new Map();
  for (const helper of module.helpers) helpers.set(helper, Object.freeze({ ...helper, body: foldList(helper.body, helpers) }));
  return Object.freeze({
    ...module,
    handlers: Object.freeze(
      module.handlers.map((handler) => Object.freeze({ ...handler, body: foldList(handler.body, helpers) })),
    ),
    helpers: Object.freeze(module.helpers.map((helper) => helpers.get(helper) as HelperInstance)),
  });
}

/** Helpers as they were, and as they are now. */
type Helpers = Map<HelperInstance, HelperInstance>;

function foldList(statements: readonly Stmt[], helpers: Helpers): readonly Stmt[] {
  return Object.freeze(statements.flatMap((s) => foldStatement(s, helpers)));
}

function foldStatement(s: Stmt, helpers: Helpers): readonly Stmt[] {
  const folded = mapStatement(
    s,
    (expr) => foldExpr(expr, helpers),
    (list) => foldList(list, helpers),
  );
  if (folded.kind === "if" && folded.test.kind === "constant") {
    const taken = folded.test.value === true ? folded.yes : folded.no;
    return taken.length === 0 ? [] : [Object.freeze({ kind: "block", body: taken, span: folded.span })];
  }
  if (folded.kind === "block" && folded.body.length === 0) return [];
  return [folded];
}

/** Folds an expression, parts first. */
export function foldExpr(expr: Expr, helpers: ReadonlyMap<HelperInstance, HelperInstance> = new Map()): Expr {
  const node = mapParts(expr, (part) => foldExpr(part, helpers));
  switch (node.kind) {
    case "call":
      return createExpr({ ...node, helper: helpers.get(node.helper) ?? node.helper });
    case "constant":
      return node;
    case "not":
      return node.operand.kind === "constant" ? constant(node, node.operand.value !== true) : node;
    case "and":
      return node.left.kind !== "constant" ? node : node.left.value === true ? node.right : node.left;
    case "or":
      return node.left.kind !== "constant" ? node : node.left.value === true ? node.left : node.right;
    case "conditional":
      return node.test.kind !== "constant" ? node : node.test.value === true ? node.yes : node.no;
    case "truth":
      return node.operand.kind === "constant" ? constant(node, Boolean(node.operand.value)) : node;
    case "compare": {
      const known = compareRanges(node.op, node.left, node.right);
      return known === undefined || !isPure(node) ? node : constant(node, known);
    }
    default: {
      const { type } = node;
      const integer = type.kind === "number" || type.kind === "bigint";
      return integer && type.range.min === type.range.max && isPure(node) ? constant(node, type.range.min) : node;
    }
  }
}

function constant(like: Expr, value: bigint | boolean): Expr {
  return createExpr({ kind: "constant", value, span: like.span, type: like.type });
}

/** The result of a comparison that the ranges alone decide. */
function compareRanges(op: CompareOperator, left: Expr, right: Expr): boolean | undefined {
  if (!("range" in left.type) || !("range" in right.type)) return undefined;
  const [a, b]: [Range, Range] = [left.type.range, right.type.range];
  const certain = (always: boolean, never: boolean) => (always ? true : never ? false : undefined);
  const single = a.min === a.max && b.min === b.max && a.min === b.min;
  const apart = a.max < b.min || b.max < a.min;
  switch (op) {
    case "===":
      return certain(single, apart);
    case "!==":
      return certain(apart, single);
    case "<":
      return certain(a.max < b.min, a.min >= b.max);
    case "<=":
      return certain(a.max <= b.min, a.min > b.max);
    case ">":
      return certain(a.min > b.max, a.max <= b.min);
    case ">=":
      return certain(a.min >= b.max, a.max < b.min);
  }
}
