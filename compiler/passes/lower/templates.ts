import type { TemplateLiteral } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { describeType, type IrType, templateType } from "../../ir/types.js";
import { coerceTo, constantExpr, stored } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { lowerExpr } from "./expressions.js";

/** Kinds of values that have the same text in Node as what arrives there. */
const WITH_TEXT = new Set<IrType["kind"]>([
  "number",
  "bigint",
  "boolean",
  "string",
  "literal",
  "ip",
  "name",
  "double",
  "symbol",
  "undefined",
  "null",
]);

/** `${a}:${b}`: the values travel in the event, Node puts the text together. */
export function lowerTemplate(f: FunctionContext, node: TemplateLiteral): Expr {
  const span = f.span(node);
  const parts: (string | Expr)[] = [];
  for (const [i, quasi] of node.quasis.entries()) {
    parts.push(quasi.value.cooked ?? "");
    const expression = node.expressions[i];
    if (expression !== undefined) parts.push(lowerExpr(f, expression));
  }
  return joinParts(f, parts, span);
}

/** `a + b` where one side is a text. */
export function joinTexts(f: FunctionContext, left: Expr, right: Expr, span: Span): Expr {
  return joinParts(f, [left, right], span);
}

/** Whether `+` joins texts when this is one of its sides. */
export function isText(type: IrType): boolean {
  return ["string", "literal", "ip", "name", "symbol", "template"].includes(type.kind);
}

function joinParts(f: FunctionContext, parts: readonly (string | Expr)[], span: Span): Expr {
  const texts: string[] = [""];
  const elements: Expr[] = [];
  const addText = (text: string) => {
    texts[texts.length - 1] += text;
  };
  for (const part of parts) {
    if (typeof part === "string") addText(part);
    else if (part.kind === "constant") addText(String(part.type.kind === "literal" ? part.type.value : part.value));
    else if (part.kind === "template") {
      // A template inside a template is one longer template.
      for (const [i, text] of (part.type as Extract<IrType, { kind: "template" }>).texts.entries()) {
        addText(text);
        const element = part.elements[i];
        if (element !== undefined) addElement(element);
      }
    } else addElement(requireText(f, part));
  }
  function addElement(element: Expr) {
    elements.push(coerceTo(f, element, stored(element.type)));
    texts.push("");
  }
  if (elements.length === 0) return constantExpr(texts[0] as string, span);
  return createExpr({
    kind: "template",
    elements: Object.freeze(elements),
    span,
    type: templateType(
      texts,
      elements.map(({ type }) => type),
    ),
  });
}

function requireText(f: FunctionContext, part: Expr): Expr {
  const { kind } = part.type.kind === "optional" ? part.type.value : part.type;
  if (kind === "template" || WITH_TEXT.has(kind)) return part;
  return f.report.refuse("TSP2455", part.span, `${describeType(part.type)} cannot be part of a text`, {
    hints: ["numbers, bigints, booleans, texts and addresses can; send the value as a field and format it in the callback"],
  });
}

/** Refuses a text that does not exist in the kernel where its bytes would be needed. */
export function refuseTemplate(f: FunctionContext, expr: Expr): void {
  const { kind } = expr.type.kind === "optional" ? expr.type.value : expr.type;
  if (kind !== "template") return;
  f.report.refuse("TSP2456", expr.span, "a text that is put together exists only in events: Node makes it of its parts", {
    hints: ["use the parts themselves: compare them, or make a record of them as a key"],
  });
}
