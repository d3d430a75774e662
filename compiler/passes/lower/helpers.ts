import type { BindingIdentifier, CallExpression, FunctionBody, ParamPattern } from "oxc-parser";
import { captureMarkOf } from "../../../dsl/capture.js";
import type { CaptureRecord } from "../../capture/record.js";
import { createExpr, createStmt, type Expr, type HelperInstance, type Local, type Stmt } from "../../ir/nodes.js";
import { rangeOfWidth, SAFE } from "../../ir/range.js";
import { bigintType, describeType, type IrType, numberType, optionalType, UNDEFINED, withFieldTypes } from "../../ir/types.js";
import { completes } from "../../ir/walk.js";
import { plainArgument } from "./calls.js";
import { coerceTo, constantExpr, stored, textSize, unify } from "./coerce.js";
import { cIdentifier, FunctionContext } from "./context.js";
import { lowerExpr, lowerOperand, refuseSyntax } from "./expressions.js";
import type { Operand, StaticValue } from "./operand.js";
import { bindPattern, withDefault } from "./patterns.js";
import { StatementAbandoned, untilSettled } from "./report.js";
import { lowerStatements } from "./statements.js";

/** A call of a `fn` helper: compiles the helper for these argument types, once. */
export function callHelper(f: FunctionContext, callee: StaticValue, node: CallExpression): Expr {
  const span = f.span(node);
  const mark = captureMarkOf(callee.value as object);
  const record = mark === undefined ? undefined : f.module.captures.get(mark.id);
  if (mark === undefined || record === undefined) {
    return f.report.refuse("TSP2123", f.span(node.callee), `${callee.text} was not written as fn((…) => …)`, {
      hints: ["pass the function literal to fn directly, in a .ts file of yours"],
    });
  }
  const recursive = f.module.helperStack.some((entry) => entry.id === mark.id);
  if (recursive)
    f.report.refuse("TSP2124", span, `${callee.text} calls itself`, {
      hints: ["the kernel has no recursion: use a bounded for loop"],
    });
  const parameters = record.node.params;
  const written = node.arguments.map((argument) => lowerExpr(f, plainArgument(f, argument)));
  const needed = parameters.findLastIndex((parameter) => !mayBeMissing(parameter)) + 1;
  if (written.length > parameters.length || written.length < needed)
    f.report.refuse(
      "TSP2119",
      span,
      `${callee.text} needs ${needed < parameters.length ? `${needed} to ` : ""}${parameters.length} argument${parameters.length === 1 ? "" : "s"}, not ${written.length}`,
    );
  const given = parameters.map((_, i) => written[i] ?? constantExpr(undefined, span));
  const types = given.map((argument) => parameterType(f, argument));
  const key = `${mark.id}(${types.map(typeKey).join(",")})`;
  let helper = f.module.helperCache.get(key);
  if (helper === undefined) {
    helper = untilSettled(f.report, () => compileHelper(f, callee, record, mark.environment, types));
    f.module.helperCache.set(key, helper);
    f.module.helpers.push(helper);
  }
  return createExpr({
    kind: "call",
    helper,
    arguments: Object.freeze(
      given.flatMap((argument, i) => {
        const type = types[i] as IrType;
        return type.kind === "undefined" ? [] : [coerceTo(f, argument, type)];
      }),
    ),
    span,
    type: helper.result,
  });
}

/** Whether a call can leave a parameter out: `y?: number`, `y = 5`. */
function mayBeMissing(parameter: ParamPattern): boolean {
  // The parser's types say that a name is never optional; of a parameter it can be.
  const { type, optional } = parameter as { readonly type: string; readonly optional?: boolean };
  return type === "AssignmentPattern" || optional === true;
}

/** Parameters take the whole range of their type, so that few instances serve all calls. */
function parameterType(f: FunctionContext, argument: Expr): IrType {
  const widen = (type: IrType): IrType => {
    if (type.kind === "number") return numberType(SAFE);
    if (type.kind === "bigint") return bigintType(rangeOfWidth(8, type.signed), type.signed, type.address);
    if (type.kind === "literal") return Object.freeze({ kind: "string", size: Math.max(16, textSize(type)) });
    if (type.kind === "array") return Object.freeze({ ...type, element: widen(type.element) });
    if (type.kind === "object") return withFieldTypes(type, widen);
    if (type.kind === "optional") return optionalType(widen(type.value));
    return type;
  };
  const type = widen(argument.type);
  if ((type.kind === "undefined" && argument.kind !== "constant") || type.kind === "null")
    f.report.refuse("TSP2125", argument.span, `${describeType(type)} cannot be passed to a helper`);
  return type;
}

function typeKey(type: IrType): string {
  return JSON.stringify(type, (_key, value) =>
    typeof value === "bigint"
      ? String(value)
      : value instanceof Map
        ? [...value]
        : value?.fields !== undefined && value.key !== undefined
          ? value.key
          : value,
  );
}

