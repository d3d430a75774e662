import type { ForStatement } from "oxc-parser";
import type { Local } from "../../ir/nodes.js";
import { createRange, type Range } from "../../ir/range.js";
import type { FunctionContext } from "./context.js";

/** The variables outside of a loop that it changes. */
export function changedIn(f: FunctionContext, node: ForStatement): Local[] {
  return [...assignedIn(node.body)]
    .map((name) => f.lookup(name))
    .filter((binding): binding is Local => binding !== undefined && binding !== "failed");
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
    const { type, left, argument } = node as { type?: string; left?: Target; argument?: Target };
    for (const [key, member] of Object.entries(node))
      if (key !== "parent") for (const name of assignedIn(member)) found.add(name);
    const target = type === "AssignmentExpression" ? left : type === "UpdateExpression" ? argument : undefined;
    if (target?.type === "Identifier") found.add(target.name);
    for (const name of declaredBy(node)) found.delete(name);
  }
  return found;
}

interface Target {
  readonly type: string;
  readonly name: string;
}

/** Names whose scope a block or a for statement is. */
function declaredBy(node: object): string[] {
  const { type, body, init } = node as { type?: string; body?: unknown; init?: unknown };
  const statements = type === "BlockStatement" ? (body as unknown[]) : type === "ForStatement" ? [init] : [];
  return statements.flatMap((statement) => {
    const { type: kind, declarations } = (statement ?? {}) as { type?: string; declarations?: { id: Target }[] };
    return kind === "VariableDeclaration" ? (declarations ?? []).map(({ id }) => id.name) : [];
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
 * @param before what is known of the variables when the loop begins
 * @param rounds how often they can have been changed at most
 */
export function countedRanges(
  f: FunctionContext,
  node: ForStatement,
  before: ReadonlyMap<unknown, Range>,
  rounds: bigint,
): Map<Local, Range> {
  const ranges = new Map<Local, Range>();
  for (const local of changedIn(f, node)) {
    const from = before.get(local);
    const drift: Drift = { up: 0n, down: 0n };
    if (from === undefined || !followsDrift(node.body, local.name, drift)) continue;
    ranges.set(local, createRange(from.min - rounds * drift.down, from.max + rounds * drift.up));
  }
  return ranges;
}

/** Adds up the changes of a variable below a node; false when one of them is not by a constant, or in a loop of its own. */
function followsDrift(node: unknown, name: string, drift: Drift): boolean {
  if (Array.isArray(node)) return node.every((member) => followsDrift(member, name, drift));
  if (typeof node !== "object" || node === null) return true;
  if (declaredBy(node).includes(name)) return true;
  const { type, operator, left, argument, right } = node as {
    type?: string;
    operator?: string;
    left?: Target;
    argument?: Target;
    right?: { value?: unknown; bigint?: string };
  };
  if (type === "ForStatement") return !assignedIn(node).has(name);
  if (type === "UpdateExpression" && argument?.name === name) {
    if (operator === "++") drift.up++;
    else drift.down++;
    return true;
  }
  if (type === "AssignmentExpression" && left?.name === name) {
    const amount =
      typeof right?.bigint === "string"
        ? BigInt(right.bigint)
        : Number.isSafeInteger(right?.value)
          ? BigInt(right?.value as number)
          : undefined;
    if (amount === undefined || (operator !== "+=" && operator !== "-=")) return false;
    if (operator === "+=") drift.up += amount;
    else drift.down += amount;
    return true;
  }
  return Object.entries(node).every(([key, member]) => key === "parent" || followsDrift(member, name, drift));
}
