import { createExternalBuffer, DataType, load, open } from "ffi-rs";

/**
 * The only file that knows the foreign-function module. What is above it (libc, memory, libbpf) needs no more than
 * "call this symbol with these C types", so that moving to node:ffi changes this file alone.
 *
 * 64-bit integers and pointers are `bigint`. ffi-rs turns its I64 and U64 into JavaScript numbers, which loses bits
 * above 2^53, so these go through its BigInt type, which carries all 64 bits (as i64: see `toSigned`).
 */
export type CType = "i32" | "u32" | "i64" | "u64" | "pointer" | "string" | "buffer" | "void";

/** The JavaScript value that stands for a C type. A `string` becomes a NUL-terminated UTF-8 copy for the time of the call. */
export type ValueOf<T extends CType> = T extends "i32" | "u32"
  ? number
  : T extends "i64" | "u64" | "pointer"
    ? bigint
    : T extends "string"
      ? string
      : T extends "buffer"
        ? Uint8Array
        : undefined;

export type ValuesOf<P extends readonly CType[]> = { -readonly [I in keyof P]: ValueOf<P[I]> };

/** What a function may return: text and memory come back as pointers and are read by runtime/ffi/memory.ts. */
export type ResultType = Exclude<CType, "string" | "buffer">;

/** Prototype of a C function. */
export interface Signature {
  readonly parameters: readonly CType[];
  readonly result: ResultType;
}

/** A result together with the C library's errno as the call left it; it only means something if the result says "failed". */
export interface WithErrno<V> {
  readonly value: V;
  readonly errno: number;
}

/** A C function ready to be called. */
export interface NativeFunction<S extends Signature> {
  (...values: ValuesOf<S["parameters"]>): ValueOf<S["result"]>;
  withErrno(...values: ValuesOf<S["parameters"]>): WithErrno<ValueOf<S["result"]>>;
  /**
   * Calls on a thread of libuv's pool. The event loop counts the call as work under way, and ending the process waits
   * for it: a call that may block for ever needs a way to wake it (runtime/wait.ts). Buffers must stay referenced until it ends.
   */
  inThread(...values: ValuesOf<S["parameters"]>): Promise<WithErrno<ValueOf<S["result"]>>>;
}

const TYPES: Readonly<Record<CType, DataType>> = {
  i32: DataType.I32,
  u32: DataType.U32,
  i64: DataType.BigInt,
  u64: DataType.BigInt,
  pointer: DataType.BigInt,
  string: DataType.String,
  buffer: DataType.U8Array,
  void: DataType.Void,
};

/** ffi-rs keeps libraries by key; with the empty path (this process) the key is the bare prefix. */
const KEY_PREFIX = "tsprobe:";

/** ffi-rs wants 64-bit arguments within the range of i64; the bits are the same. */
function toSigned(value: unknown): unknown {
  return typeof value === "bigint" ? BigInt.asIntN(64, value) : value;
}

function fromSigned(type: ResultType, value: unknown): unknown {
  return typeof value === "bigint" && type !== "i64" ? BigInt.asUintN(64, value) : value;
}

/** A shared library that is loaded into this process. */
export class NativeLibrary {
  readonly #key: string;

  private constructor(key: string) {
    this.#key = key;
  }

  /**
   * Loads a shared library by path or, without a slash, by the dynamic linker's search.
   * The empty path means what the process already has: the C library.
   * @throws Error with the dynamic linker's own text
   */
  static open(path: string): NativeLibrary {
    const key = `${KEY_PREFIX}${path}`;
    open({ library: key, path });
    return new NativeLibrary(key);
  }

  /** Binds a function. The symbol is looked up when it is called: a missing one throws an Error naming it. */
  bind<const S extends Signature>(symbol: string, signature: S): NativeFunction<S> {
    const { result } = signature;
    const fixed = {
      library: this.#key,
      funcName: symbol,
      retType: TYPES[result],
      paramsType: signature.parameters.map((type) => TYPES[type]),
    };
    type Raw = { value: unknown; errnoCode: number };
    const pack = (raw: Raw) => ({ value: fromSigned(result, raw.value), errno: raw.errnoCode });
    const call = (...values: unknown[]) => fromSigned(result, load({ ...fixed, paramsValue: values.map(toSigned) }));
    const withErrno = (...values: unknown[]) =>
      pack(load({ ...fixed, paramsValue: values.map(toSigned), errno: true }) as unknown as Raw);
    const inThread = async (...values: unknown[]) =>
      pack((await load({ ...fixed, paramsValue: values.map(toSigned), errno: true, runInNewThread: true })) as unknown as Raw);
    return Object.assign(call, { withErrno, inThread }) as unknown as NativeFunction<S>;
  }
}

/** A Buffer over native memory. Some runtimes copy instead: runtime/ffi/memory.ts checks. */
export function viewExternal(address: bigint, length: number): Buffer {
  // ffi-rs wraps only pointers that a call returned: memcpy of nothing returns its first argument.
  const type = DataType.BigInt;
  const external = load({
    library: KEY_PREFIX,
    funcName: "memcpy",
    retType: DataType.External,
    paramsType: [type, type, type],
    paramsValue: [address, address, 0n],
  });
  return createExternalBuffer(external, length);
}
