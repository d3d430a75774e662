import { isTransparent, type Node } from "./node.js";

/**
 * What the result of a call is assigned to, for naming it to the user:
 * `export const states = tracepoint(…)` and `{ states: tracepoint(…).on(…) }` are both "states"; so are both hooks of
 * `const states = firstOf(fentry(…), kprobe(…))`.
 */
export function assignedName(call: Node, ancestors: readonly Node[]): string | undefined {
  let child = call;
  for (let index = ancestors.length - 1; index >= 0; index--) {
    const parent = ancestors[index] as Node;
    const named = nameGivenBy(parent, child);
    if (named !== undefined) return named;
    if (!passesValue(parent, child)) return undefined;
    child = parent;
  }
  return undefined;
}

function nameGivenBy(parent: Node, value: Node): string | undefined {
  switch (parent.type) {
    case "VariableDeclarator":
      return nameOf(parent.id as Node);
    case "AssignmentExpression":
      return value === parent.right ? nameOf(parent.left as Node) : undefined;
    case "Property":
    case "PropertyDefinition":
      return value === parent.value && parent.computed !== true ? nameOf(parent.key as Node) : undefined;
    case "ExportDefaultDeclaration":
      return "default";
    default:
      return undefined;
  }
}

/** Whether the child's value is also the parent's; a method call counts, for `.on(…)` returns its object. */
function passesValue(parent: Node, child: Node): boolean {
  if (isTransparent(parent) || parent.type === "AwaitExpression") return true;
  if (parent.type === "ConditionalExpression") return child !== parent.test;
  if (parent.type === "LogicalExpression") return true;
  if (parent.type === "MemberExpression") return child === parent.object;
  if (parent.type !== "CallExpression") return false;
  if (child === parent.callee) return child.type === "MemberExpression";
  return nameOf(parent.callee as Node) === "firstOf";
}

function nameOf(target: Node): string | undefined {
  switch (target.type) {
    case "Identifier":
    case "PrivateIdentifier":
      return target.name as string;
    case "Literal":
      return String(target.value);
    case "MemberExpression":
      return target.computed === true ? undefined : nameOf(target.property as Node);
    default:
      return undefined;
  }
}
