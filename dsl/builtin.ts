/** Names under which the compiler knows the functions of tsprobe that handlers may call. */
export type BuiltinName =
  | "probeName"
  | TaskBuiltin
  | ClockBuiltin
  | StackBuiltin
  | MemoryBuiltin
  | "ip"
  | "mac"
  | "num"
  | "kptr"
  | KernelBuiltin
  | "name";
/** What speaks of the kernel's own types. */
export type KernelBuiltin = "exists" | "addressOf" | "kread" | "enumName" | "enumValue" | "flags";
export type TaskBuiltin =
  | "pid"
  | "tid"
  | "ppid"
  | "uid"
  | "gid"
  | "comm"
  | "cgroupId"
  | "netns"
  | "cpu"
  | "curtask"
  | "random"
  | "inInterrupt"
  | "isWantedTask";
export type MemoryBuiltin = "str" | "userStr" | "bytes" | "userBytes";
export type ClockBuiltin = "ktimeNs" | "bootNs" | "wallNs";
export type StackBuiltin = "kstack" | "ustack" | "ksym" | "usym";

/** What the compiler knows a builtin by; recognised by the function's identity, so aliases and namespaces work. */
export interface Builtin {
  readonly name: BuiltinName;
  /** For "name": the names of an integer's values. */
  readonly names?: ReadonlyMap<number, string>;
  /** For "flags": the names of bits; without them the call gives them. */
  readonly flags?: Readonly<Record<string, number | bigint>>;
}

const builtins = new WeakMap<object, Builtin>();

/** Makes a function a builtin: `fn` is what it does in Node. */
export function defineBuiltin<F extends (...args: never[]) => unknown>(builtin: Builtin, fn: F): F {
  builtins.set(fn, Object.freeze(builtin));
  return fn;
}

/** The builtin behind a value, if it is one. */
export function builtinOf(value: unknown): Builtin | undefined {
  return typeof value === "function" ? builtins.get(value) : undefined;
}
