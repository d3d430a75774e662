import type { Span } from "../../../diagnostics/span.js";
import { createStmt, type Expr, type HelperInstance, type Local, type Site, type Stmt } from "../../ir/nodes.js";
import { U32 } from "../../ir/range.js";
import { numberType } from "../../ir/types.js";
import { expressionsOf, partsOf, statementsOf } from "../../ir/walk.js";
import { constantExpr } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { isInLoop, roundsHere } from "./targets.js";

/** How often a loop may run whose end the compiler cannot see. */
export const UNKNOWN_ROUNDS = 65_536n;
/** How often bpf_loop calls at most: BPF_MAX_LOOPS (include/linux/bpf_verifier.h). */
const CALLED_ROUNDS = 8_388_608n;
/** Rounds that the verifier walks one by one: each branch that is still to be followed counts (BPF_COMPLEXITY_LIMIT_JMP_SEQ, 8192). */
const WALKED_ROUNDS = 4_096n;
/** Nodes of IR in all rounds together up to which walking them is cheap, and up to which it is possible (a million instructions). */
const [CHEAP, POSSIBLE] = [2_000n, 150_000n];

/** How many rounds all runs of a loop inside another may have together, when the end of it cannot be seen. */
const SPENT_ROUNDS = 1_048_576;

/** How a loop is made, and how it ends. */
export interface RoundPlan {
  readonly bound: number;
  /** Counts the rounds of all limited loops inside of others; at `most` the run ends, too. */
  readonly spent: { readonly local: Local; readonly most: number } | undefined;
  /** Where a run is counted that would go on beyond the bound; undefined when the loop ends of itself. */
  readonly site: Site | undefined;
  readonly callback: boolean;
}

/** Whether this kernel has bpf_loop: since 5.17. */
export function hasLoopCalls(f: FunctionContext): boolean {
  const [major = 0, minor = 0] = f.module.kernel.release.split(".").map((part) => Number.parseInt(part, 10));
  return major > 5 || (major === 5 && minor >= 17);
}

/**
 * Decides between a loop that the verifier walks round by round, and one whose rounds bpf_loop calls.
 * @param rounds how often it can run at most; undefined when that is not known
 * @param parts all that runs in a round
 */
export function planRounds(
  f: FunctionContext,
  rounds: bigint | undefined,
  parts: readonly (Expr | Stmt)[],
  span: Span,
): RoundPlan {
  const cost = parts.reduce((sum, part) => sum + costOf(part), 1n);
  const wanted = rounds ?? UNKNOWN_ROUNDS;
  const site = rounds === undefined ? f.site("loop", span) : undefined;
  const spent = rounds === undefined && isInLoop(f) ? { local: spentLocal(f, span), most: SPENT_ROUNDS } : undefined;
  const all = rounds === undefined ? wanted : wanted * roundsHere(f);
  const cheap = wanted * cost <= CHEAP && wanted <= WALKED_ROUNDS;
  // Around a loop whose rounds are called the verifier would look at those again in each round that it walks.
  if (cheap && !(wanted > 1n && hasLoopCalls(f) && callsRounds(parts)))
    return { bound: Number(wanted), spent, site, callback: false };
  if (hasLoopCalls(f)) {
    if (all > CALLED_ROUNDS)
      f.report.refuse(
        "TSP2129",
        span,
        `this loop can run ${all} times: more than the kernel should do at once (${CALLED_ROUNDS})`,
        {
          hints: ["do less in one run of the handler, or lower the bounds of this loop and of those around it"],
        },
      );
    return { bound: Number(wanted), spent, site, callback: true };
  }
  const most = POSSIBLE / cost < WALKED_ROUNDS ? POSSIBLE / cost : WALKED_ROUNDS;
  if (rounds === undefined) return { bound: Number(most < 16n ? 16n : most), spent, site, callback: false };
  if (wanted > most)
    f.report.refuse(
      "TSP2129",
      span,
      `this loop can run ${wanted} times: more than this kernel (${f.module.kernel.release}) can check`,
      {
        hints: [`lower its bound to ${most}; from Linux 5.17 on there is no such limit`],
      },
    );
  return { bound: Number(wanted), spent, site, callback: false };
}

/** The variable that counts what limited loops inside of others have used up. */
function spentLocal(f: FunctionContext, span: Span): Local {
  if (f.spent !== undefined) return f.spent;
  const local = f.inScope(() => f.declare("spent", numberType(U32), true));
  f.prologue.push(createStmt({ kind: "declare", local, value: constantExpr(0, span), span }));
  f.spent = local;
  return local;
}

/** Whether a loop inside has rounds that are called. */
function callsRounds(parts: readonly (Expr | Stmt)[]): boolean {
  return parts.some(
    (part) =>
      isStatement(part) && (part.kind === "each" || (part.kind === "loop" && part.callback) || callsRounds(statementsOf(part))),
  );
}

/** Nodes that the verifier walks. */
function costOf(part: Expr | Stmt): bigint {
  const known = costs.get(part);
  if (known !== undefined) return known;
  const cost = isStatement(part) ? statementCost(part) : expressionCost(part);
  costs.set(part, cost);
  return cost;
}

const costs = new WeakMap<Expr | Stmt, bigint>();

function isStatement(part: Expr | Stmt): part is Stmt {
  return !("type" in part);
}

function statementCost(s: Stmt): bigint {
  const inside = [...expressionsOf(s), ...statementsOf(s)].reduce((sum, part) => sum + costOf(part), 1n);
  if (s.kind === "each") return inside * 2n;
  if (s.kind !== "loop") return inside;
  return s.callback ? inside * 2n : inside * BigInt(Math.max(1, s.bound));
}

function expressionCost(e: Expr): bigint {
  const inside = partsOf(e).reduce((sum, part) => sum + costOf(part), 1n);
  return e.kind === "call" ? inside + helperCost(e.helper) : inside;
}

/** Nodes of a helper's body. */
export function helperCost(helper: HelperInstance): bigint {
  return helper.body.reduce((sum, s) => sum + costOf(s), 1n);
}
