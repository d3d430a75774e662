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
}

/** A fixed array of integers in the kernel. */
export interface Ints<E extends number | bigint = number> {
  readonly length: number;
  readonly [index: number]: E;
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

/** Names of the tracepoints: "category:event". */
export type TracepointName = keyof LocalTracepoints | keyof SnapshotTracepoints;
/** What the handler of a tracepoint receives. */
export type TracepointContext<N> = N extends keyof LocalTracepoints
  ? LocalTracepoints[N]
  : N extends keyof SnapshotTracepoints
    ? SnapshotTracepoints[N]
    : never;

export type KernelStructName = keyof LocalStructs | keyof SnapshotStructs;
/** A struct in kernel memory; reading a field of it reads the kernel (CO-RE: offsets fit the running kernel). */
export type KernelStruct<N> = N extends keyof LocalStructs
  ? LocalStructs[N]
  : N extends keyof SnapshotStructs
    ? SnapshotStructs[N]
    : never;

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
}
export type ScalarName = keyof ScalarTypes;

/** A type given by name, or a record of named types. */
export type Shape = ScalarName | { readonly [field: string]: ScalarName };
/** The TypeScript type of a shape's values. */
export type ValueOf<S extends Shape> = S extends ScalarName
  ? ScalarTypes[S]
  : { readonly [F in keyof S]: S[F] extends ScalarName ? ScalarTypes[S[F]] : never };
