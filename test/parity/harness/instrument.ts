import { transformSync } from "esbuild";
import MagicString from "magic-string";
import type { CaptureRecord } from "../../../compiler/capture/record.js";
import type { CaptureMark } from "../../../dsl/capture.js";
import type { Modules } from "./modules.js";

/** Each value that an expression of a handler had in one run, by "start-end" of the expression in its file. */
export type Recording = Map<string, unknown[]>;

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
  ForStatement: ["test"],
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

function evaluated(node: Syntax): Syntax[] {
  if (node.type === "Property") return node.shorthand === true ? [] : [node.value as Syntax];
  if (node.type === "MemberExpression") return node.computed === true ? [node.property as Syntax] : [];
  return (SLOTS[node.type] ?? [])
    .flatMap((field) => node[field] as Syntax | Syntax[])
    .filter((part) => isSyntax(part) && part.type !== "BlockStatement");
}

/** Wraps every expression in a call that records its value. */
function wrap(text: MagicString, node: Syntax): void {
  const wrapped = new Set(evaluated(node));
  for (const [key, value] of Object.entries(node)) {
    if (key === "parent") continue;
    for (const part of Array.isArray(value) ? value : [value]) {
      if (!isSyntax(part)) continue;
      wrap(text, part);
      if (!wrapped.has(part)) continue;
      text.prependRight(part.start, `$("${part.start}-${part.end}",`);
      text.appendLeft(part.end, ")");
    }
  }
}

/**
 * The same function, with what every expression in it gave written down: says whether a place where the kernel ended
 * a run is one where the exact value really has no place in the kernel.
 */
export class Instrumented {
  readonly #modules: Modules;
  readonly #captures: ReadonlyMap<string, CaptureRecord>;
  readonly #made = new Map<string, (...values: unknown[]) => unknown>();
  recording: Recording = new Map();

  constructor(modules: Modules, captures: ReadonlyMap<string, CaptureRecord>) {
    this.#modules = modules;
    this.#captures = captures;
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
    const note = (key: string, value: unknown): unknown => {
      const list = this.recording.get(key) ?? [];
      list.push(value);
      this.recording.set(key, list);
      return value;
    };
    const module = { exports: {} as { default?: (...given: unknown[]) => unknown } };
    new Function("module", "$", ...names, code)(module, note, ...values);
    return module.exports.default as (...given: unknown[]) => unknown;
  }
}
