import type { AggregationDeclaration } from "./aggregation-declaration.js";
import { coerce, keyText } from "./shape.js";
import { addValue, emptyTotals, type Totals } from "./totals.js";

/** Totals by key; without a key there is one entry, whose key is undefined, also when nothing was gathered. */
export type KeyedTotals = readonly (readonly [key: unknown, totals: Totals])[];

/** Totals and how long they were gathered. */
export interface Snapshot {
  readonly entries: KeyedTotals;
  /** Since the script was attached, or since the last reset. */
  readonly seconds: number;
}

/** Where an aggregation gathers: in this process (unit tests), or in the kernel while the script runs. */
export interface AggregationStore {
  add(key: unknown, value: bigint): void;
  read(): Snapshot;
  /** Reads and begins anew in one consistent step: nothing is counted twice or lost. */
  readAndReset(): Promise<Snapshot>;
  clear(): void;
}

/** An aggregation in memory. */
export class MemoryAggregation implements AggregationStore {
  readonly #declaration: AggregationDeclaration;
  #entries = new Map<string, [unknown, Totals]>();

  constructor(declaration: AggregationDeclaration) {
    this.#declaration = declaration;
  }

  add(key: unknown, value: bigint): void {
    const { key: shape, max } = this.#declaration;
    const stored = shape === undefined ? undefined : coerce(shape, key);
    const text = keyText(stored);
    let entry = this.#entries.get(text);
    if (entry === undefined) {
      if (this.#entries.size >= max) return;
      entry = [stored, emptyTotals(this.#declaration)];
      this.#entries.set(text, entry);
    }
    addValue(entry[1], this.#declaration, value);
  }

  read(): Snapshot {
    const entries = [...this.#entries.values()].map(([key, totals]): [unknown, Totals] => [key, structuredClone(totals)]);
    const empty: [unknown, Totals][] = [[undefined, emptyTotals(this.#declaration)]];
    return { entries: this.#declaration.key === undefined && entries.length === 0 ? empty : entries, seconds: 0 };
  }

  readAndReset(): Promise<Snapshot> {
    const snapshot = this.read();
    this.clear();
    return Promise.resolve(snapshot);
  }

  clear(): void {
    this.#entries = new Map();
  }
}
