import type { SourceFile, Span } from "../../../diagnostics/span.js";
import type { Thunk } from "../../../dsl/capture.js";
import type { Script } from "../../../dsl/script.js";
import type { KernelInfo } from "../../../kernel/info.js";
import type { CaptureRecord } from "../../capture/record.js";
import { createExpr, type Expr, type HelperInstance, type Local, type MapRef, type Site } from "../../ir/nodes.js";
import { intersect } from "../../ir/range.js";
import type { IrType } from "../../ir/types.js";
import type { CounterReason } from "../../program.js";
import { type Facts, forget, NO_FACTS } from "./flow.js";
import type { Report } from "./report.js";

/** Shared by all functions of a script. */
export interface ModuleContext {
  readonly script: Script;
  readonly kernel: KernelInfo;
  readonly captures: ReadonlyMap<string, CaptureRecord>;
  readonly report: Report;
  /** Names of streams, by index; channels get theirs from their first use. */
  readonly streamNames: (string | undefined)[];
  /** Maps in use, by index, named by their first use. */
  readonly maps: Map<number, MapRef>;
  readonly helpers: HelperInstance[];
  readonly helperCache: Map<string, HelperInstance>;
  /** Helpers being compiled, outermost first: finds recursion. */
  readonly helperStack: { readonly id: string; readonly name: string }[];
}

/** A name in scope: a variable, or one whose declaration already failed. */
export type Binding = Local | "failed";

/** The function being lowered. */
export class FunctionContext {
  readonly module: ModuleContext;
  readonly file: SourceFile;
  readonly name: string;
  readonly record: CaptureRecord;
  readonly environment: Readonly<Record<string, Thunk>>;
  facts: Facts = NO_FACTS;
  #scopes: Map<string, Binding>[] = [new Map()];
  #usedNames = new Map<string, number>();
  readonly kind: "handler" | "helper";
  /** How many loops the place is inside. */
  loops = 0;
  /** Values returned by a helper, to be brought to one type at its end. */
  readonly returns: { readonly value: Expr | undefined; readonly span: Span }[] = [];

  constructor(module: ModuleContext, record: CaptureRecord, environment: Readonly<Record<string, Thunk>>, name: string, kind: "handler" | "helper") {
    this.module = module;
    this.record = record;
    this.file = record.file;
    this.environment = environment;
    this.name = name;
    this.kind = kind;
  }

  get report(): Report {
    return this.module.report;
  }

  span(node: { readonly start: number; readonly end: number }): Span {
    return { file: this.file, start: node.start, end: node.end };
  }

  site(reason: CounterReason, span: Span, subject = this.name): Site {
    return Object.freeze({ reason, span, subject });
  }

  /** Runs a step in a new block scope. */
  inScope<T>(step: () => T): T {
    this.#scopes.push(new Map());
    try {
      return step();
    } finally {
      this.#scopes.pop();
    }
  }

  declare(name: string, type: IrType, mutable: boolean): Local {
    const count = this.#usedNames.get(name) ?? 0;
    this.#usedNames.set(name, count + 1);
    const local: Local = Object.freeze({ name, cName: cIdentifier(count === 0 ? name : `${name}_${count + 1}`), type, mutable });
    this.bind(name, local);
    return local;
  }

  bind(name: string, binding: Binding): void {
    (this.#scopes.at(-1) as Map<string, Binding>).set(name, binding);
  }

  lookup(name: string): Binding | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const found = this.#scopes[i]?.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A use of a variable, with what is known of it here. */
  read(local: Local, span: Span): Expr {
    const present = this.facts.present.has(local);
    let type = present && local.type.kind === "optional" ? local.type.value : local.type;
    if (present && type.kind === "pointer") type = Object.freeze({ ...type, nullable: false });
    const range = this.facts.ranges.get(local);
    if (range !== undefined && "range" in type) type = Object.freeze({ ...type, range: intersect(type.range, range) });
    const whole = createExpr({ kind: "local", local, span, type: local.type.kind === "optional" ? local.type : type });
    return local.type.kind === "optional" && present ? createExpr({ kind: "unwrap", operand: whole, span, type }) : whole;
  }

  assigned(local: Local): void {
    this.facts = forget(this.facts, [local]);
  }
}

/** Words that mean something in C or in the generated prelude. */
const RESERVED = new Set(
  "auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short signed sizeof static struct switch typedef typeof union unsigned void volatile while asm bool true false NULL".split(" "),
);

/** A legal, unreserved C identifier that reads like the script's name. */
export function cIdentifier(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]/g, (c) => `_u${c.codePointAt(0)?.toString(16)}_`);
  return RESERVED.has(plain) || plain.startsWith("tsp_") || plain.startsWith("__") || /^[0-9]/.test(plain) ? `${plain.replace(/^_+/, "")}_` : plain;
}
