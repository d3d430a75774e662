import type { TracepointField, TracepointFormat } from "../../kernel/tracepoint-format.js";
import type { Site } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import type { LayoutTable } from "../passes/layout.js";
import type { SiteTable } from "../passes/sites.js";
import { CTypes } from "./c-types.js";
import { KernelStructs } from "./kernel-structs.js";
import { LineWriter } from "./writer.js";

/** What the printing of a whole program collects on its way. */
export interface ProgramPrinter {
  readonly types: CTypes;
  readonly kernelStructs: KernelStructs;
  readonly contexts: Map<string, { readonly format: TracepointFormat; readonly used: Set<TracepointField> }>;
  readonly sites: SiteTable;
  readonly layouts: LayoutTable;
  readonly out: LineWriter;
}

export function createPrinter(sites: SiteTable, layouts: LayoutTable): ProgramPrinter {
  return { types: new CTypes(), kernelStructs: new KernelStructs(), contexts: new Map(), sites, layouts, out: new LineWriter() };
}

/** The function being printed: how a failed check leaves it, and names for temporaries. */
export class FunctionPrinter {
  readonly program: ProgramPrinter;
  readonly #result: "handler" | IrType;
  #temporaries = 0;

  /** @param result the result type of a helper, or "handler" */
  constructor(program: ProgramPrinter, result: "handler" | IrType) {
    this.program = program;
    this.#result = result;
  }

  get isHandler(): boolean {
    return this.#result === "handler";
  }

  /** A fresh name, unique in the function. */
  temporary(): string {
    return `tsp_${++this.#temporaries}`;
  }

  /** Counts, and ends the run of the handler. */
  fail(site: Site): string {
    return `{ tsp_count(${this.program.sites.indexOf(site)}); ${this.leave()} }`;
  }

  /** Ends the run of the handler after something was counted. */
  leave(): string {
    if (this.#result === "handler") return "return 0;";
    if (this.#result.kind === "undefined") return "*tsp_failed = 1; return;";
    return `*tsp_failed = 1; return (${this.program.types.of(this.#result)}){};`;
  }

  /** An expression made of steps, the last of which is its value. */
  steps(...lines: readonly string[]): string {
    return `({ ${lines.join(" ")} })`;
  }
}
