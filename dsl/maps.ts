import { nameOf, refuseDeclaration, TYPE_HINT } from "./declaration-error.js";
import { currentScript } from "./script.js";
import { coerce, isScalarName, keyText } from "./shape.js";
import type { Shape, ValueOf } from "./types.js";

/** How a map is declared. */
export interface MapOptions<K extends Shape, V extends Shape> {
  readonly key: K;
  readonly value: V;
  /** Most entries it can hold (default 10,240). */
  readonly max?: number;
}

export type MapKind = "hash" | "lruHash";

/** What the compiler reads of a map. */
export interface MapDeclaration {
  readonly kind: MapKind;
  readonly key: Shape;
  readonly value: Shape;
  readonly max: number;
}

const DEFAULT_ENTRIES = 10_240;

/**
 * A hash map shared by the handlers of a script: in the kernel a BPF map, in Node (unit tests) an
 * in-memory one with the same rules. Values are copied in and out.
 */
export class KernelMap<K, V> {
  readonly declaration: MapDeclaration;
  readonly #entries = new Map<string, [K, V]>();

  constructor(declaration: MapDeclaration) {
    this.declaration = Object.freeze(declaration);
  }

  /** The value of a key, or undefined (bpf_map_lookup_elem). */
  get(key: K): V | undefined {
    return this.#entries.get(this.#text(key))?.[1];
  }

  /** Whether the key is there (bpf_map_lookup_elem). */
  has(key: K): boolean {
    return this.#entries.has(this.#text(key));
  }

  /** Stores a value, integers wrapped to their width (bpf_map_update_elem, BPF_ANY). A full `hash` refuses new keys; that is counted and shown. */
  set(key: K, value: V): void {
    const text = this.#text(key);
    const known = this.#entries.has(text);
    if (!known && this.#entries.size >= this.declaration.max) {
      if (this.declaration.kind === "hash") return;
      this.#entries.delete(this.#entries.keys().next().value as string);
    }
    if (this.declaration.kind === "lruHash") this.#entries.delete(text);
    this.#entries.set(text, [coerce(this.declaration.key, key) as K, coerce(this.declaration.value, value) as V]);
  }

  /** Removes a key; whether it was there (bpf_map_delete_elem). */
  delete(key: K): boolean {
    return this.#entries.delete(this.#text(key));
  }

  /** For unit tests: forgets everything. */
  clear(): void {
    this.#entries.clear();
  }

  #text(key: K): string {
    return keyText(coerce(this.declaration.key, key));
  }
}

function declareMap<K extends Shape, V extends Shape>(
  kind: MapKind,
  options: MapOptions<K, V>,
): KernelMap<ValueOf<K>, ValueOf<V>> {
  for (const side of ["key", "value"] as const) checkShape(kind, side, options[side]);
  const max = options.max ?? DEFAULT_ENTRIES;
  if (!Number.isInteger(max) || max < 1 || max > 2 ** 24)
    refuseDeclaration(`${kind}(): a map cannot hold ${max} entries`, "max is a whole number from 1 to 16777216");
  const map = new KernelMap<ValueOf<K>, ValueOf<V>>({ kind, key: options.key, value: options.value, max });
  currentScript().maps.push(map.declaration);
  return map;
}

function checkShape(kind: MapKind, side: string, shape: Shape): void {
  const names: readonly unknown[] = typeof shape === "object" && shape !== null ? Object.values(shape) : [shape];
  if (names.length === 0 || shape === undefined)
    refuseDeclaration(
      `${kind}(): the ${side} has no type`,
      `give it one: ${side}: "u64", or a record: ${side}: { pid: "u32", cpu: "u32" }`,
    );
  for (const name of names)
    if (!isScalarName(name)) refuseDeclaration(`${kind}(): the ${side} cannot have the type ${nameOf(name)}`, TYPE_HINT);
}

/**
 * A hash map (BPF_MAP_TYPE_HASH). When it is full, new keys are refused, and that is counted.
 * @example const since = hash({ key: "u32", value: "u64" });
 */
export function hash<const K extends Shape, const V extends Shape>(options: MapOptions<K, V>): KernelMap<ValueOf<K>, ValueOf<V>> {
  return declareMap("hash", options);
}

/**
 * A hash map that drops its least recently used entries when full (BPF_MAP_TYPE_LRU_HASH): the choice for state per socket.
 * @example const since = lruHash({ key: "ptr", value: "u64", max: 65_536 });
 */
export function lruHash<const K extends Shape, const V extends Shape>(
  options: MapOptions<K, V>,
): KernelMap<ValueOf<K>, ValueOf<V>> {
  return declareMap("lruHash", options);
}
