import type { Stack } from "./stack.js";

/**
 * Branded aliases: the optional brand shows a value's C width on hover, while plain
 * literals stay assignable. Kernel values of up to 32 bits are `number`, 64-bit ones `bigint`.
 */
export type u8 = number & { readonly __c?: "u8" };
export type u16 = number & { readonly __c?: "u16" };
export type u32 = number & { readonly __c?: "u32" };
export type s8 = number & { readonly __c?: "s8" };
export type s16 = number & { readonly __c?: "s16" };
export type s32 = number & { readonly __c?: "s32" };
export type u64 = bigint & { readonly __c?: "u64" };
export type s64 = bigint & { readonly __c?: "s64" };
/** An address in the kernel, as a number. */
export type ptr = bigint & { readonly __c?: "ptr" };

/** A fixed array of bytes in the kernel, such as an address. */
export interface Bytes<N extends number = number> {
  readonly length: N;
  readonly [index: number]: number;
  [Symbol.iterator](): Iterator<number>;
}

/** A fixed array of integers in the kernel. */
export interface Ints<E extends number | bigint = number> {
  readonly length: number;
  readonly [index: number]: E;
  [Symbol.iterator](): Iterator<E>;
}

/** Fields of every tracepoint of this machine's kernel: filled by generated declarations. */
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface LocalTracepoints {}
/** Structs of this machine's kernel: filled by generated declarations. */
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface LocalStructs {}
/** The same from the snapshot in the package, used for names this machine's declarations do not have. */
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface SnapshotTracepoints {}
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface SnapshotStructs {}

/** Enums of this machine's kernel, and of the snapshot's: filled by generated declarations. */
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface LocalEnums {}
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface SnapshotEnums {}

/** Names of the kernel's enums. */
export type EnumName = keyof LocalEnums | keyof SnapshotEnums;
type EnumOf<E> = E extends keyof LocalEnums ? LocalEnums[E] : E extends keyof SnapshotEnums ? SnapshotEnums[E] : never;
/** Names of an enum's values. */
export type EnumMember<E> = EnumOf<E> extends { readonly names: infer N } ? N : never;
/** What its values are: numbers, or bigints where they take 64 bits. */
export type EnumNumber<E> = EnumOf<E> extends { readonly value: infer V } ? V : never;

/** Arguments of this machine's kernel functions: filled by generated declarations. */
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface LocalFunctions {}
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface SnapshotFunctions {}
/** What this machine's kernel functions return, those that return something: filled by generated declarations. */
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface LocalReturns {}
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface SnapshotReturns {}
/** Arguments of this machine's raw tracepoints: filled by generated declarations. */
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface LocalRawTracepoints {}
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface SnapshotRawTracepoints {}

/** Names of the tracepoints: "category:event". */
export type TracepointName = keyof LocalTracepoints | keyof SnapshotTracepoints;
/** Several tracepoints: "tcp:*", "syscalls:sys_enter_*". */
export type TracepointPattern = `${string}*${string}`;
/** The names a pattern stands for, as a type: `*` is any text. */
type Glob<P extends string> = P extends `${infer Before}*${infer After}` ? `${Before}${string}${Glob<After>}` : P;
/** What the handler of a tracepoint receives. A plain look-up: see FunctionArgs. */
export type TracepointContext<N> = N extends keyof LocalTracepoints
  ? LocalTracepoints[N]
  : N extends keyof SnapshotTracepoints
    ? SnapshotTracepoints[N]
    : never;
/** What the handler of several tracepoints receives: the fields that all of them have. */
export type PatternContext<P extends string> = TracepointContext<Extract<TracepointName, Glob<P>>>;

export type KernelStructName = keyof LocalStructs | keyof SnapshotStructs;
/** A struct in kernel memory; reading a field of it reads the kernel (CO-RE: offsets fit the running kernel). */
export type KernelStruct<N> = N extends keyof LocalStructs
  ? LocalStructs[N]
  : N extends keyof SnapshotStructs
    ? SnapshotStructs[N]
    : never;

/** Names of the raw tracepoints: "sched_switch". */
export type RawTracepointName = keyof LocalRawTracepoints | keyof SnapshotRawTracepoints;
/** What the handler of a raw tracepoint receives: its arguments. */
export type RawTracepointContext<N> = N extends keyof LocalRawTracepoints
  ? LocalRawTracepoints[N]
  : N extends keyof SnapshotRawTracepoints
    ? SnapshotRawTracepoints[N]
    : never;

/** What the iterators of this machine's kernel give: filled by generated declarations. */
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface LocalIterators {}
// biome-ignore lint/suspicious/noEmptyInterface: generated declarations merge into it
export interface SnapshotIterators {}
/** Names of the kernel's iterators: "task", "tcp". */
export type IteratorName = keyof LocalIterators | keyof SnapshotIterators;
/** What the handler of an iterator receives. */
export type IteratorContext<N> = N extends keyof LocalIterators
  ? Readonly<LocalIterators[N]>
  : N extends keyof SnapshotIterators
    ? Readonly<SnapshotIterators[N]>
    : never;

