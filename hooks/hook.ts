import type { FailureClass } from "../diagnostics/diagnostic.js";
import type { TracepointFieldType } from "../kernel/tracepoint-field-type.js";
import type { Attachment } from "./attachment.js";

/** One thing a handler can read of its context. */
export interface ContextField {
  readonly name: string;
  /** The C declaration without the name, as the kernel has it: "__u8[4]", "struct sock *". */
  readonly cType: string;
  /** Bytes from the start of what the kernel passes to the program. */
  readonly offset: number;
  /** Bytes the field takes there; an argument in a register always takes 8, whatever its type. */
  readonly size: number;
  readonly type: ContextFieldType;
}

export type ContextFieldType =
  | TracepointFieldType
  /** The address of a kernel struct, taken to be valid: reading through a wrong one ends the run and is counted. */
  | { readonly kind: "structPointer"; readonly struct: string };

/** What a handler's parameter is: fields at fixed places of what the kernel passes to the program. */
export interface HandlerContext {
  /** Legal in C, and equal for contexts with the same fields only. */
  readonly key: string;
  /** For messages: "the tracepoint sock:inet_sock_set_state". */
  readonly title: string;
  readonly fields: readonly ContextField[];
}

/** A hook as this kernel has it: all that the compiler and the runtime must know. */
export interface Hook {
  /** ELF section of its program: libbpf reads the program's type, and for some what it is attached to, from it. */
  readonly section: string;
  readonly context: HandlerContext;
  readonly attach: Attachment;
  /** For people: "sock:inet_sock_set_state", "kprobe:tcp_connect". */
  readonly title: string;
}

/** Why this kernel cannot have a hook. */
export interface HookRefusal {
  readonly code: string;
  readonly message: string;
  readonly hints: readonly string[];
  readonly failure: FailureClass;
  /** What in the hook call is wrong, as written there: where the message points. */
  readonly culprit?: string;
}

export type ResolvedHook = { readonly hook: Hook } | { readonly refusal: HookRefusal };
