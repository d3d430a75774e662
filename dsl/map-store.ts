import { isArray, type MapDeclaration } from "./map-declaration.js";
import { addTo, coerce, keyText, zeroOf } from "./shape.js";

/** Where the entries of a map are: in this process (unit tests, and before the script is loaded), or in the kernel while it runs. */
export interface MapStore {
  /** The value, or undefined; of a map per CPU the sum over the CPUs. */
  get(key: unknown): unknown;
  /** Whether there was room. */
  set(key: unknown, value: unknown): boolean;
  delete(key: unknown): boolean;
  /** Whether there was room. */
  add(key: unknown, amount: unknown): boolean;
  entries(): [unknown, unknown][];
  /** The values of a key on each CPU. */
  perCpu(key: unknown): unknown[];
  clear(): void;
}

/** A map in memory with the kernel's rules: values are copied, integers wrap, a full hash refuses new keys, a full LRU hash drops its oldest. */
export class MemoryMap implements MapStore {
  readonly #declaration: MapDeclaration;
  readonly #entries = new Map<string, [unknown, unknown]>();

  constructor(declaration: MapDeclaration) {
    this.#declaration = declaration;
  }

  get(key: unknown): unknown {
    const found = this.#entries.get(this.#text(key))?.[1];
    return found === undefined && isArray(this.#declaration.kind) ? zeroOf(this.#declaration.value) : found;
  }

  set(key: unknown, value: unknown): boolean {
    const { kind, max } = this.#declaration;
    const dropsOldest = kind === "lruHash" || kind === "stash";
    const text = this.#text(key);
    if (!this.#entries.has(text) && this.#entries.size >= max) {
      if (!dropsOldest) return false;
      this.#entries.delete(this.#entries.keys().next().value as string);
    }
    if (dropsOldest) this.#entries.delete(text);
    this.#entries.set(text, [coerce(this.#declaration.key, key), coerce(this.#declaration.value, value)]);
    return true;
  }

  delete(key: unknown): boolean {
    return this.#entries.delete(this.#text(key));
  }

  add(key: unknown, amount: unknown): boolean {
    const { value } = this.#declaration;
    return this.set(key, addTo(value, this.get(key) ?? zeroOf(value), amount));
  }

  entries(): [unknown, unknown][] {
    if (!isArray(this.#declaration.kind)) return [...this.#entries.values()].map(([key, value]) => [key, value]);
    return Array.from({ length: this.#declaration.max }, (_, index) => [index, this.get(index)]);
  }

  perCpu(key: unknown): unknown[] {
    const value = this.get(key);
    return value === undefined ? [] : [value];
  }

  clear(): void {
    this.#entries.clear();
  }

  #text(key: unknown): string {
    return keyText(coerce(this.#declaration.key, key));
  }
}
