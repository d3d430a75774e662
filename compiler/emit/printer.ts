import type { ContextField, HandlerContext } from "../../hooks/hook.js";
import type { Site } from "../ir/nodes.js";
import type { IrType } from "../ir/types.js";
import type { LayoutTable } from "../passes/layout.js";
import type { SiteTable } from "../passes/sites.js";
import { CTypes } from "./c-types.js";
import { type Jump, Jumps } from "./jumps.js";
import { KernelStructs } from "./kernel-structs.js";
import { aligned, SCRATCH } from "./scratch.js";
import { bare, printVariable } from "./text.js";
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
  /** C name of the context of the handler being printed. */
  readonly handlerContext: { name: string };
  /** C names of the helpers that can end the run of the handler. */
  readonly failing: Set<string>;
  /** Rounds of loops that are functions of their own, by C name: their declaration, and how to print them. */
  readonly rounds: Map<string, { readonly declaration: string; readonly print: () => void }>;
  /** Names of the arrays of constants, by their text. */
  readonly tables: Map<string, string>;
  /** Bytes of scratch memory that helpers need, by their C names. */
  readonly frames: Map<string, number>;
  /** Maps with the scratch memory of handlers. */
  readonly scratchMaps: string[];
  /** The variables that hold long texts known when compiled, by the text. */
  readonly literals: Map<string, { readonly name: string; readonly bytes: number }>;
  /**
   * Bytes of the longest text that a shorter one stands for, as it lies: of that length are its bytes to those who read it, though they
   * end at its NUL, and memory must go on for as long behind it.
   */
  readonly reach: { bytes: number };
}

export function createPrinter(sites: SiteTable, layouts: LayoutTable): ProgramPrinter {
  return {
    types: new CTypes(),
    kernelStructs: new KernelStructs(),
    contexts: new Map(),
    sites,
    layouts,
    out: new LineWriter(),
    handlerContext: { name: "" },
    failing: new Set(),
    rounds: new Map(),
    tables: new Map(),
    frames: new Map(),
    scratchMaps: [],
    literals: new Map(),
    reach: { bytes: 0 },
  };
}

/**
 * The function being printed: how a failed check leaves it, names for temporaries, and the steps of the statement at hand.
 * An expression that needs more than one C expression puts statements in front ("steps"), so that order of evaluation is
 * that of the script; what may not run at all (the right side of &&, a branch of ?:) keeps its steps inside ({ … }).
 */
export class FunctionPrinter {
  readonly program: ProgramPrinter;
  /** The C function's name, of which those of its rounds are made. */
  readonly name: string;
  readonly jumps = new Jumps();
  readonly #result: "handler" | IrType;
  readonly #round: RoundExits | undefined;
  #temporaries = 0;
  #rounds = 0;
  #steps: string[] = [];
  #frame = 0;
  #reserved: string | undefined;

  /** C name of the handler's context; undefined in helpers. */
  readonly contextName: string | undefined;

  /**
   * @param result the result type of a helper, or "handler"
   * @param round set while the round of a loop is printed that is a function of its own
   */
  constructor(
    program: ProgramPrinter,
    result: "handler" | IrType,
    { name, contextName, round }: { readonly name: string; readonly contextName?: string; readonly round?: RoundExits },
  ) {
    this.program = program;
    this.#result = result;
    this.name = name;
    this.contextName = contextName;
    this.#round = round;
  }

  /** The printer of a round inside this function. */
  forRound(name: string, round: RoundExits): FunctionPrinter {
    const { program, contextName } = this;
    return new FunctionPrinter(program, this.#result, { name, round, ...(contextName === undefined ? {} : { contextName }) });
  }

  /** A fresh name for a round inside this function. */
  roundName(): string {
    return `${this.name}_round${++this.#rounds}`;
  }

  get result(): "handler" | IrType {
    return this.#result;
  }

  /** What a helper that can fail is given, and how it says that it has. */
  get failed(): { readonly argument: string; readonly test: string } {
    const own = this.#result === "handler" || this.#round !== undefined;
    return own ? { argument: "&tsp_failed", test: "tsp_failed" } : { argument: "tsp_failed", test: "*tsp_failed" };
  }

  /** A fresh name, unique in the function. */
  temporary(hint = ""): string {
    return `tsp_${hint}${++this.#temporaries}`;
  }

  /** Bytes of scratch memory that the function needs. */
  get frame(): number {
    return this.#frame;
  }

  /** The address of so many bytes of scratch memory that nothing else in the function uses. */
  scratch(bytes: number): string {
    const place = this.#frame;
    this.#frame += aligned(bytes);
    return place === 0 ? SCRATCH : `(${SCRATCH} + ${place})`;
  }

  /** C statements that must run before the expression at hand. */
  step(...lines: readonly string[]): void {
    this.#steps.push(...lines);
  }

  /** The value in a variable of its own. */
  keep(type: string, value: string, hint = ""): string {
    const name = this.temporary(hint);
    this.step(printVariable(type, name, value));
    return name;
  }

  /** The value under a name that can be repeated. */
  stable(type: string, value: string): string {
    return /^[A-Za-z_]\w*(?:\[0\])?(?:\.\w+)*$/.test(value) || /^\d+U?L?L?$/.test(value) ? value : this.keep(type, value);
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

  /** Prints what is computed while a record of the ring is reserved: a run that ends there must give it back. */
  whileReserved<T>(record: string, print: () => T): T {
    this.#reserved = record;
    try {
      return print();
    } finally {
      this.#reserved = undefined;
    }
  }

  /** Counts, and ends the run of the handler. */
  fail(site: Site): string {
    const back = this.#reserved === undefined ? "" : `bpf_ringbuf_discard(${this.#reserved}, 0); `;
    return `{ tsp_count(${this.program.sites.indexOf(site)} /* ${site.reason} */); ${back}${this.leave()} }`;
  }

  /** Ends the run of the handler after something was counted. */
  leave(): string {
    if (this.#round !== undefined) return this.#round.leave(LEFT.run);
    if (this.#result === "handler") return "return 0;";
    if (this.#result.kind === "undefined") return "*tsp_failed = 1; return;";
    return `*tsp_failed = 1; return ${this.program.types.zero(this.#result)};`;
  }

  /** Ends a handler, or returns from a helper. */
  finish(value?: string): string {
    if (this.#round !== undefined)
      return value === undefined
        ? this.#round.leave(this.#result === "handler" ? LEFT.run : LEFT.returned)
        : `tsp_frame->tsp_result = ${value}; ${this.#round.leave(LEFT.returned)}`;
    if (this.#result === "handler") return "return 0;";
    return value === undefined ? "return;" : `return ${value};`;
  }

  /** `break` and `continue`. */
  jump(jump: Jump): string {
    const text = this.jumps.text(jump) ?? this.#round?.jump(jump);
    if (text === undefined) throw new Error("a jump to nowhere");
    return text;
  }
}

/** How a round that is a function of its own has ended: numbers above these are jumps to targets outside. */
export const LEFT = { goesOn: 0, loop: 1, run: 2, returned: 3, jumps: 4 } as const;

/** How the C of a round is left. */
export interface RoundExits {
  /** The statements that leave it with one of the numbers of `LEFT`. */
  leave(code: number): string;
  jump(jump: Jump): string;
}