/** Names of the kernel's functions. */
export type FunctionName = keyof LocalFunctions | keyof SnapshotFunctions;
/** Several functions: `*` stands for any text. */
export type FunctionPattern = `${string}*${string}`;

/*
 * There are tens of thousands of functions, and the type checker looks at all of them to know what a handler may get at most. So
 * these are plain look-ups: anything computed from the looked-up type (Omit, Readonly, an intersection of two look-ups) costs it
 * seconds, or minutes.
 */
/** Arguments of a kernel function, by their names in the kernel's source. */
export type FunctionArgs<N> = N extends keyof LocalFunctions
  ? LocalFunctions[N]
  : N extends keyof SnapshotFunctions
    ? SnapshotFunctions[N]
    : UnknownArguments;
/** What the handler of a kretprobe receives: what the function returns, as `ret`, or as `returned` where an argument is called `ret`. */
export type ReturnContext<N> = N extends keyof LocalReturns
  ? LocalReturns[N]
  : N extends keyof SnapshotReturns
    ? SnapshotReturns[N]
    : N extends FunctionName
      ? Readonly<Record<never, never>>
      : UnknownArguments;
/** What the handler of a fexit receives: arguments, and what the function returns. */
export type FexitContext<N> = N extends keyof LocalFunctions
  ? LocalFunctions[N] & (N extends keyof LocalReturns ? LocalReturns[N] : unknown)
  : N extends keyof SnapshotFunctions
    ? SnapshotFunctions[N] & (N extends keyof SnapshotReturns ? SnapshotReturns[N] : unknown)
    : never;
/** What several functions have in common the command finds out, and checks: an editor does not know it. */
// biome-ignore lint/suspicious/noExplicitAny: not known there
type UnknownArguments = { readonly [argument: string]: any };

/**
 * A name that this kernel may lack and another has, `"kfree_skb_reason" as string`: a text that the type checker does not know, so that
 * misspelt names are still found.
 */
export type ForeignName<S extends string> = S & (string extends S ? unknown : never);
/** What a handler gets there is not known before a kernel that has the hook compiles it, and checks it then. */
export type ForeignContext = UnknownArguments;

/** Registers where a kprobe stands inside a function: those of the machine, under their names in assembly. */
export interface KernelRegisters extends X86Registers, ArmRegisters {}

type X86Registers = {
  readonly [name in
    | "rax"
    | "rbx"
    | "rcx"
    | "rdx"
    | "rsi"
    | "rdi"
    | "rbp"
    | "rsp"
    | "rip"
    | "r8"
    | "r9"
    | "r10"
    | "r11"
    | "r12"
    | "r13"
    | "r14"
    | "r15"]: ptr;
};
type ArmRegisters = {
  readonly [name in
    | "x0"
    | "x1"
    | "x2"
    | "x3"
    | "x4"
    | "x5"
    | "x6"
    | "x7"
    | "x8"
    | "x9"
    | "x10"
    | "x11"
    | "x12"
    | "x13"
    | "x14"
    | "x15"
    | "x16"
    | "x17"
    | "x18"
    | "x19"
    | "x20"
    | "x21"
    | "x22"
    | "x23"
    | "x24"
    | "x25"
    | "x26"
    | "x27"
    | "x28"
    | "x29"
    | "x30"
    | "sp"
    | "pc"]: ptr;
};

/** Scalar types by name, for maps and event channels. */
export interface ScalarTypes {
  u8: number;
  u16: number;
  u32: number;
  s8: number;
  s16: number;
  s32: number;
  u64: bigint;
  s64: bigint;
  /** An address: 64 bits, shown in hexadecimal. */
  ptr: bigint;
  bool: boolean;
  /** A task's name: at most 15 characters. */
  comm: string;
  /** An IPv4 or IPv6 address. */
  ip: string;
  /** What kstack() and ustack() give: 8 bytes, equal for equal stacks (of one process). */
  kstack: Stack;
  ustack: Stack;
  /** What ksym() and usym() give: an address, shown by name. */
  ksym: string;
  usym: string;
  /** What probeName() gives: which probe it was. */
  probe: string;
  /** Text in so many bytes, the NUL at its end included: "str64" holds 63 of UTF-8. Longer texts are cut. */
  [text: `str${number}`]: string;
}
export type ScalarName = keyof ScalarTypes;

/**
 * How keys and values are declared: a type by name, a record of shapes, or a tuple of them.
 * @example "u32"
 * @example { comm: "comm", peer: { addr: "ip", port: "u16" } }
 * @example ["u32", "ip"]
 */
export type Shape = ScalarName | readonly Shape[] | { readonly [field: string]: Shape };

/** The TypeScript type of a shape's values. */
export type ValueOf<S> = Shape extends S
  ? unknown // not a shape but all of them: a type that is not known
  : S extends ScalarName
    ? ScalarTypes[S]
    : S extends object
      ? { readonly [F in keyof S]: ValueOf<S[F]> }
      : never;

/** What `add` takes for values of a type: a number or bigint as the value is, or a record with the fields to add to. */
export type AmountOf<V> = V extends number
  ? number
  : V extends bigint
    ? bigint
    : V extends readonly unknown[] | string | boolean
      ? never
      : { readonly [F in keyof V]?: AmountOf<V[F]> };
