import type { Expr, Stmt } from "../ir/nodes.js";
import { visitStatements } from "../ir/walk.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";
import { printCalledLoop } from "./rounds.js";
import { printStatements, withValue } from "./statement.js";
import { bare } from "./text.js";

type Loop = Extract<Stmt, { kind: "loop" }>;

/**
 * A loop. Unless the whole condition compares the counter with a constant, a counter of our own ends it after the rounds
 * that are known to be the most, so that the verifier sees the end. (Of several conditions clang drops the constant one
 * when another implies it, though the verifier knows only the constant; so it must not know of the rounds either.)
 */
export function printLoop(p: FunctionPrinter, s: Loop): void {
  const { out } = p.program;
  out.line("{");
  out.indented(() => {
    printStatements(p, s.init);
    if (s.callback) printCalledLoop(p, s);
    else if (s.site === undefined && !s.testAfter) printCountedLoop(p, s);
    else printLimitedLoop(p, s);
    const after = p.jumps.label({ kind: "break", target: s.id });
    if (after !== undefined) out.line(after);
  });
  out.line("}");
}

function printCountedLoop(p: FunctionPrinter, s: Loop): void {
  const { out } = p.program;
  const test = p.lazily(() => printExpr(p, s.test)).text;
  const update = s.update.map((u) => (u.kind === "assign" ? `${u.local.cName} = ${bare(printExpr(p, u.value))}` : "")).join(", ");
  if (s.test.kind === "compare" && s.test.right.kind === "constant") {
    out.statement(s.test.span, `for (; ${bare(test)}; ${update}) {`);
  } else {
    const rounds = p.temporary("rounds");
    const also = /\|\|/.test(test) ? test : bare(test);
    out.statement(s.test.span, `for (__u64 ${rounds} = 0; ${rounds} < ${s.bound} && ${also}; COUNT(${rounds}), ${update}) {`);
  }
  p.jumps.within({ id: s.id, breaks: true, continues: true, block: false }, () =>
    out.indented(() => {
      printStatements(p, s.body);
      printNext(p, s);
    }),
  );
  out.line("}");
}

/** A loop whose end the compiler does not know: a run that would go on beyond the limit is counted there, and ends. */
function printLimitedLoop(p: FunctionPrinter, s: Loop): void {
  const { out } = p.program;
  const rounds = p.temporary("rounds");
  out.statement(s.test.span, `for (__u64 ${rounds} = 0;; COUNT(${rounds})) {`);
  const limit = (most: number) => {
    if (s.site !== undefined) out.statement(s.test.span, `if (${rounds} >= ${most}${spend(s)}) ${p.fail(s.site)}`);
    else out.statement(s.test.span, `if (${rounds} >= ${most}) break;`);
  };
  // C's own `continue` would leave out what stands at the end of a round.
  const continues = s.update.length === 0 && !s.testAfter;
  p.jumps.within({ id: s.id, breaks: true, continues, block: false }, () =>
    out.indented(() => {
      if (!s.testAfter) {
        printExit(p, s.test, "break;");
        limit(s.bound);
      }
      out.line("{");
      out.indented(() => printStatements(p, s.body));
      out.line("}");
      printNext(p, s);
      printStatements(p, s.update);
      if (s.testAfter) {
        printExit(p, s.test, "break;");
        limit(s.bound - 1);
      }
    }),
  );
  out.line("}");
}

/** The part of a limit's test that counts rounds of all loops inside of others. */
export function spend({ spent }: Loop): string {
  return spent === undefined ? "" : ` || ++${spent.local.cName} > ${spent.most}`;
}

/** Leaves a loop when its condition does not hold. */
export function printExit(p: FunctionPrinter, test: Expr, leave: string): void {
  if (test.kind === "constant" && test.value === true) return;
  if (test.kind === "constant") p.program.out.statement(test.span, leave);
  else withValue(p, test.span, test, (text) => `if (!(${text})) ${leave}`);
}

/** The place where `continue` leads. */
function printNext(p: FunctionPrinter, s: Loop): void {
  const next = p.jumps.label({ kind: "continue", target: s.id });
  if (next !== undefined) p.program.out.line(next);
}

/** Whether anything inside jumps to a target. */
export function jumpsTo(body: readonly Stmt[], kind: "break" | "continue", target: number): boolean {
  let found = false;
  visitStatements(
    body,
    (s) => {
      found ||= s.kind === kind && s.target === target;
    },
    () => {},
  );
  return found;
}
