import type { Span } from "../../../diagnostics/span.js";
import { formatIp, parseIp } from "../../../dsl/ip-text.js";
import { parseMac } from "../../../dsl/mac-text.js";
import { nearestNames } from "../../../kernel/nearest.js";
import { type CompareOperator, createExpr, type Expr } from "../../ir/nodes.js";
import { BOOLEAN, IP, type IrType, MAC, numberType } from "../../ir/types.js";
import { isRepeatable } from "../../ir/walk.js";
import { constantExpr } from "./coerce.js";
import type { FunctionContext } from "./context.js";

const TEXTS = new Set(["string", "literal", "name", "ip", "mac"]);

/** `===` and `!==` of texts, of whatever form in the kernel; undefined when one side is no text. */
export function textEquality(f: FunctionContext, op: CompareOperator, left: Expr, right: Expr, span: Span): Expr | undefined {
  if (!TEXTS.has(left.type.kind) || !TEXTS.has(right.type.kind)) return undefined;
  const equal = right.type.kind === "literal" ? equalTexts(f, left, right, span) : equalTexts(f, right, left, span);
  if (op === "===") return equal;
  if (equal.kind === "constant") return constantExpr(!(equal.value as boolean), span);
  return createExpr({ kind: "not", operand: equal, span, type: BOOLEAN });
}

/** @param other the literal, if one of them is */
function equalTexts(f: FunctionContext, value: Expr, other: Expr, span: Span): Expr {
  const [a, b] = [value.type, other.type];
  for (const { type, span: place } of [value, other])
    if (type.kind === "name" && type.flags !== undefined)
      f.report.refuse("TSP2559", place, "flags cannot be compared with a text", {
        hints: ["test bits of the number: (x & 2) !== 0"],
      });
  if (b.kind === "literal") {
    if (a.kind === "literal") return constantExpr(a.value === b.value, span);
    if (a.kind === "name") return equalsName(f, value, a, b.value, other.span);
    if (a.kind === "ip") return sameText(value, addressConstant(f, b.value, other.span), span);
    if (a.kind === "mac") return sameText(value, macConstant(f, b.value, other.span), span);
  }
  const mixed = a.kind !== b.kind && !(a.kind === "string" && b.kind === "literal");
  if (a.kind === "name" || b.kind === "name") f.report.refuse("TSP2201", span, "compare the numbers instead of their names");
  if (mixed)
    f.report.refuse("TSP2502", span, "an address and a text that is read while the handler runs cannot be compared", {
      hints: ['compare addresses with each other or with a literal: ip(ctx.saddr) === "10.0.0.1"'],
    });
  return sameText(value, other, span);
}

function sameText(left: Expr, right: Expr, span: Span): Expr {
  return createExpr({ kind: "same-text", left, right, span, type: BOOLEAN });
}

/** A few names are all told, of many only the near ones. */
function namesHint(wanted: string, names: readonly string[]): string[] {
  if (names.length <= 20) return [`names are ${names.join(", ")}`];
  const near = nearestNames(wanted, names, 3);
  return near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : [`names are ${names.slice(0, 20).join(", ")} …`];
}

/** Compares the number with every one that has the name. */
function equalsName(f: FunctionContext, value: Expr, type: Extract<IrType, { kind: "name" }>, wanted: string, place: Span): Expr {
  const codes = [...type.names].filter(([, name]) => name === wanted).map(([code]) => code);
  if (codes.length === 0)
    f.report.refuse("TSP2204", place, `no value has the name ${JSON.stringify(wanted)}`, {
      hints: namesHint(wanted, [...new Set(type.names.values())]),
    });
  if (codes.length === 1 || isRepeatable(value)) return isOneOf(value, type, codes);
  return f.inScope(() => {
    const bound = f.declare("code", type, false);
    const result = isOneOf(createExpr({ kind: "local", local: bound, span: value.span, type }), type, codes);
    return createExpr({ kind: "let", bound, source: value, result, span: value.span, type: BOOLEAN });
  });
}

function isOneOf(value: Expr, type: Extract<IrType, { kind: "name" }>, codes: readonly number[]): Expr {
  const { span } = value;
  const bare = createExpr({ kind: "label", operand: value, span, type: numberType(type.range) });
  return codes
    .map(
      (code): Expr =>
        createExpr({ kind: "compare", op: "===", left: bare, right: constantExpr(code, span), span, type: BOOLEAN }),
    )
    .reduce((left, right) => createExpr({ kind: "or", left, right, span, type: BOOLEAN }));
}

/** An address written as text, as ip() would give it: another spelling would never be equal. */
function addressConstant(f: FunctionContext, text: string, span: Span): Expr {
  const parsed = parseIp(text);
  if (parsed === undefined && text !== "")
    f.report.refuse("TSP2503", span, `${JSON.stringify(text)} is not an IP address`, {
      hints: ['write it like "10.0.0.1", "2001:db8::1" or "::ffff:10.0.0.1"'],
    });
  const canonical = parsed === undefined ? "" : formatIp(parsed.family, parsed.bytes);
  if (canonical !== text)
    f.report.refuse("TSP2504", span, `ip() never gives ${JSON.stringify(text)}`, {
      hints: [`it writes this address ${JSON.stringify(canonical)}`],
    });
  return createExpr({ kind: "constant", value: text, span, type: IP });
}

function macConstant(f: FunctionContext, text: string, span: Span): Expr {
  if (parseMac(text) === undefined) {
    const lower = text.toLowerCase().replaceAll("-", ":");
    if (parseMac(lower) !== undefined)
      f.report.refuse("TSP2504", span, `mac() never gives ${JSON.stringify(text)}`, {
        hints: [`it writes this address ${JSON.stringify(lower)}`],
      });
    f.report.refuse("TSP2503", span, `${JSON.stringify(text)} is not a hardware address`, {
      hints: ['write it like "00:1b:44:11:3a:b7"'],
    });
  }
  return createExpr({ kind: "constant", value: text, span, type: MAC });
}
