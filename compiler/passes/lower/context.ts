import type { SourceFile, Span } from "../../../diagnostics/span.js";
import type { Thunk } from "../../../dsl/capture.js";
import type { Script } from "../../../dsl/script.js";
import type { Hook } from "../../../hooks/hook.js";
import type { KernelInfo } from "../../../kernel/info.js";
import type { CaptureRecord } from "../../capture/record.js";
import {
  type AggregationRef,
  createExpr,
  type Expr,
  type HelperInstance,
  type Local,
  type MapRef,
  type Site,
  type Stmt,
} from "../../ir/nodes.js";
import { intersect } from "../../ir/range.js";
import type { IrType } from "../../ir/types.js";
import type { CounterReason } from "../../program.js";
import { type Facts, forget, NO_FACTS } from "./flow.js";
import type { KernelPlace, StaticValue } from "./operand.js";
import type { Report } from "./report.js";
import type { Target } from "./targets.js";

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
  /** Aggregations in use, by index, named by their first use. */
  readonly aggregations: Map<number, AggregationRef>;
  /** Titles of probes that are asked for their names, by number. */
  readonly probeTitles: Map<number, string>;
  readonly helpers: HelperInstance[];
  readonly helperCache: Map<string, HelperInstance>;
  /** Places of `let` declarations that turned out to hold unsigned 64-bit values. */
  readonly unsignedLets: Set<string>;
  /** Helpers being compiled, outermost first: finds recursion. */
  readonly helperStack: { readonly id: string; readonly name: string }[];
}

/** A name in scope: a variable, what has no value of its own (of the host, or a struct of the kernel), or one whose declaration failed. */
export type Binding = Local | StaticValue | KernelPlace | "failed";

export function isLocalBinding(binding: Binding): binding is Local {
  return binding !== "failed" && !("kind" in binding);
}

/** The function being lowered. */
export class FunctionContext {
  readonly module: ModuleContext;
  readonly file: SourceFile;
  readonly name: string;
  readonly record: CaptureRecord;
  readonly environment: Readonly<Record<string, Thunk>>;
  facts: Facts = NO_FACTS;
  #scopes: Map<string, Binding>[] = [new Map()];
  /** C names in use; C's scopes are not the script's, so each variable has a name of its own. */
  readonly #usedNames = new Set<string>();
  readonly kind: "handler" | "helper";
  /** Of a handler. */
  hook: Hook | undefined;
  /** Which of several places was hit, once it is asked for. */
  cookie: Local | undefined;
  /** The loops, switches and labelled blocks the place is inside, outermost first. */
  readonly targets: Target[] = [];
  /** Counts the rounds of limited loops that are inside of others. */
  spent: Local | undefined;
  #targets = 0;
  /** How many expressions or statements the place is inside. */
  depth = 0;
  /** `let` variables whose first value leaves open whether they are signed, and where they are declared. */
  readonly openLets = new Map<Local, string>();
  /** Statements before the body: what parameters with patterns take apart. */
  readonly prologue: Stmt[] = [];
  /** Values returned by a helper, to be brought to one type at its end. */
  readonly returns: { readonly value: Expr | undefined; readonly span: Span }[] = [];

  constructor(
    module: ModuleContext,
    record: CaptureRecord,
    environment: Readonly<Record<string, Thunk>>,
    name: string,
    kind: "handler" | "helper",
  ) {
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

  nextTarget(): number {
    return ++this.#targets;
  }

  declare(name: string, type: IrType, mutable: boolean): Local {
    let cName = cIdentifier(name);
    for (let i = 2; this.#usedNames.has(cName); i++) cName = cIdentifier(`${name}_${i}`);
    this.#usedNames.add(cName);
    const local: Local = Object.freeze({ name, cName, type, mutable });
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
    if (local.type.kind === "literal") return createExpr({ kind: "constant", value: local.type.value, span, type: local.type });
    const present = this.facts.present.has(local);
    let type = present && local.type.kind === "optional" ? local.type.value : local.type;
    if (this.facts.notNull.has(local) && type.kind === "pointer") type = Object.freeze({ ...type, nullable: false });
    const range = this.facts.ranges.get(local);
    if (range !== undefined && "range" in type) type = Object.freeze({ ...type, range: intersect(type.range, range) });
    const whole = createExpr({ kind: "local", local, span, type: local.type.kind === "optional" ? local.type : type });
    return local.type.kind === "optional" && present ? createExpr({ kind: "unwrap", operand: whole, span, type }) : whole;
  }

  assigned(local: Local): void {
    this.facts = forget(this.facts, [local]);
  }
}

/** Refuses what is nested more deeply than clang (256 brackets) and our own recursion take. */
export function nested<T>(f: FunctionContext, node: { readonly start: number; readonly end: number }, step: () => T): T {
  if (f.depth >= MAX_DEPTH)
    f.report.refuse("TSP2134", f.span(node), `this is nested too deeply for kernel code (more than ${MAX_DEPTH} levels)`, {
      hints: ["put parts of it into constants, or into fn helpers"],
    });
  f.depth++;
  try {
    return step();
  } finally {
    f.depth--;
  }
}

const MAX_DEPTH = 64;

/** Words that mean something in C or in the generated prelude. */
const RESERVED = new Set(
  "auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short signed sizeof static struct switch typedef typeof union unsigned void volatile while asm typeof bool true false nullptr alignas alignof constexpr static_assert thread_local NULL SEC INLINE UNUSED ALIGNED FIELD LOAD PLACE COUNT TEXT WORD COPY4 COPY16 ADDRESS LICENSE".split(
    " ",
  ),
);

/** Names the printer makes: temporaries, maps, options, programs, helpers, and the kernel's own helpers. */
const OURS = /^(?:tsp_|bpf_|opt_|fn_\d|[mp]\d+_)/;

/** A legal, unreserved C identifier that reads like the script's name. */
export function cIdentifier(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]/g, (c) => `_u${c.codePointAt(0)?.toString(16)}_`);
  if (/^(?:_+[A-Z]|__|[0-9])/.test(plain)) return `v${plain}`;
  return RESERVED.has(plain) || OURS.test(plain) ? `${plain}_` : plain;
}
