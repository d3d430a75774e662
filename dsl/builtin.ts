/** Names under which the compiler knows the functions of tsprobe that handlers may call. */
export type BuiltinName = "pid" | "tid" | "comm" | "ktimeNs" | "ip" | "num" | "kptr" | "name";

/** What the compiler knows a builtin by; recognised by the function's identity, so aliases and namespaces work. */
export interface Builtin {
  readonly name: BuiltinName;
  /** For "name": the names of an integer's values. */
  readonly names?: ReadonlyMap<number, string>;
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
