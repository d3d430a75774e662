import type { ProgramAggregation } from "../../compiler/program.js";
import type { AggregationDeclaration } from "../../dsl/aggregation-declaration.js";
import type { AggregationStore, KeyedTotals, Snapshot } from "../../dsl/aggregation-store.js";
import { emptyTotals, mergeTotals, type Totals } from "../../dsl/totals.js";
import { compileValueDecoder, type EventDecoder, type ValueSymbols } from "../decode.js";
import { decodeSlot } from "./decode-slot.js";
import type { GracePeriod } from "./grace-period.js";
import { memoryOf } from "./kernel-map.js";
import type { RawMap } from "./raw-map.js";
import type { Selectors } from "./selectors.js";

export interface KernelAggregationInput {
  readonly declaration: AggregationDeclaration;
  readonly program: ProgramAggregation;
  /** The two copies; without a key both the same array of two entries. */
  readonly banks: readonly [RawMap, RawMap];
  readonly selectors: Selectors;
  readonly gracePeriod: GracePeriod;
  /** Finds what keys stand for. */
  readonly symbols: ValueSymbols;
}

/** An aggregation in the kernel. */
export class KernelAggregation implements AggregationStore {
  readonly #input: KernelAggregationInput;
  readonly #decodeKey: EventDecoder | undefined;
  /** Which copy handlers use. */
  #active: 0 | 1 = 0;
  #since = performance.now();
  #ended: number | undefined;
  /** One reset at a time. */
  #resetting: Promise<unknown> = Promise.resolve();

  constructor(input: KernelAggregationInput) {
    this.#input = input;
    this.#decodeKey = input.program.key && compileValueDecoder(input.program.key.layout);
  }

  /** Settles when no reset is under way. */
  get settled(): Promise<unknown> {
    return this.#resetting;
  }

  /** Nothing is added from now on. */
  end(): void {
    this.#ended ??= performance.now();
  }

  add(): void {
    throw new Error("add is for handlers: while the script runs, aggregations are read on the host");
  }

  /** What handlers add meanwhile may be in it in part. */
  read(): Snapshot {
    return { entries: this.#readBank(this.#active, false), seconds: this.#secondsUntil(this.#now) };
  }

  readAndReset(): Promise<Snapshot> {
    const reset = this.#resetting.then(() => this.#reset());
    this.#resetting = reset.catch(() => {});
    return reset;
  }

  clear(): void {
    void this.readAndReset();
  }

  async #reset(): Promise<Snapshot> {
    const retired = this.#active;
    this.#active = retired === 0 ? 1 : 0;
    const now = this.#now;
    const seconds = this.#secondsUntil(now);
    this.#since = now;
    this.#input.selectors.set(this.#input.program.selector, this.#active);
    // Handlers that have already looked at the selector may still be at work on the retired copy.
    await this.#input.gracePeriod.pass();
    return { entries: this.#readBank(retired, true), seconds };
  }

  get #now(): number {
    return this.#ended ?? performance.now();
  }

  #secondsUntil(now: number): number {
    return Math.max(0, now - this.#since) / 1000;
  }

  #readBank(bank: 0 | 1, remove: boolean): KeyedTotals {
    const map = this.#input.banks[bank];
    if (this.#decodeKey === undefined) {
      const key = map.keyBuffer();
      key.writeUInt32LE(bank);
      const value = map.lookup(key) as Buffer;
      if (remove) map.update(key, map.valueBuffer());
      return [[undefined, this.#merge(map, value, 0)]];
    }
    const entries: [unknown, Totals][] = [];
    const decodeKey = this.#decodeKey;
    map.readAll(
      (keys, key, values, value) =>
        entries.push([decodeKey(memoryOf(keys, this.#input.symbols), key), this.#merge(map, values, value)]),
      {
        remove,
      },
    );
    return entries;
  }

  #merge(map: RawMap, bytes: Buffer, offset: number): Totals {
    const totals = emptyTotals(this.#input.declaration);
    for (let cpu = 0; cpu < map.cpus; cpu++)
      mergeTotals(totals, decodeSlot(this.#input.program.slot, bytes, offset + cpu * map.stride));
    return totals;
  }
}
