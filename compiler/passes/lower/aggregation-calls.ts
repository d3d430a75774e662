import type { CallExpression } from "oxc-parser";
import type { AggregationDeclaration } from "../../../dsl/aggregation-declaration.js";
import { takesValue } from "../../../dsl/aggregations.js";
import { type AggregationRef, createExpr, type Expr } from "../../ir/nodes.js";
import { bigintType, UNDEFINED } from "../../ir/types.js";
import { lowerArguments } from "./calls.js";
import { requireInteger, toSigned } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { convertArgument } from "./convert.js";
import type { StaticValue } from "./operand.js";
import { shapeType } from "./shapes.js";

/** What the C side calls an aggregation. */
function aggregationRef(
  f: FunctionContext,
  declaration: AggregationDeclaration,
  { text: name, span }: StaticValue,
): AggregationRef {
  const index = f.module.script.aggregations.indexOf(declaration);
  const known = f.module.aggregations.get(index);
  if (known !== undefined) return known;
  const [major = 0, minor = 0] = f.module.kernel.release.split(".").map((part) => Number.parseInt(part, 10));
  const ref: AggregationRef = Object.freeze({
    index,
    cName: `a${index}_${name.replace(/[^A-Za-z0-9_]/g, "_")}`.slice(0, 13),
    name,
    span,
    declaration,
    key: declaration.key === undefined ? undefined : shapeType(declaration.key, f.module.probeTitles),
    exchange: major > 5 || (major === 5 && minor >= 12),
  });
  if (index !== -1) f.module.aggregations.set(index, ref);
  return ref;
}

/** `add` of an aggregation: a key if it has one, a value unless it counts. */
export function lowerAggregationCall(f: FunctionContext, object: StaticValue, method: string, node: CallExpression): Expr {
  const span = f.span(node);
  const { declaration } = object.value as { readonly declaration: AggregationDeclaration };
  const takes = [...(declaration.key === undefined ? [] : ["key"]), ...(takesValue(declaration) ? ["value"] : [])];
  const usage = `${object.text}.add(${takes.join(", ")})`;
  if (method !== "add")
    f.report.refuse("TSP2118", span, `an aggregation has no ${method}() in kernel code`, {
      hints: [
        method === "by" ? "declare it outside: const by = count().by(…)" : `handlers call ${usage}; reading belongs outside`,
      ],
    });
  const aggregation = aggregationRef(f, declaration, object);
  if (aggregation.index === -1)
    f.report.refuse("TSP2403", f.span(node.callee), `${object.text} is no aggregation of this script`, {
      hints: ["an aggregation on which .by(…) was called is replaced by what that returns: use that"],
    });
  const values = lowerArguments(f, node, takes.length, usage);
  const given = (what: string) => values[takes.indexOf(what)];
  const [key, value] = [given("key"), given("value")];
  return createExpr({
    kind: "aggregate",
    aggregation,
    key: key && convertArgument(f, key, declaration.key as never, `the key of ${object.text}`),
    value: value && lowerValue(f, value),
    site: key === undefined ? undefined : f.site("map-full", span, object.text),
    span,
    type: UNDEFINED,
  });
}

/** Values are gathered as 64 signed bits, whatever they come as. */
function lowerValue(f: FunctionContext, given: Expr): Expr {
  const value = requireInteger(f, given);
  if (value.type.kind === "bigint") return toSigned(f, value, true);
  const type = bigintType(value.type.range, true);
  return createExpr({ kind: "convert", operand: value, site: undefined, span: value.span, type });
}
