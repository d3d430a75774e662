import type { BindingIdentifier } from "oxc-parser";
import type { Span } from "../../../diagnostics/span.js";
import { createStmt, type Expr, type Local, type Stmt } from "../../ir/nodes.js";
import { rangeOfWidth, S64, SAFE } from "../../ir/range.js";
import { bigintType, type IrType, numberType, optionalType, withFieldTypes } from "../../ir/types.js";
import { declaredType, isAnnotated } from "./annotations.js";
import { coerceTo, textSize, unify } from "./coerce.js";
import type { FunctionContext } from "./context.js";
import { both, NO_FACTS } from "./flow.js";

/** Declares one variable with its first value, if it has one. */
export function declareVariable(
  f: FunctionContext,
  id: Pick<BindingIdentifier, "name" | "start" | "end">,
  value: Expr | undefined,
  mutable: boolean,
  span: Span,
): Stmt {
  const place = `${f.record.id} ${id.start}`;
  if (isUnknown(value) && isAnnotated(id as never) && declaredType(id as never) === undefined)
    f.report.refuse("TSP2126", f.span(id), "the type of this variable is not one that kernel code knows by its name", {
      hints: [
        "give it a value, or write the type out: number, bigint, boolean, string, u8 … s64, ptr, records of these, each with or without `| undefined`",
      ],
    });
  const found = localType(f, value, declaredType(id as never), mutable, f.span(id));
  const type = f.module.unsignedLets.has(place) ? unsignedForm(found) : found;
  const local = f.declare(id.name, type, mutable);
  if (mutable && isOpen(value)) f.openLets.set(local, place);
  const coerced = value === undefined ? undefined : coerceTo(f, value, type);
  if (value !== undefined) learnAssigned(f, local, value);
  return createStmt({ kind: "declare", local, value: coerced, span });
}

const isUnknown = (value: Expr | undefined): boolean => value === undefined || value.type.kind === "undefined";

/** A variable's type: of a const what it is given; of a let anything it may be given later. */
function localType(
  f: FunctionContext,
  value: Expr | undefined,
  declared: IrType | undefined,
  mutable: boolean,
  span: Span,
): IrType {
  let type = value?.type;
  if (declared !== undefined && mutable) type = type === undefined ? declared : (unify(declared, type) ?? type);
  if (type === undefined || type.kind === "undefined") {
    return f.report.refuse("TSP2126", span, "the type of this variable is not known", {
      hints: ["give it a value, or write its type: let best: bigint | undefined;"],
    });
  }
  if (type.kind === "null")
    f.report.refuse("TSP2126", span, "a variable cannot hold only null", { hints: ["use undefined for a missing value"] });
  return mutable ? widen(type) : type;
}

/** Whether a first value says nothing about the sign of what follows. */
function isOpen(value: Expr | undefined): boolean {
  return (
    value === undefined ||
    value.type.kind === "undefined" ||
    (value.kind === "constant" && typeof value.value === "bigint" && value.value >= 0n)
  );
}

function unsignedForm(type: IrType): IrType {
  if (type.kind === "optional") return optionalType(unsignedForm(type.value));
  return type.kind === "bigint" ? bigintType(rangeOfWidth(8, false), false, type.address) : type;
}

/** Types as variables hold them: any integer of the kind, texts with bytes of their own. */
function widen(type: IrType): IrType {
  if (type.kind === "number") return numberType(SAFE);
  if (type.kind === "bigint")
    return type.signed || type.range.max <= 0n
      ? bigintType(S64, true, type.address)
      : bigintType(rangeOfWidth(8, false), false, type.address);
  if (type.kind === "literal") return Object.freeze({ kind: "string", size: Math.max(16, textSize(type)) });
  if (type.kind === "optional") return optionalType(widen(type.value));
  if (type.kind === "array") return Object.freeze({ ...type, element: widen(type.element) });
  if (type.kind === "object") return withFieldTypes(type, widen);
  return type;
}

/** After an assignment the variable is known to have a value, if the value always is one. */
export function learnAssigned(f: FunctionContext, local: Local, value: Expr): void {
  f.assigned(local);
  if (local.type.kind === "optional" && value.type.kind !== "optional" && value.type.kind !== "undefined") {
    const notNull = value.type.kind === "pointer" && !value.type.nullable ? [local] : [];
    f.facts = both(f.facts, { ...NO_FACTS, present: new Set([local]), notNull: new Set(notNull) });
  }
  if (local.mutable && "range" in value.type && "range" in local.type) {
    f.facts = both(f.facts, { ...NO_FACTS, ranges: new Map([[local, value.type.range]]) });
  }
}
