import type { Local } from "../../ir/nodes.js";
import { createRange, type Range } from "../../ir/range.js";
import { type FunctionContext, isLocalBinding } from "./context.js";

/** The variables outside of a loop that its parts (body, condition, update) change. */
export function changedIn(f: FunctionContext, parts: readonly unknown[]): Local[] {
  return [...assignedIn(parts)]
    .map((name) => f.lookup(name))
    .filter((binding): binding is Local => binding !== undefined && isLocalBinding(binding));
}

/** Whether a name is used anywhere below a node. */
export function mentions(node: unknown, name: string): boolean {
  if (Array.isArray(node)) return node.some((member) => mentions(member, name));
  if (typeof node !== "object" || node === null) return false;
  const { type, name: own } = node as { type?: string; name?: string };
  if (type === "Identifier" && own === name) return true;
  return Object.entries(node).some(([key, member]) => key !== "parent" && mentions(member, name));
}

/** Names assigned below a node that it does not declare itself. */
export function assignedIn(node: unknown): Set<string> {
  const found = new Set<string>();
  if (Array.isArray(node)) for (const member of node) for (const name of assignedIn(member)) found.add(name);
  else if (typeof node === "object" && node !== null) {
    const { type, left, argument } = node as Syntax;
    for (const [key, member] of Object.entries(node))
      if (key !== "parent") for (const name of assignedIn(member)) found.add(name);
    const isLoop = type === "ForOfStatement" || type === "ForInStatement";
    if (type === "AssignmentExpression" || isLoop) for (const name of namesIn(left)) found.add(name);
    if (type === "UpdateExpression") for (const name of namesIn(argument)) found.add(name);
    for (const name of declaredBy(node)) found.delete(name);
  }
  return found;
}

interface Syntax {
  readonly type?: string;
  readonly name?: string;
  readonly operator?: string;
  readonly left?: Syntax;
  readonly right?: { readonly value?: unknown; readonly bigint?: string };
  readonly argument?: Syntax;
  readonly value?: Syntax;
  readonly properties?: readonly Syntax[];
  readonly elements?: readonly (Syntax | null)[];
  readonly declarations?: readonly { readonly id: Syntax }[];
  readonly kind?: string;
}

/** The names that a pattern binds or assigns. */
export function namesIn(pattern: Syntax | null | undefined): string[] {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern.name as string];
    case "ObjectPattern":
      return (pattern.properties ?? []).flatMap((property) =>
        namesIn(property.type === "RestElement" ? property : property.value),
      );
    case "ArrayPattern":
      return (pattern.elements ?? []).flatMap(namesIn);
    case "Property":
      return namesIn(pattern.value);
    case "AssignmentPattern":
      return namesIn(pattern.left);
    case "RestElement":
      return namesIn(pattern.argument);
    default:
      return [];
  }
}

/** Names whose scope a node is: a block, a switch, a loop with a declaration in its head. */
function declaredBy(node: object): string[] {
  const { type, body, init, left, cases } = node as {
    type?: string;
    body?: unknown;
    init?: unknown;
    left?: unknown;
    cases?: readonly { readonly consequent: readonly unknown[] }[];
  };
  const statements =
    type === "BlockStatement"
      ? (body as unknown[])
      : type === "ForStatement"
        ? [init]
        : type === "ForOfStatement" || type === "ForInStatement"
          ? [left]
          : type === "SwitchStatement"
            ? (cases ?? []).flatMap(({ consequent }) => consequent)
            : [];
  return statements.flatMap((statement) => {
    const { type: kind, declarations } = (statement ?? {}) as Syntax;
    return kind === "VariableDeclaration" ? (declarations ?? []).flatMap(({ id }) => namesIn(id)) : [];
  });
}

/** How far a variable can go up and down in one round of a loop. */
interface Drift {
  up: bigint;
  down: bigint;
}

/**
 * Ranges of the variables that a loop only counts up or down by constants (`count++`, `sum += 2`): bounded by the number of
 * rounds, so that counting needs no check. (Checks would also make the verifier follow every value of the count apart.)
 * @param parts the loop's body, condition and update
 * @param before what is known of the variables when the loop begins
 * @param rounds how often they can have been changed at most
 */
export function countedRanges(
  f: FunctionContext,
  parts: readonly unknown[],
  before: ReadonlyMap<unknown, Range>,
  rounds: bigint,
): Map<Local, Range> {
  const ranges = new Map<Local, Range>();
  for (const local of changedIn(f, parts)) {
    const from = before.get(local);
    const drift: Drift = { up: 0n, down: 0n };
    if (from === undefined || !followsDrift(parts, local.name, drift)) continue;
    ranges.set(local, createRange(from.min - rounds * drift.down, from.max + rounds * drift.up));
  }
  return ranges;
}

const LOOPS = new Set<string | undefined>([
  "ForStatement",
  "ForOfStatement",
  "ForInStatement",
  "WhileStatement",
  "DoWhileStatement",
]);

/** Adds up the changes of a variable below a node; false when one of them is not by a constant, or in a loop of its own. */
function followsDrift(node: unknown, name: string, drift: Drift): boolean {
  if (Array.isArray(node)) return node.every((member) => followsDrift(member, name, drift));
  if (typeof node !== "object" || node === null) return true;
  if (declaredBy(node).includes(name)) return true;
  const { type, operator, left, argument, right } = node as Syntax;
  if (LOOPS.has(type)) return !assignedIn(node).has(name);
  if (type === "UpdateExpression" && argument?.name === name) {
    if (operator === "++") drift.up++;
    else drift.down++;
    return true;
  }
  if (type === "AssignmentExpression" && namesIn(left).includes(name)) {
    const amount =
      typeof right?.bigint === "string"
        ? BigInt(right.bigint)
        : Number.isSafeInteger(right?.value)
          ? BigInt(right?.value as number)
          : undefined;
    if (left?.type !== "Identifier" || amount === undefined || (operator !== "+=" && operator !== "-=")) return false;
    if (operator === "+=") drift.up += amount;
    else drift.down += amount;
    return true;
  }
  return Object.entries(node).every(([key, member]) => key === "parent" || followsDrift(member, name, drift));
}