function compileHelper(
  caller: FunctionContext,
  callee: StaticValue,
  record: CaptureRecord,
  environment: FunctionContext["environment"],
  types: readonly IrType[],
): HelperInstance {
  const { module } = caller;
  const name = record.bindingName ?? callee.text.split(".").at(-1) ?? "helper";
  module.helperStack.push({ id: record.id, name });
  const before = module.report.diagnostics.length;
  try {
    const f = new FunctionContext(module, record, environment, name, "helper");
    const parameters = record.node.params.flatMap((parameter, i) => declareGiven(f, parameter, types[i] as IrType));
    // First, since it may add to the prologue: the variable that counts rounds of nested loops.
    const inner = lowerBody(f, record);
    const body = [...f.prologue, ...inner];
    if (module.report.diagnostics.length > before) throw new StatementAbandoned();
    const { result, statements } = settleReturns(f, body);
    return Object.freeze({
      cName: `fn_${module.helpers.length}_${cIdentifier(name)}`,
      name,
      parameters: Object.freeze(parameters),
      result,
      body: statements,
      span: record.span,
    });
  } finally {
    module.helperStack.pop();
  }
}

/** A parameter of a helper, which C has only where something is passed: `undefined` is known when it is compiled. */
function declareGiven(f: FunctionContext, parameter: ParamPattern, type: IrType): Local[] {
  if (parameter.type === "AssignmentPattern") {
    const { left, right } = parameter;
    const bind = (value: Operand) => f.report.attempt(() => f.prologue.push(...bindPattern(f, left, value, false)));
    if (type.kind === "undefined") {
      bind(lowerOperand(f, right));
      return [];
    }
    if (type.kind !== "optional") return [declareParameter(f, left as ParamPattern, type)];
    const whole = f.inScope(() => f.declare("given", type, false));
    bind(withDefault(f, f.read(whole, f.span(parameter)), right));
    return [whole];
  }
  if (type.kind !== "undefined") return [declareParameter(f, parameter, type)];
  if (parameter.type !== "Identifier")
    return f.report.refuse("TSP2125", f.span(parameter), "undefined cannot be taken apart", {
      hints: ["pass an object or an array"],
    });
  f.bind(parameter.name, { kind: "static", value: undefined, text: parameter.name, span: f.span(parameter) });
  return [];
}

/** A parameter, or what is taken apart into the names of a pattern before the body begins (`f.prologue`). */
export function declareParameter(f: FunctionContext, parameter: ParamPattern, type: IrType): Local {
  if (parameter.type === "ObjectPattern" || parameter.type === "ArrayPattern") {
    const whole = f.inScope(() => f.declare("given", type, false));
    f.report.attempt(() => f.prologue.push(...bindPattern(f, parameter, f.read(whole, f.span(parameter)), false)));
    return whole;
  }
  if (parameter.type !== "Identifier") return refuseSyntax(f, parameter);
  return f.declare((parameter as BindingIdentifier).name, type, false);
}

/** The statements of a function; an arrow's expression is its return value. */
export function lowerBody(f: FunctionContext, record: CaptureRecord): readonly Stmt[] {
  const { body } = record.node;
  if (body === null) return [];
  if (body.type === "BlockStatement") return lowerStatements(f, (body as FunctionBody).body);
  const statements: Stmt[] = [];
  f.report.attempt(() => {
    const value = lowerExpr(f, body as never);
    f.returns.push({ value, span: value.span });
    statements.push(createStmt({ kind: "return", value, span: value.span }));
  });
  return statements;
}

/** Brings all returned values to one type, which is the helper's. */
function settleReturns(f: FunctionContext, body: readonly Stmt[]): { result: IrType; statements: readonly Stmt[] } {
  let result: IrType | undefined = completes(body) ? UNDEFINED : undefined;
  for (const { value, span } of f.returns) {
    const type = value?.type ?? UNDEFINED;
    const joined: IrType | undefined = result === undefined ? type : unify(result, type);
    if (joined === undefined)
      f.report.refuse(
        "TSP2201",
        span,
        `${f.name} returns ${describeType(type)} here and ${describeType(result as IrType)} elsewhere`,
      );
    result = joined;
  }
  let settled = result ?? UNDEFINED;
  settled = stored(settled);
  const rewrite = (statements: readonly Stmt[]): readonly Stmt[] =>
    Object.freeze(statements.map((s) => rewriteReturn(f, s, settled, rewrite)));
  const statements = [...rewrite(body)];
  if (settled.kind === "optional" && completes(body)) {
    statements.push(
      createStmt({ kind: "return", value: coerceTo(f, constantExpr(undefined, f.record.span), settled), span: f.record.span }),
    );
  }
  return { result: settled, statements: Object.freeze(statements) };
}

function rewriteReturn(f: FunctionContext, s: Stmt, type: IrType, rewrite: (list: readonly Stmt[]) => readonly Stmt[]): Stmt {
  switch (s.kind) {
    case "return":
      if (type.kind === "undefined")
        return s.value === undefined
          ? s
          : createStmt({
              kind: "block",
              body: [
                createStmt({ kind: "evaluate", value: s.value, span: s.span }),
                createStmt({ kind: "return", value: undefined, span: s.span }),
              ],
              span: s.span,
            });
      return createStmt({ ...s, value: coerceTo(f, s.value ?? constantExpr(undefined, s.span), type) });
    case "if":
      return createStmt({ ...s, yes: rewrite(s.yes), no: rewrite(s.no) });
    case "loop":
    case "block":
    case "labelled":
    case "each":
      return createStmt({ ...s, body: rewrite(s.body) });
    case "switch":
      return createStmt({ ...s, cases: s.cases.map((c) => ({ ...c, body: rewrite(c.body) })) });
    default:
      return s;
  }
}
