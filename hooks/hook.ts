import type { FailureClass } from "../diagnostics/diagnostic.js";
import type { TracepointFieldType } from "../kernel/tracepoint-field-type.js";
import type { UserLocation } from "../kernel/user/usdt-argument.js";
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
  /** Where a plain load does not do; see ContextLoad. */
  readonly load?: ContextLoad;
}

/**
 * How a pointer comes out of the context of a TRACING program (fentry, fexit, tp_btf), where the verifier knows its type
 * (btf_ctx_access, kernel/bpf/btf.c). Handlers compute with addresses and read through them by bpf_probe_read_kernel, and
 * the verifier forbids most arithmetic on what it takes for a typed pointer.
 * - "number": loaded, then made a plain number;
 * - "copy": of a type that it lets nobody load, so copied by a helper.
 */
export type ContextLoad = "number" | "copy";

export type ContextFieldType =
  | TracepointFieldType
  /** The address of a kernel struct, taken to be valid unless `nullable`: reading through a wrong one ends the run and is counted. */
  | { readonly kind: "structPointer"; readonly struct: string; readonly nullable?: boolean }
  /** There, but out of reach: why, as the end of a sentence. */
  | { readonly kind: "unreadable"; readonly why: string }
  /** An argument of a user program that is no field of what the kernel passes: its place is told by the cookie. */
  | { readonly kind: "located"; readonly as: UserValueType; readonly places: readonly LocatedPlace[] };

/** How a value of a user program is read. */
export type UserValueType = Extract<TracepointFieldType, { kind: "int" | "bool" | "pointer" }>;

/** Where a value is, at the places with these cookies. */
export interface LocatedPlace {
  readonly cookies: readonly bigint[];
  /** As it is in the program. */
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  readonly location: UserLocation;
}

/** What a handler's parameter is: fields at fixed places of what the kernel passes to the program. */
export interface HandlerContext {
  /** Legal in C, and equal for contexts with the same fields only. */
  readonly key: string;
  /** For messages: "the tracepoint sock:inet_sock_set_state". */
  readonly title: string;
  readonly fields: readonly ContextField[];
  /** Why a field that one expects may be missing. */
  readonly remark?: string;
}

/** A hook as this kernel has it: all that the compiler and the runtime must know. */
export interface Hook {
  /** ELF section of its program: libbpf reads the program's type, and for some what it is attached to, from it. */
  readonly section: string;
  readonly context: HandlerContext;
  readonly attach: Attachment;
  /** For people: "sock:inet_sock_set_state", "kprobe:tcp_connect". */
  readonly title: string;
  /** Of a hook with several places (named with `*`): their titles, by the cookie that the program finds there (bpf_get_attach_cookie). */
  readonly places?: readonly string[];
  /** Of an iterator: null in a last run, which only says that there are no more. */
  readonly endsAtNull?: ContextField;
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
