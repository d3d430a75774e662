import { nameOf, refuseDeclaration } from "./declaration-error.js";
import { FullWatch } from "./full-watch.js";
import { checkEntries, checkShape, DEFAULT_ENTRIES, isPerCpu, type MapDeclaration, type MapKind } from "./map-declaration.js";
import { type MapStore, MemoryMap } from "./map-store.js";
import { largest, plainEntries } from "./reading.js";
import { declaringScript } from "./script.js";
import { isAddable, isIntegers } from "./shape.js";
import type { State } from "./state.js";
import type { AmountOf, Shape, ValueOf } from "./types.js";

export type { MapDeclaration, MapKind } from "./map-declaration.js";

/** How a map is declared. */
export interface MapOptions<K extends Shape, V extends Shape> {
  readonly key: K;
  readonly value: V;
  /** Most entries it can hold (default 10,240). */
  readonly max?: number;
}

/** How an array is declared. */
export interface ArrayOptions<V extends Shape> {
  readonly value: V;
  /** How many values it has, with the indexes 0 to length - 1. */
  readonly length: number;
}

/** What all maps have for the host part of a script: it can read them at any time while the script runs, and at its end. */
export abstract class ReadableMap<K, V> implements Iterable<readonly [K, V]> {
  readonly declaration: MapDeclaration;
  /** Where the entries are now. */
  protected store: MapStore;
  #consumed = false;
  /** For the runtime. */
  readonly full: FullWatch = new FullWatch();

  constructor(declaration: MapDeclaration) {
    this.declaration = Object.freeze(declaration);
    this.store = new MemoryMap(this.declaration);
  }

  /**
   * Keys and values as they are now, read from the kernel in batches (BPF_MAP_LOOKUP_BATCH). Of maps per CPU: the sums over the CPUs.
   * @example for (const [key, value] of seen.entries()) console.log(key, value);
   */
  entries(): (readonly [K, V])[] {
    this.read();
    return this.store.entries() as [K, V][];
  }

  /** How many entries there are now. */
  get size(): number {
    return this.entries().length;
  }

  keys(): K[] {
    return this.entries().map(([key]) => key);
  }

  values(): V[] {
    return this.entries().map(([, value]) => value);
  }

  [Symbol.iterator](): Iterator<readonly [K, V]> {
    return this.entries()[Symbol.iterator]();
  }

  /** The entries with the largest values, largest first. @param by what to order by, if not the value or the first number in it */
  topN(most: number, by?: (value: V, key: K) => number | bigint): (readonly [K, V])[] {
    return largest(this.entries(), most, by);
  }

  /** A list of `{ key, value }` for JSON.stringify; integers too large for numbers are texts. */
  toJSON(): { key: unknown; value: unknown }[] {
    return plainEntries(this.entries());
  }

  /** For the host part and for unit tests: removes all entries; of arrays sets them to zero. */
  clear(): void {
    this.store.clear();
  }

  /**
   * Calls back with the number of updates that failed lately, since the map was full; looked at twice a second.
   * @example seen.onFull((count) => console.error(`${count} were not kept`));
   */
  onFull(callback: (count: number) => void): this {
    this.full.add(callback);
    return this;
  }

  /** For the runtime: whether the host part of the script has read it. */
  get consumed(): boolean {
    return this.#consumed;
  }

  /** Notes that the script reads it. */
  protected read(): void {
    this.#consumed = true;
  }

  /** For the runtime: from now on the entries are there. What the host has set before is taken along. */
  connect(store: MapStore): void {
    for (const [key, value] of this.declaration.kind.endsWith("rray") ? [] : this.store.entries()) store.set(key, value);
    this.store = store;
  }

  /** For the runtime: the kernel's map is gone. */
  disconnect(): void {
    this.store = new MemoryMap(this.declaration);
  }
}

/**
 * A hash map shared by the handlers of a script: in the kernel a BPF map, in Node (unit tests) an
 * in-memory one with the same rules. Values are copied in and out.
 */
export class KernelMap<K, V> extends ReadableMap<K, V> {
  /** The value of a key, or undefined (bpf_map_lookup_elem). In handlers, of maps per CPU this CPU's value; outside the sum over the CPUs. */
  get(key: K): V | undefined {
    this.read();
    return this.store.get(key) as V | undefined;
  }

  /** Whether the key is there (bpf_map_lookup_elem). */
  has(key: K): boolean {
    this.read();
    return this.store.get(key) !== undefined;
  }

  /** Stores a value, integers wrapped to their width (bpf_map_update_elem, BPF_ANY). A full `hash` refuses new keys; that is counted and shown. */
  set(key: K, value: V): void {
    this.store.set(key, value);
  }

  /** Removes a key; whether it was there (bpf_map_delete_elem). */
  delete(key: K): boolean {
    return this.store.delete(key);
  }

  /**
   * Adds to a value in one step, so that nothing is lost when several CPUs add at once (an atomic add of the CPU); a missing
   * key begins at 0. For values of 32 and 64 bits, and records of these: then to the fields given.
   * @example bytes.add(pid(), BigInt(ctx.size));
   * @example flows.add(key, { packets: 1, bytes: BigInt(ctx.len) });
   */
  add(key: K, amount: AmountOf<V>): void {
    requireAddable(this.declaration);
    this.store.add(key, amount);
  }

