import type { Span } from "../../diagnostics/span.js";
import type { Expr, ExprOf, Stmt } from "../ir/nodes.js";
import { isPure } from "../ir/walk.js";
import { hasStorage } from "./c-types.js";
import { printExpr } from "./expression.js";
import { NOTHING, printEmpty } from "./literals.js";
import { printLoop } from "./loops.js";
import type { FunctionPrinter } from "./printer.js";
import { printEach } from "./rounds.js";
import { printSend } from "./send.js";
import { printSwitch } from "./switch.js";
import { bare, initialValueOf, printGuarded, printVariable } from "./text.js";

/** Statements as C, each under the #line of its place in the script. */
export function printStatements(p: FunctionPrinter, statements: readonly Stmt[]): void {
  for (const s of statements) printStatement(p, s);
}

function printStatement(p: FunctionPrinter, s: Stmt): void {
  const { out } = p.program;
  switch (s.kind) {
    case "declare":
      printDeclaration(p, s);
      break;
    case "assign":
      withValue(p, s.span, s.value, (value) => `${s.local.cName} = ${value};`);
      break;
    case "evaluate":
      printEvaluation(p, s);
      break;
    case "if":
      printIf(p, s);
      break;
    case "loop":
      printLoop(p, s);
      break;
    case "block":
      out.line("{");
      out.indented(() => printStatements(p, s.body));
      out.line("}");
      break;
    case "switch":
      printSwitch(p, s);
      break;
    case "each":
      printEach(p, s);
      break;
    case "labelled":
      printLabelled(p, s);
      break;
    case "break":
    case "continue":
      out.statement(s.span, p.jump(s));
      break;
    case "send":
      printSending(p, s);
      break;
    case "return":
      if (s.value === undefined || !hasStorage(s.value.type)) printReturned(p, s);
      else withValue(p, s.span, s.value, (value) => p.finish(value));
  }
}

/** The steps of a value, then the statement that uses it. */
export function withValue(p: FunctionPrinter, span: Span, value: Expr, use: (text: string) => string): void {
  const { steps, value: text } = p.apart(() => printExpr(p, value));
  // A temporary made last and used only here is not needed.
  const last = initialValueOf(steps.at(-1), text);
  const lines = last === undefined ? steps : steps.slice(0, -1);
  for (const line of lines) p.program.out.statement(span, line);
  p.program.out.statement(span, use(bare(last?.value ?? text)));
}

function printDeclaration(p: FunctionPrinter, s: Extract<Stmt, { kind: "declare" }>): void {
  const { out, types } = p.program;
  const { local } = s;
  if (!hasStorage(local.type)) {
    if (s.value !== undefined && !isPure(s.value)) printEvaluation(p, { kind: "evaluate", value: s.value, span: s.span });
    return;
  }
  const type = types.of(local.type);
  if (s.value === undefined) {
    out.statement(s.span, printVariable(type, local.cName, printEmpty(p, local.type)));
    return;
  }
  const { value } = s;
  const { steps, value: text } = p.apart(() => printExpr(p, value));
  const last = initialValueOf(steps.at(-1), text);
  // The temporary that holds the value becomes the variable.
  if (
    last === undefined &&
    /^tsp_\w+$/.test(text) &&
    steps.some((line) => line.startsWith(`${type} ${text} =`) || line.startsWith(`${type} ${text};`))
  ) {
    const name = new RegExp(`\\b${text}\\b`, "g");
    for (const line of steps) out.statement(s.span, line.replace(name, local.cName));
    return;
  }
  for (const line of last === undefined ? steps : steps.slice(0, -1)) out.statement(s.span, line);
  out.statement(s.span, printVariable(type, local.cName, last?.value ?? text));
}

/** An expression for what it does: its value is dropped. */
function printEvaluation(p: FunctionPrinter, s: Extract<Stmt, { kind: "evaluate" }>): void {
  const { steps, value } = p.apart(() => printExpr(p, s.value));
  const last = initialValueOf(steps.at(-1), value);
  for (const line of last === undefined ? steps : steps.slice(0, -1)) p.program.out.statement(s.span, line);
  if (last !== undefined) p.program.out.statement(s.span, `${last.value.replace(/ [!=]= 0$/, "")};`);
  else if (value !== NOTHING && !isPure(s.value)) p.program.out.statement(s.span, `(void)${value};`);
}

function printIf(p: FunctionPrinter, s: Extract<Stmt, { kind: "if" }>): void {
  const { out } = p.program;
  const [only] = s.yes;
  if (s.no.length === 0 && s.yes.length === 1 && only?.kind === "send" && only.event === undefined) {
    withValue(p, s.test.span, s.test, (test) => printGuarded(`if (${test})`, p.finish()));
    return;
  }
  withValue(p, s.test.span, s.test, (test) => `if (${test}) {`);
  out.indented(() => printStatements(p, s.yes));
  if (s.no.length > 0) {
    out.line("} else {");
    out.indented(() => printStatements(p, s.no));
  }
  out.line("}");
}

function printSending(p: FunctionPrinter, s: Extract<Stmt, { kind: "send" }>): void {
  const { out } = p.program;
  if (s.event !== undefined && s.site !== undefined) {
    for (const line of printSend(p, s.event as ExprOf<"object">, s.site, "handler")) out.statement(line.span, line.text);
  }
  out.statement(s.span, p.finish());
}

/** A return without a value in C: what evaluating it does is done. */
function printReturned(p: FunctionPrinter, s: Extract<Stmt, { kind: "return" }>): void {
  if (s.value !== undefined) printEvaluation(p, { kind: "evaluate", value: s.value, span: s.span });
  p.program.out.statement(s.span, p.finish());
}

function printLabelled(p: FunctionPrinter, s: Extract<Stmt, { kind: "labelled" }>): void {
  const { out } = p.program;
  out.line("{");
  p.jumps.within({ id: s.id, breaks: false, continues: false, block: true }, () =>
    out.indented(() => printStatements(p, s.body)),
  );
  out.line("}");
  const after = p.jumps.label({ kind: "break", target: s.id });
  if (after !== undefined) out.line(after);
}
