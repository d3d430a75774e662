import type { Span } from "../../../diagnostics/span.js";
import { createStmt, type Stmt } from "../../ir/nodes.js";
import type { FunctionContext } from "./context.js";
import { either, type Facts } from "./flow.js";

/** What `break` and `continue` can leave: a loop, a switch, a labelled block. */
export interface Target {
  readonly id: number;
  readonly kind: "loop" | "switch" | "block";
  readonly labels: readonly string[];
  /** How often what is inside runs at most each time, as far as that is known. */
  readonly rounds: bigint;
  /** What is known at each `break` that leaves it, and at each `continue`. */
  readonly broke: Facts[];
  readonly continued: Facts[];
}

/** Lowers what is inside a target. */
export function inTarget<T>(
  f: FunctionContext,
  kind: Target["kind"],
  labels: readonly string[],
  lower: (target: Target) => T,
  rounds = 1n,
): T {
  const target: Target = { id: f.nextTarget(), kind, labels, rounds, broke: [], continued: [] };
  f.targets.push(target);
  try {
    return lower(target);
  } finally {
    f.targets.pop();
  }
}

/** How often this place runs at most in one run of the function, as far as loops tell. */
export function roundsHere(f: FunctionContext): bigint {
  return f.targets.reduce((product, { rounds }) => product * rounds, 1n);
}

/** Whether this place is inside of a loop. */
export function isInLoop(f: FunctionContext): boolean {
  return f.targets.some(({ kind }) => kind === "loop");
}

/** `break`, `continue`, with or without a label. */
export function lowerJump(f: FunctionContext, kind: "break" | "continue", label: string | undefined, span: Span): Stmt {
  const target = f.targets.findLast((candidate) =>
    label !== undefined
      ? candidate.labels.includes(label)
      : candidate.kind === "loop" || (kind === "break" && candidate.kind === "switch"),
  );
  // The parser has seen to it that there is one.
  if (target === undefined) return f.report.refuse("TSP2450", span, `there is nothing that this \`${kind}\` could leave`);
  (kind === "break" ? target.broke : target.continued).push(f.facts);
  return createStmt({ kind, target: target.id, span });
}

/** What is known where several ways meet; undefined when no way leads there. */
export function meet(ways: readonly Facts[]): Facts | undefined {
  return ways.length === 0 ? undefined : ways.reduce(either);
}
