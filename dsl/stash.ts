import { nameOf, refuseDeclaration } from "./declaration-error.js";
import { checkEntries, checkShape, DEFAULT_ENTRIES } from "./map-declaration.js";
import { ReadableMap } from "./maps.js";
import { declaringScript } from "./script.js";
import type { State } from "./state.js";
import { fakeTask } from "./task.js";
import type { Shape, ValueOf } from "./types.js";

/** A record of what is kept from the start. */
export type StashShape = { readonly [field: string]: Shape };

/** How a stash is declared. */
export interface StashOptions<K extends Shape, V extends StashShape> {
  readonly key: K;
  /** What is kept beside the time: a record. Without it only the time. */
  readonly value?: V;
  /** Most that can be under way at once (default 10,240); beyond that the least recently used is dropped, which is counted and shown. */
  readonly max?: number;
}

/** What `take` gives: the record that was put, and the nanoseconds since then. */
export type Taken<V> = { readonly [F in keyof V | "ns"]: F extends keyof V ? ValueOf<V[F]> : bigint };

/** Records kept in the kernel from the start of something to its end: `stash`. */
export class Stash<K, T> extends ReadableMap<K, T> {
  /** Keeps a record with the time of now (bpf_ktime_get_ns, bpf_map_update_elem). One that is there for the key already is replaced, and counted as never ended. */
  put(key: K, ...[value]: keyof Omit<T, "ns"> extends never ? [] : [value: Omit<T, "ns">]): void {
    this.store.set(key, { ...(value as object | undefined), ns: fakeTask.ktimeNs });
  }

  /**
   * Takes out what was kept, with `ns`, the nanoseconds since then; undefined if there is nothing, or if it took less than `leastNs`.
   * Returned from a handler it is an event only when the end was slow.
   * @example tracepoint("syscalls:sys_exit_openat", () => calls.take(tid(), 1_000_000n));
   */
  take(key: K, leastNs = 0n): T | undefined {
    const found = this.store.get(key) as ({ ns: bigint } & T) | undefined;
    if (found === undefined) return undefined;
    this.store.delete(key);
    const ns = fakeTask.ktimeNs - found.ns;
    return ns < leastNs ? undefined : Object.freeze({ ...found, ns });
  }
}

/**
 * Keeps a record from the start of something to its end, so that only what was slow is sent. It holds what is under way; when it
 * is full, the least recently used is dropped (BPF_MAP_TYPE_LRU_HASH). On the host it can be read as a map: `ns` is the
 * time of the start then (of the clock of `ktimeNs`).
 * @example
 * const calls = stash({ key: "u32", value: { comm: "comm" } });
 * tracepoint("syscalls:sys_enter_fsync", () => calls.put(tid(), { comm: comm() }));
 * const slow = tracepoint("syscalls:sys_exit_fsync", () => calls.take(tid(), 10_000_000n));
 */
export function stash<const K extends Shape, const V extends StashShape = Record<never, never>>(
  options: StashOptions<K, V>,
): Stash<ValueOf<K>, Taken<V>> {
  const { key, value = {} as V, max = DEFAULT_ENTRIES } = options;
  checkShape("stash", "key", key);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    refuseDeclaration(
      `stash(): the value is ${nameOf(value)}, not a record`,
      'name what is kept: stash({ key: "u32", value: { comm: "comm" } })',
    );
  if ("ns" in value)
    refuseDeclaration("stash(): the value cannot have a field ns", "ns is the time that take() gives: use another name");
  if (Object.keys(value).length > 0) checkShape("stash", "value", value);
  checkEntries("stash", max);
  const made = new Stash<ValueOf<K>, Taken<V>>({ kind: "stash", key, value: { ...value, ns: "u64" }, max });
  const script = declaringScript();
  script.maps.push(made.declaration);
  script.state.push(made as unknown as State);
  return made;
}
