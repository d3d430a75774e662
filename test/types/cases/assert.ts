/** Whether two types are the same, also in what is optional, readonly or any. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `true`: `is<Same<typeof value, number>>()`. */
export declare function is<T extends true>(): T;
