import type { ArrowFunctionExpression, Function as FunctionNode } from "oxc-parser";
import type { SourceFile, Span } from "../../diagnostics/span.js";
import type { BindingKind } from "./scope.js";

/** A function expression (not a declaration) in the parser's tree. */
export type FunctionExpression = FunctionNode & { readonly type: "FunctionExpression" };

/** A name that a kernel function uses and does not declare. */
export interface FreeVariable {
  readonly name: string;
  /** Its first use in the function. */
  readonly reference: Span;
  /** Where the file declares it; imports are declared by their import clause. Globals have no declaration. */
  readonly declaration?: Span;
  readonly kind: BindingKind | "global";
}

/** A kernel function as it stands in the script. */
export interface CaptureRecord {
  /** Same as `CaptureMark.id` of the function at run time: "file#index", the file relative to the entry's folder. */
  readonly id: string;
  readonly file: SourceFile;
  /** The function in the ESTree of oxc-parser: offsets are UTF-16 offsets into `file.text`, parentheses are not kept. */
  readonly node: ArrowFunctionExpression | FunctionExpression;
  readonly span: Span;
  /** The whole hook call. */
  readonly callSpan: Span;
  /** The function of "tsprobe" it was passed to, by its exported name: "tracepoint", "fn". */
  readonly callee: string;
  /** What the call's result is assigned to: a variable, a property, or "default". */
  readonly bindingName?: string;
  /** In order of first use. Every kind but "global" can be read through the mark's thunks. */
  readonly free: readonly FreeVariable[];
}
