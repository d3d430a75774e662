import type { HelperInstance, IrModule, Stmt } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import { visitModule, visitStatements } from "../ir/walk.js";
import { hasStorage } from "./c-types.js";

/** Nodes of IR in all copies of a helper together, from which on it is one function instead. */
const LARGE = 600;
/** Registers hold five arguments, r1 to r5; one is left for the address of scratch memory (scratch.ts). */
const MOST_ARGUMENTS = 4;
/** Of the 8 frames that the verifier allows (MAX_CALL_FRAMES), the handler takes one, rounds of loops some, tsp_count one. */
const DEEPEST = 4;

/**
 * The helpers that become functions of their own (BPF-to-BPF calls) instead of being inlined at each call: those whose copies would be
 * large, and whose arguments and result fit into registers.
 */
export function outlinedHelpers(module: IrModule, failing: (helper: HelperInstance) => boolean): ReadonlySet<HelperInstance> {
  const calls = new Map<HelperInstance, number>();
  visitModule(
    module,
    () => {},
    (expr) => {
      if (expr.kind === "call") calls.set(expr.helper, (calls.get(expr.helper) ?? 0) + 1);
    },
  );
  const outlined = new Set<HelperInstance>();
  const sizes = new Map<HelperInstance, { readonly nodes: number; readonly depth: number }>();
  for (const helper of module.helpers) {
    const size = measure(helper.body, sizes);
    const count = calls.get(helper) ?? 0;
    const arguments_ = helper.parameters.filter(({ type }) => hasStorage(type)).length + (failing(helper) ? 1 : 0);
    const fits = arguments_ <= MOST_ARGUMENTS && helper.parameters.every(({ type }) => isPassed(type)) && isPassed(helper.result);
    if (count > 1 && size.nodes * count >= LARGE && fits && size.depth < DEEPEST) {
      outlined.add(helper);
      sizes.set(helper, { nodes: 1, depth: size.depth + 1 });
    } else sizes.set(helper, size);
  }
  return outlined;
}

/** Whether values of a type take one register, or none. */
function isPassed(type: IrType): boolean {
  return (
    !hasStorage(type) ||
    ["number", "bigint", "boolean", "name", "double", "pointer", "context", "symbol", "stack"].includes(type.kind)
  );
}

/** Nodes of a body with what is inlined in it, and how many frames it takes beside its own. */
function measure(
  body: readonly Stmt[],
  sizes: ReadonlyMap<HelperInstance, { readonly nodes: number; readonly depth: number }>,
): { readonly nodes: number; readonly depth: number } {
  let nodes = 0;
  let depth = 0;
  let rounds = 0;
  visitStatements(
    body,
    (s) => {
      nodes++;
      if (s.kind === "each" || (s.kind === "loop" && s.callback)) rounds++;
    },
    (expr) => {
      nodes++;
      if (expr.kind !== "call") return;
      const called = sizes.get(expr.helper);
      nodes += called?.nodes ?? 0;
      depth = Math.max(depth, called?.depth ?? 0);
    },
  );
  return { nodes, depth: depth + Math.min(rounds, 2) };
}
