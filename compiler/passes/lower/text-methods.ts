import type { CallExpression } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { createExpr, type Expr } from "../../ir/nodes.js";
import { createRange } from "../../ir/range.js";
import { BOOLEAN, describeType, numberType } from "../../ir/types.js";
import { lowerArguments } from "./calls.js";
import { constantExpr, requirePresent, textSize } from "./coerce.js";
import type { FunctionContext } from "./context.js";

export const TEXT_METHODS = ["startsWith", "endsWith", "includes"] as const;
export type TextMethod = (typeof TEXT_METHODS)[number];

/** The longest literal that endsWith and includes look for: it is held in four registers while the text goes by. */
const MOST_SEARCHED = 32;

const encoder = new TextEncoder();

/** text.startsWith(other), text.endsWith("literal"), text.includes("literal"). */
export function lowerTextMethod(f: FunctionContext, text: Expr, method: TextMethod, node: CallExpression): Expr {
  const span = f.span(node);
  const [given] = lowerArguments(f, node, 1, `text.${method}("…")`) as [Expr];
  const wanted = requirePresent(f, given);
  if (wanted.type.kind !== "literal" && (wanted.type.kind !== "string" || method !== "startsWith")) {
    const isText = wanted.type.kind === "string";
    f.report.refuse(
      "TSP2505",
      wanted.span,
      `${method}() needs ${isText ? "a text that is known before the handler runs" : `a text, not ${describeType(wanted.type)}`}`,
      {
        hints: isText ? [`write a literal: text.${method}("…")`] : ["pass a literal or a text"],
      },
    );
  }
  if (wanted.type.kind === "literal") {
    const { value } = wanted.type;
    if (text.kind === "constant" && text.type.kind === "literal") return constantExpr(text.type.value[method](value), span);
    if (method !== "startsWith" && encoder.encode(value).length > MOST_SEARCHED)
      f.report.refuse("TSP2506", wanted.span, `${method}() looks for at most ${MOST_SEARCHED} bytes in kernel code`, {
        hints: ["look for a shorter part, or test the text in the callback"],
      });
  }
  return createExpr({
    kind: "builtin",
    call: method,
    arguments: Object.freeze([text, wanted]),
    site: undefined,
    span,
    type: BOOLEAN,
  });
}

/** text.length: UTF-16 units, as in JavaScript. */
export function textLength(text: Expr, span: Span): Expr {
  if (text.type.kind === "literal") return constantExpr(text.type.value.length, span);
  const most = BigInt(textSize(text.type as Extract<Expr["type"], { kind: "string" }>));
  const type = numberType(createRange(0n, most));
  return createExpr({ kind: "builtin", call: "textLength", arguments: Object.freeze([text]), site: undefined, span, type });
}
