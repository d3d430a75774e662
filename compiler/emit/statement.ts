import type { ExprOf, Stmt } from "../ir/nodes.js";
import { printExpr } from "./expression.js";
import type { FunctionPrinter } from "./printer.js";
import { printSend } from "./send.js";

/** Statements as C, each under the #line of its place in the script. */
export function printStatements(p: FunctionPrinter, statements: readonly Stmt[]): void {
  for (const s of statements) printStatement(p, s);
}

function printStatement(p: FunctionPrinter, s: Stmt): void {
  const { out, types } = p.program;
  switch (s.kind) {
    case "declare":
      return out.statement(s.span, `${types.of(s.local.type)} ${s.local.cName} = ${s.value === undefined ? "{}" : printExpr(p, s.value)};`);
    case "assign":
      return out.statement(s.span, `${s.local.cName} = ${printExpr(p, s.value)};`);
    case "evaluate":
      return out.statement(s.span, `${printExpr(p, s.value)};`);
    case "if":
      out.statement(s.test.span, `if (${printExpr(p, s.test)}) {`);
      out.indented(() => printStatements(p, s.yes));
      if (s.no.length > 0) {
        out.line("} else {");
        out.indented(() => printStatements(p, s.no));
      }
      return out.line("}");
    case "loop":
      return printLoop(p, s);
    case "block":
      out.line("{");
      out.indented(() => printStatements(p, s.body));
      return out.line("}");
    case "break":
    case "continue":
      return out.statement(s.span, `${s.kind};`);
    case "send":
      return printSending(p, s);
    case "return":
      return out.statement(s.span, s.value === undefined ? "return;" : `return ${printExpr(p, s.value)};`);
  }
}

/** The bound is checked with a counter of its own, so that the verifier sees the end whatever the script's condition is. */
function printLoop(p: FunctionPrinter, s: Extract<Stmt, { kind: "loop" }>): void {
  const { out } = p.program;
  const rounds = p.temporary();
  out.line("{");
  out.indented(() => {
    printStatements(p, s.init);
    const update = s.update.map((u) => (u.kind === "assign" ? `${u.local.cName} = ${printExpr(p, u.value)}` : "")).join(", ");
    out.statement(s.test.span, `for (__u32 ${rounds} = 0; ${rounds} < ${s.bound} && ${printExpr(p, s.test)}; ${rounds}++, ${update}) {`);
    out.indented(() => printStatements(p, s.body));
    out.line("}");
  });
  out.line("}");
}

function printSending(p: FunctionPrinter, s: Extract<Stmt, { kind: "send" }>): void {
  const { out } = p.program;
  if (s.event !== undefined && s.site !== undefined) {
    for (const line of printSend(p, s.event as ExprOf<"object">, s.site)) out.statement(line.span, line.text);
  }
  out.statement(s.span, "return 0;");
}
