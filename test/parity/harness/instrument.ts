import { transformSync } from "esbuild";
import MagicString from "magic-string";
import type { CaptureRecord } from "../../../compiler/capture/record.js";
import type { CaptureMark } from "../../../dsl/capture.js";
import { keyOf, type Limits } from "./limits.js";
import type { Modules } from "./modules.js";

/** Fields of syntax nodes that hold an expression which is evaluated. */
const SLOTS: Readonly<Record<string, readonly string[]>> = {
  BinaryExpression: ["left", "right"],
  LogicalExpression: ["left", "right"],
  ConditionalExpression: ["test", "consequent", "alternate"],
  CallExpression: ["arguments"],
  UnaryExpression: ["argument"],
  VariableDeclarator: ["init"],
  AssignmentExpression: ["right"],
  ExpressionStatement: ["expression"],
  ReturnStatement: ["argument"],
  ArrayExpression: ["elements"],
  IfStatement: ["test"],
  ForStatement: ["test", "update"],
  WhileStatement: ["test"],
  DoWhileStatement: ["test"],
  ForOfStatement: ["right"],
  SwitchStatement: ["discriminant"],
  SwitchCase: ["test"],
  SequenceExpression: ["expressions"],
  TemplateLiteral: ["expressions"],
  AssignmentPattern: ["right"],
  ArrowFunctionExpression: ["body"],
};

interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

const isSyntax = (value: unknown): value is Syntax =>
  typeof value === "object" && value !== null && "type" in value && "start" in value;

function evaluated(node: Syntax, inPattern: boolean): Syntax[] {
  if (node.type === "Property") return node.shorthand === true || inPattern ? [] : [node.value as Syntax];
  if (node.type === "MemberExpression") return node.computed === true ? [node.property as Syntax] : [];
  return (SLOTS[node.type] ?? [])
    .flatMap((field) => node[field] as Syntax | Syntax[])
    .filter((part) => isSyntax(part) && part.type !== "BlockStatement");
}

/** `x += y` as `x = x + (y)`, with the old value of x told, too. */
function spellOut(text: MagicString, node: Syntax): void {
  const [left, operator] = [node.left as Syntax, node.operator as string];
  if (operator === "=") return;
  const at = text.original.indexOf(operator, left.end);
  text.overwrite(at, at + operator.length, `= $("${keyOf(left)}",${left.name}) ${operator.slice(0, -1)} (`);
  text.appendLeft(node.end, ")");
}

/** Wraps every expression in a call that is told its value. */
function wrap(text: MagicString, node: Syntax, inPattern = false): void {
  const wrapped = new Set(evaluated(node, inPattern));
  if (node.type === "AssignmentExpression") spellOut(text, node);
  for (const [key, value] of Object.entries(node)) {
    if (key === "parent") continue;
    for (const part of Array.isArray(value) ? value : [value]) {
      if (!isSyntax(part)) continue;
      wrap(text, part, node.type === "ObjectPattern");
      if (!wrapped.has(part)) continue;
      // The value of i++ is the old one; what must fit is the new one.
      const counted = part.type === "UpdateExpression" ? (part.argument as Syntax).name : undefined;
      text.prependRight(part.start, `$("${keyOf(part)}",${counted === undefined ? "" : "("}`);
      text.appendLeft(part.end, counted === undefined ? ")" : `,${counted}))`);
    }
  }
}

/** Thrown in Node where the kernel ends a run, since a value has no place there. */
export class EndedRun extends Error {}

/**
 * The same function, which ends in Node where the kernel must end it: where the exact value of an expression does not
 * fit what the compiler checks for. So the state of maps stays the same on both sides, too.
 */
export class Instrumented {
  readonly #modules: Modules;
  readonly #captures: ReadonlyMap<string, CaptureRecord>;
  readonly #limits: Limits;
  readonly #made = new Map<string, (...values: unknown[]) => unknown>();
  readonly #last = new Map<string, unknown>();
  #endsInKernel = false;

  constructor(modules: Modules, captures: ReadonlyMap<string, CaptureRecord>, limits: Limits) {
    this.#modules = modules;
    this.#captures = captures;
    this.#limits = limits;
  }

  /** @param endsInKernel whether the kernel ended this run: decides where the instances of a helper have different checks */
  begin({ endsInKernel }: { readonly endsInKernel: boolean }): void {
    this.#last.clear();
    this.#endsInKernel = endsInKernel;
  }

  /** A kernel function of the script, or a helper it calls. */
  of(fn: object): ((...values: unknown[]) => unknown) | undefined {
    const mark = this.#modules.capture.captureMarkOf(fn);
    const record = mark === undefined ? undefined : this.#captures.get(mark.id);
    if (mark === undefined || record === undefined) return undefined;
    const made = this.#made.get(mark.id) ?? this.#make(mark, record);
    this.#made.set(mark.id, made);
    return made;
  }

  #make(mark: CaptureMark, record: CaptureRecord): (...values: unknown[]) => unknown {
    const text = new MagicString(record.file.text);
    wrap(text, record.node as unknown as Syntax);
    const source = text.snip(record.span.start, record.span.end).toString();
    const { code } = transformSync(`export default (${source});`, { loader: "ts", format: "cjs" });
    const names = record.free.filter(({ name }) => name in mark.environment).map(({ name }) => name);
    const values = names.map((name) => {
      const value = mark.environment[name]?.();
      return (typeof value === "function" ? this.of(value) : undefined) ?? value;
    });
    const module = { exports: {} as { default?: (...given: unknown[]) => unknown } };
    new Function("module", "$", ...names, code)(module, this.#check, ...values);
    return module.exports.default as (...given: unknown[]) => unknown;
  }

  readonly #check = (key: string, value: unknown): unknown => {
    this.#last.set(key, value);
    const answers = (this.#limits.get(key) ?? []).map(({ fits, operands }) =>
      fits(
        value,
        operands.map((operand) => this.#last.get(operand)),
      ),
    );
    if (answers.includes(false) && (!answers.includes(true) || this.#endsInKernel)) throw new EndedRun(key);
    if (answers.includes(undefined) && this.#endsInKernel && answers.length > 0 && !answers.includes(true))
      throw new EndedRun(key);
    return value;
  };
}
