import type { ContextField, HandlerContext } from "../../hooks/hook.js";
import type { Site } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import type { LayoutTable } from "../passes/layout.js";
import type { SiteTable } from "../passes/sites.js";
import { CTypes } from "./c-types.js";
import { KernelStructs } from "./kernel-structs.js";
import { bare } from "./text.js";
import { LineWriter } from "./writer.js";

/** What the printing of a whole program collects on its way. */
export interface ProgramPrinter {
  readonly types: CTypes;
  readonly kernelStructs: KernelStructs;
  /** By key. */
  readonly contexts: Map<string, { readonly context: HandlerContext; readonly used: Set<ContextField> }>;
  readonly sites: SiteTable;
  readonly layouts: LayoutTable;
  readonly out: LineWriter;
  /** C names of the helpers that can end the run of the handler. */
  readonly failing: Set<string>;
}

export function createPrinter(sites: SiteTable, layouts: LayoutTable): ProgramPrinter {
  return {
    types: new CTypes(),
    kernelStructs: new KernelStructs(),
    contexts: new Map(),
    sites,
    layouts,
    out: new LineWriter(),
    failing: new Set(),
  };
}

/**
 * The function being printed: how a failed check leaves it, names for temporaries, and the steps of the statement at hand.
 * An expression that needs more than one C expression puts statements in front ("steps"), so that order of evaluation is
 * that of the script; what may not run at all (the right side of &&, a branch of ?:) keeps its steps inside ({ … }).
 */
export class FunctionPrinter {
  readonly program: ProgramPrinter;
  readonly #result: "handler" | IrType;
  #temporaries = 0;
  #steps: string[] = [];

  /** @param result the result type of a helper, or "handler" */
  constructor(program: ProgramPrinter, result: "handler" | IrType) {
    this.program = program;
    this.#result = result;
  }

  get isHandler(): boolean {
    return this.#result === "handler";
  }

  /** A fresh name, unique in the function. */
  temporary(hint = ""): string {
    return `tsp_${hint}${++this.#temporaries}`;
  }

  /** C statements that must run before the expression at hand. */
  step(...lines: readonly string[]): void {
    this.#steps.push(...lines);
  }

  /** The value in a variable of its own. */
  keep(type: string, value: string, hint = ""): string {
    const name = this.temporary(hint);
    this.step(`${type} ${name} = ${bare(value)};`);
    return name;
  }

  /** The value under a name that can be repeated. */
  stable(type: string, value: string): string {
    return /^[A-Za-z_]\w*(?:\.\w+)*$/.test(value) || /^\d+U?L?L?$/.test(value) ? value : this.keep(type, value);
  }

  /** Prints something apart: its value, and the steps before it. */
  apart(print: () => string): { readonly steps: readonly string[]; readonly value: string } {
    const outer = this.#steps;
    const steps: string[] = [];
    this.#steps = steps;
    try {
      const value = print();
      return { steps, value };
    } finally {
      this.#steps = outer;
    }
  }

  /** Prints what may not be evaluated at all. `steps`: whether more than an expression is inside. */
  lazily(print: () => string): { readonly text: string; readonly steps: boolean } {
    const { steps, value } = this.apart(print);
    if (steps.length === 0) return { text: value, steps: false };
    return { text: `({ ${steps.join(" ")} ${bare(value)}; })`, steps: true };
  }

  /** Counts, and ends the run of the handler. */
  fail(site: Site): string {
    return `{ tsp_count(${this.program.sites.indexOf(site)} /* ${site.reason} */); ${this.leave()} }`;
  }

  /** Ends the run of the handler after something was counted. */
  leave(): string {
    if (this.#result === "handler") return "return 0;";
    if (this.#result.kind === "undefined") return "*tsp_failed = 1; return;";
    return `*tsp_failed = 1; return ${this.program.types.zero(this.#result)};`;
  }
}