  /** Adds 1, as `add` does. */
  incr(key: K): void {
    requireAddable(this.declaration);
    this.store.add(key, 1);
  }

  /** For the host part: the values of a key on each CPU; empty if the key is not there. */
  perCpu(key: K): V[] {
    this.read();
    return this.store.perCpu(key) as V[];
  }
}

/** Values by index, all there from the start with all bits zero. An index out of range ends the run of a handler; that is counted and shown. */
export class KernelArray<V> extends ReadableMap<number, V> {
  /** The value at an index. In handlers, of arrays per CPU this CPU's value; outside the sum over the CPUs. */
  get(index: number): V {
    this.read();
    this.#check(index);
    return this.store.get(index) as V;
  }

  /** Stores a value, integers wrapped to their width. */
  set(index: number, value: V): void {
    this.#check(index);
    this.store.set(index, value);
  }

  /** Adds to a value in one step, so that nothing is lost when several CPUs add at once: see `hash`. */
  add(index: number, amount: AmountOf<V>): void {
    requireAddable(this.declaration);
    this.#check(index);
    this.store.add(index, amount);
  }

  /** Adds 1, as `add` does. */
  incr(index: number): void {
    requireAddable(this.declaration);
    this.#check(index);
    this.store.add(index, 1);
  }

  /** For the host part: the values at an index on each CPU. */
  perCpu(index: number): V[] {
    this.read();
    this.#check(index);
    return this.store.perCpu(index) as V[];
  }

  get length(): number {
    return this.declaration.max;
  }

  #check(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.declaration.max)
      throw new RangeError(`an array of ${this.declaration.max} values has no index ${index}`);
  }
}

function requireAddable({ kind, value }: MapDeclaration): void {
  if (!isAddable(value))
    throw new TypeError(`add and incr need integers of 32 or 64 bits in the ${kind}: "u32", "u64", "s32" or "s64"`);
}

/** Records a map for the compiler, after it was checked. */
function declareMap(map: State & { readonly declaration: MapDeclaration }, entries: "max" | "length"): void {
  const { kind, key, value, max } = map.declaration;
  checkShape(kind, "key", key);
  checkShape(kind, "value", value);
  checkEntries(kind, max, entries);
  if (isPerCpu(kind) && !isIntegers(value))
    refuseDeclaration(
      `${kind}(): the value holds ${typeof value === "string" ? nameOf(value) : "more than integers"}, which cannot be added up over the CPUs`,
      "values of maps per CPU are integers, or records of integers",
    );
  const script = declaringScript();
  script.maps.push(map.declaration);
  script.state.push(map);
}

function declareHash(kind: MapKind, { key, value, max = DEFAULT_ENTRIES }: MapOptions<Shape, Shape>): never {
  const map = new KernelMap<never, never>({ kind, key, value, max });
  declareMap(map, "max");
  return map as never;
}

function declareArray(kind: MapKind, { value, length }: ArrayOptions<Shape>): never {
  const map = new KernelArray<never>({ kind, key: "u32", value, max: length });
  declareMap(map, "length");
  return map as never;
}

/**
 * A hash map (BPF_MAP_TYPE_HASH). When it is full, new keys are refused, and that is counted.
 * @example const since = hash({ key: "u32", value: "u64" });
 */
export function hash<const K extends Shape, const V extends Shape>(options: MapOptions<K, V>): KernelMap<ValueOf<K>, ValueOf<V>> {
  return declareHash("hash", options);
}

/**
 * A hash map that drops its least recently used entries when full (BPF_MAP_TYPE_LRU_HASH): the choice for state per socket.
 * @example const since = lruHash({ key: "ptr", value: "u64", max: 65_536 });
 */
export function lruHash<const K extends Shape, const V extends Shape>(
  options: MapOptions<K, V>,
): KernelMap<ValueOf<K>, ValueOf<V>> {
  return declareHash("lruHash", options);
}

/**
 * A hash map with values of its own for each CPU (BPF_MAP_TYPE_PERCPU_HASH): handlers see those of their CPU, the host the
 * sums. Values are integers, or records of integers. For counting, the aggregations (`count`, `sum`, …) are simpler.
 * @example const bytes = perCpuHash({ key: "u32", value: "u64" });
 */
export function perCpuHash<const K extends Shape, const V extends Shape>(
  options: MapOptions<K, V>,
): KernelMap<ValueOf<K>, ValueOf<V>> {
  return declareHash("perCpuHash", options);
}

/**
 * Values by index, at first all zero (BPF_MAP_TYPE_ARRAY). An index out of range ends the run of the handler and is counted.
 * @example const byState = array({ value: "u64", length: 13 });
 */
export function array<const V extends Shape>(options: ArrayOptions<V>): KernelArray<ValueOf<V>> {
  return declareArray("array", options);
}

/**
 * An array with values of its own for each CPU (BPF_MAP_TYPE_PERCPU_ARRAY): handlers see those of their CPU, the host the sums.
 * @example const seen = perCpuArray({ value: "u64", length: 4 });
 */
export function perCpuArray<const V extends Shape>(options: ArrayOptions<V>): KernelArray<ValueOf<V>> {
  return declareArray("perCpuArray", options);
}
