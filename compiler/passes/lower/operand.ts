import type { Span } from "../../../diagnostics/span.js";
import type { BtfStruct } from "../../../kernel/btf-types.js";
import type { Expr, PathStep } from "../../ir/nodes.js";

/** A value of the host known when the handler is compiled: a constant, a map, an option, a helper, a namespace … */
export interface StaticValue {
  readonly kind: "static";
  readonly value: unknown;
  /** How the script calls it, for messages: "opts.localPort". */
  readonly text: string;
  readonly span: Span;
}

/** A struct embedded in kernel memory: not a value, but its members can be read. */
export interface KernelPlace {
  readonly kind: "place";
  readonly pointer: Expr;
  readonly path: readonly PathStep[];
  readonly struct: BtfStruct;
  readonly span: Span;
}

export type Operand = Expr | StaticValue | KernelPlace;
