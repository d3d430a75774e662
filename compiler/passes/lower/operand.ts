import type { Span } from "../../../diagnostics/span.js";
import type { BtfArray, BtfStruct } from "../../../kernel/btf-types.js";
import type { Expr, KernelMemberType, PathStep } from "../../ir/nodes.js";

/** A value of the host known when the handler is compiled: a constant, a map, an option, a helper, a namespace … */
export interface StaticValue {
  readonly kind: "static";
  readonly value: unknown;
  /** How the script calls it, for messages: "opts.localPort". */
  readonly text: string;
  readonly span: Span;
}

/** A struct or an array in kernel memory: not a value, but its members and elements can be read. */
export interface KernelPlace {
  readonly kind: "place";
  readonly pointer: Expr;
  readonly path: readonly PathStep[];
  /** One for each step of the path that leaves its index open. */
  readonly indices: readonly Expr[];
  readonly type: Extract<KernelMemberType, { kind: "struct" | "array" }>;
  /** The same as the kernel's BTF tells it. */
  readonly btf: BtfStruct | BtfArray;
  readonly span: Span;
}

export type Operand = Expr | StaticValue | KernelPlace;
