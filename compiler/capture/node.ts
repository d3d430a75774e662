/**
 * An ESTree node, as loosely as the walkers need it: they read any ESTree-shaped tree with UTF-16 offsets
 * (oxc-parser today), and only the places that hand nodes out know the parser's own types.
 */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Whether a property of a node is itself a node. */
export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** The nodes directly below one, in the parser's key order. */
export function* childrenOf(node: Node): Generator<Node> {
  for (const key in node) {
    const value = node[key];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) yield item;
    } else if (isNode(value)) yield value;
  }
}

const TRANSPARENT = new Set([
  "ParenthesizedExpression",
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
  "ChainExpression",
]);

/** Whether a node only wraps an expression and leaves its value as it is: parentheses, `as`, `satisfies`, `!`. */
export function isTransparent(node: Node): boolean {
  return TRANSPARENT.has(node.type);
}

/** The expression inside parentheses and type assertions. */
export function unwrap(node: Node): Node {
  let inner = node;
  while (isTransparent(inner)) inner = inner.expression as Node;
  return inner;
}
