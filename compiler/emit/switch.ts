import type { Expr, Stmt } from "../ir/nodes.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";
import { printStatements } from "./statement.js";
import { bare } from "./text.js";

type Switch = Extract<Stmt, { kind: "switch" }>;

/** A switch: C's own where a variable is compared with different integers, else over the number of the first case that holds. */
export function printSwitch(p: FunctionPrinter, s: Switch): void {
  const { out } = p.program;
  const direct = directForm(p, s);
  const labels = direct?.labels ?? s.cases.map((_, i) => `case ${i}:`);
  out.line("{");
  out.indented(() => {
    out.statement(s.span, `switch (${direct?.subject ?? printChoice(p, s)}) {`);
    p.jumps.within({ id: s.id, breaks: true, continues: false, block: false }, () => {
      for (const [i, { test, body }] of s.cases.entries()) {
        out.line(test === undefined ? "default:;" : `${labels[i]};`);
        out.line("{");
        out.indented(() => printStatements(p, body));
        out.line("}");
      }
    });
    out.line("}");
    const after = p.jumps.label({ kind: "break", target: s.id });
    if (after !== undefined) out.line(after);
  });
  out.line("}");
}

interface DirectForm {
  readonly subject: string;
  readonly labels: readonly string[];
}

function directForm(p: FunctionPrinter, s: Switch): DirectForm | undefined {
  const tests = s.cases.flatMap(({ test }) => (test === undefined ? [] : [test]));
  const [first] = tests;
  if (first?.kind !== "compare" || first.left.kind !== "local") return undefined;
  const { local } = first.left;
  const values = tests.map((test) => constantOf(test, local));
  if (values.includes(undefined) || new Set(values).size !== values.length) return undefined;
  return {
    subject: local.cName,
    labels: s.cases.map(({ test }) => (test === undefined ? "" : `case ${bare(printExpr(p, (test as { right: Expr }).right))}:`)),
  };
}

/** The integer that a test compares a variable with. */
function constantOf(test: Expr, local: unknown): bigint | undefined {
  if (test.kind !== "compare" || test.op !== "===" || test.left.kind !== "local" || test.left.local !== local) return undefined;
  if (test.left.type.kind !== test.right.type.kind || test.right.kind !== "constant") return undefined;
  const [left, right] = [test.left.type, test.right.type];
  // Of mixed signs C would compare other values.
  if (left.kind === "bigint" && right.kind === "bigint" && !left.signed && (test.right.value as bigint) < 0n) return undefined;
  return typeof test.right.value === "bigint" ? test.right.value : undefined;
}

/**
 * The number of the case that is entered: tests are made in turn, each only when those before it failed. They stand one after the
 * other, not each in the `else` of the last: clang takes 256 levels.
 */
function printChoice(p: FunctionPrinter, s: Switch): string {
  const { out } = p.program;
  const choice = p.temporary("case");
  out.statement(s.span, `__u32 ${choice} = ${s.cases.length};`);
  out.line("do {");
  out.indented(() => {
    for (const [i, { test }] of s.cases.entries()) {
      if (test === undefined) continue;
      const { steps, value } = p.apart(() => printExpr(p, test));
      out.line("{");
      for (const line of steps) out.statement(test.span, line);
      out.statement(test.span, `if (${bare(value)}) { ${choice} = ${i}; break; }`);
      out.line("}");
    }
  });
  out.line("} while (0);");
  return choice;
}
