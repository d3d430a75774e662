import { type AggregationDeclaration, type AggregationKind, type BucketScale, KEPT } from "./aggregation-declaration.js";
import { type AggregationStore, MemoryAggregation, type Snapshot } from "./aggregation-store.js";
import { refuseDeclaration } from "./declaration-error.js";
import { FullWatch } from "./full-watch.js";
import type { Histogram } from "./histogram.js";
import { checkEntries, checkShape, DEFAULT_ENTRIES } from "./map-declaration.js";
import { largest, plain, plainEntries } from "./reading.js";
import { type ReadingOf, readingOf, type Stats } from "./readings.js";
import { declaringScript } from "./script.js";
import type { State } from "./state.js";
import { aggregated } from "./totals.js";
import type { Shape, ValueOf } from "./types.js";

/** Keys of an aggregation with buckets, which take more room, unless it says how many. */
const DEFAULT_WIDE_ENTRIES = 1024;
/** Most steps of a linear histogram, as in bpftrace. */
const MOST_STEPS = 1000;
/** Sub-buckets of `hist`: the middle of one is at most 12.5 % from any value in it. */
const HIST_BITS = 2;

/** For the host: what a keyed aggregation holds, by key. */
export class AggregatedEntries<K, R> implements Iterable<readonly [K, R]> {
  readonly #entries: readonly (readonly [K, R])[];

  /** @internal made by reading an aggregation */
  constructor(entries: readonly (readonly [K, R])[]) {
    this.#entries = entries;
  }

  get size(): number {
    return this.#entries.length;
  }

  entries(): readonly (readonly [K, R])[] {
    return this.#entries;
  }

  [Symbol.iterator](): Iterator<readonly [K, R]> {
    return this.#entries[Symbol.iterator]();
  }

  /** The entries with the largest values (of histograms: the most values), largest first. */
  topN(most: number, by?: (reading: R, key: K) => number | bigint): (readonly [K, R])[] {
    return largest(this.#entries, most, by);
  }

  /** A list of `{ key, value }` for JSON.stringify; integers too large for numbers are texts. */
  toJSON(): { key: unknown; value: unknown }[] {
    return plainEntries(this.#entries.map(([key, value]) => [key, value]));
  }
}

/** What all aggregations share. Handlers `add`, the host reads, at any time while the script runs and at its end. */
abstract class Aggregating<R> {
  readonly declaration: AggregationDeclaration;
  #store: AggregationStore;
  #consumed = false;
  /** For the runtime. */
  readonly full: FullWatch = new FullWatch();

  constructor(declaration: AggregationDeclaration) {
    this.declaration = Object.freeze(declaration);
    this.#store = new MemoryAggregation(this.declaration);
  }

  protected abstract fromSnapshot(snapshot: Snapshot): R;

  protected gather(key: unknown, value: number | bigint): void {
    this.#store.add(key, aggregated(value));
  }

  /** What was gathered since the start or the last reset, merged over the CPUs. */
  read(): R {
    this.#consumed = true;
    return this.fromSnapshot(this.#store.read());
  }

  /**
   * Reads and begins anew in one consistent step: what handlers add meanwhile is in this reading or in the next, never in
   * both or in none. (Handlers are switched to a second copy; when none is in the first any more, that is read and emptied.)
   * @example const last = await latency.readAndReset();
   */
  async readAndReset(): Promise<R> {
    this.#consumed = true;
    return this.fromSnapshot(await this.#store.readAndReset());
  }

  /** For unit tests: forgets everything. In a script that runs, use `readAndReset`. */
  clear(): void {
    this.#store.clear();
  }

  /** Calls back with the number of values that were lately refused, since there was no room for their keys; looked at twice a second. */
  onFull(callback: (count: number) => void): this {
    this.full.add(callback);
    return this;
  }

  /** For the runtime: whether the host part of the script has read it. */
  get consumed(): boolean {
    return this.#consumed;
  }

  /** For the runtime: what `read` and `readAndReset` make their readings from. */
  snapshot(reset: boolean): Promise<Snapshot> {
    this.#consumed = true;
    return reset ? this.#store.readAndReset() : Promise.resolve(this.#store.read());
  }

  /** For the runtime: from now on it gathers there. */
  connect(store: AggregationStore): void {
    this.#store = store;
  }

  /** For the runtime: the kernel's maps are gone. */
  disconnect(): void {
    this.#store = new MemoryAggregation(this.declaration);
  }
}

/** An aggregation without a key. `A`: what `add` takes. `R`: what reading gives. */
export class Aggregation<A extends unknown[], R> extends Aggregating<R> {
  /**
   * In handlers: counts one, or takes a value, a number or bigint of 64 signed bits. A larger one ends the run of the handler;
   * that is counted and shown.
   */
  add(...given: A): void {
    this.gather(undefined, (given[0] as number | bigint | undefined) ?? 0n);
  }

  /**
   * One for each key, kept in a hash map. New keys beyond `max` (default 10,240; with buckets 1,024) are refused; that is counted and shown.
   * @param key a type by name, a record or a tuple: "u32", { comm: "comm", port: "u16" }, ["u32", "ip"]
   * @example const latency = hist({ unit: "us" }).by({ comm: "comm", port: "u16" });
   */
  by<const K extends Shape>(key: K, options: { readonly max?: number } = {}): KeyedAggregation<ValueOf<K>, A, R> {
    const { kind, scale } = this.declaration;
    checkShape(`${kind}().by`, "key", key);
    const max = options.max ?? (scale === undefined ? DEFAULT_ENTRIES : DEFAULT_WIDE_ENTRIES);
    checkEntries(`${kind}().by`, max);
    return declare(new KeyedAggregation<ValueOf<K>, A, R>({ ...this.declaration, key, max }), this as never);
  }

  /** For JSON.stringify. */
  toJSON(): unknown {
    return plain(toPlain(this.read()));
  }

  protected fromSnapshot({ entries }: Snapshot): R {
    const [only] = entries;
    return readingOf(this.declaration, (only as (typeof entries)[number])[1]) as R;
  }
}

/** An aggregation with a key. */
export class KeyedAggregation<K, A extends unknown[], R> extends Aggregating<AggregatedEntries<K, R>> {
  /** In handlers: counts one for the key, or takes a value for it: see `Aggregation`. */
  add(key: K, ...given: A): void {
    this.gather(key, (given[0] as number | bigint | undefined) ?? 0n);
  }

  /** For the host: the reading of one key, or undefined. */
  get(key: K): R | undefined {
    const wanted = JSON.stringify(plain(key));
    return this.read()
      .entries()
      .find(([other]) => JSON.stringify(plain(other)) === wanted)?.[1];
  }

  get size(): number {
    return this.read().size;
  }

  entries(): readonly (readonly [K, R])[] {
    return this.read().entries();
  }

  [Symbol.iterator](): Iterator<readonly [K, R]> {
    return this.entries()[Symbol.iterator]();
  }

  /** The entries with the largest values (of histograms: the most values), largest first. */
  topN(most: number, by?: (reading: R, key: K) => number | bigint): (readonly [K, R])[] {
    return this.read().topN(most, by);
  }

  /** A list of `{ key, value }` for JSON.stringify. */
  toJSON(): { key: unknown; value: unknown }[] {
    return this.entries().map(([key, value]) => ({ key: plain(key), value: plain(toPlain(value)) }));
  }

  protected fromSnapshot({ entries }: Snapshot): AggregatedEntries<K, R> {
    return new AggregatedEntries(entries.map(([key, totals]) => [key as K, readingOf(this.declaration, totals) as R] as const));
  }
}

function toPlain(reading: unknown): unknown {
  return typeof reading === "object" && reading !== null && "toJSON" in reading
    ? (reading as { toJSON(): unknown }).toJSON()
    : reading;
}

/** Records it for the compiler, in the place of the one that `by` was called on. */
function declare<T extends Aggregating<unknown>>(made: T, instead?: Aggregating<unknown>): T {
  const { aggregations, state } = declaringScript();
  const at = instead === undefined ? -1 : aggregations.indexOf(instead.declaration);
  if (at === -1) {
    aggregations.push(made.declaration);
    state.push(made as unknown as State);
  } else {
    aggregations[at] = made.declaration;
    state[state.indexOf(instead as unknown as State)] = made as unknown as State;
  }
  return made;
}

type Value = [value: number | bigint];

/** Options of all aggregations. */
export interface AggregationOptions {
  /** false: the script shows it in its own way, also where a run is too short for that. Not printed at the end by itself. */
  readonly shown?: boolean;
}

/** Options of all aggregations of values. */
export interface ValueOptions extends AggregationOptions {
  /** Shown beside the values: "us", "bytes". */
  readonly unit?: string;
}

function make<const N extends AggregationKind, A extends unknown[]>(
  kind: N,
  { unit, shown = true }: ValueOptions,
  scale?: BucketScale,
  quantiles: readonly number[] = [0.5, 0.9, 0.99],
): Aggregation<A, ReadingOf[N]> {
  const wanted = Object.freeze(scale === undefined ? [] : [...quantiles]);
  return declare(new Aggregation<A, ReadingOf[N]>({ kind, key: undefined, max: 1, unit, scale, quantiles: wanted, shown }));
}

/**
 * Counts. Per CPU, merged on reading: exact.
 * @example
 * const calls = count().by("comm");
 * tracepoint("raw_syscalls:sys_enter", () => calls.add(comm()));
 */
export function count(options: AggregationOptions = {}): Aggregation<[], number> {
  return make("count", options);
}

/** Adds up values: exact, a bigint beyond 64 bits if need be. @example const sent = sum({ unit: "bytes" }).by("u32"); */
export function sum(options: ValueOptions = {}): Aggregation<Value, bigint> {
  return make("sum", options);
}

/** The mean of values, from their exact count and sum. @example const size = avg({ unit: "bytes" }); */
export function avg(options: ValueOptions = {}): Aggregation<Value, number | undefined> {
  return make("avg", options);
}

/** The smallest value, or undefined. @example const fastest = min({ unit: "ns" }); */
export function min(options: ValueOptions = {}): Aggregation<Value, bigint | undefined> {
  return make("min", options);
}

/** The largest value, or undefined. @example const slowest = max({ unit: "ns" }).by("comm"); */
export function max(options: ValueOptions = {}): Aggregation<Value, bigint | undefined> {
  return make("max", options);
}

/** Count, sum, smallest, largest and mean at once. @example const reads = stats({ unit: "bytes" }).by("comm"); */
export function stats(options: ValueOptions = {}): Aggregation<Value, Stats> {
  return make("stats", options);
}

/**
 * How values are distributed, over powers of two (each kept in four parts, so that quantiles are within 12.5 %). Negative
 * values share one bucket. Count, sum, smallest and largest are exact.
 * @example
 * const latency = hist({ unit: "us" });
 * latency.add((ktimeNs() - start) / 1000n);
 */
export function hist(options: ValueOptions = {}): Aggregation<Value, Histogram> {
  return make("hist", options, Object.freeze({ kind: "log", bits: HIST_BITS }));
}

/** Options of `linearHist`. */
export interface LinearOptions extends ValueOptions {
  readonly min: number | bigint;
  readonly max: number | bigint;
  /** Width of a bucket. */
  readonly step: number | bigint;
}

/**
 * How values are distributed, in equal steps from `min` to `max`; smaller and larger ones have a bucket each.
 * @example const ports = linearHist({ min: 0, max: 65_536, step: 4096 });
 */
export function linearHist({ min, max, step, ...options }: LinearOptions): Aggregation<Value, Histogram> {
  for (const [name, value] of Object.entries({ min, max, step }))
    if (typeof value !== "bigint" && !Number.isSafeInteger(value))
      refuseDeclaration(`linearHist(): ${name} is ${value}, not a whole number`, "linearHist({ min: 0, max: 1000, step: 100 })");
  const [low, high, width] = [BigInt(min), BigInt(max), BigInt(step)];
  const limit = 2n ** 62n;
  if (width <= 0n || high <= low || low < -limit || high > limit)
    refuseDeclaration(
      `linearHist(): there are no steps of ${step} from ${min} to ${max}`,
      "min is below max, step above 0: linearHist({ min: 0, max: 1000, step: 100 })",
    );
  const steps = Number((high - low + width - 1n) / width);
  if (steps > MOST_STEPS)
    refuseDeclaration(`linearHist(): ${steps} buckets are more than ${MOST_STEPS}`, "make the steps larger, or use hist()");
  return make("linearHist", options, Object.freeze({ kind: "linear", min: low, step: width, steps }));
}

/** Options of `quantiles`. */
export interface QuantileOptions extends ValueOptions {
  /** Which are shown, from 0 to 1 (default 0.5, 0.9, 0.99). */
  readonly at?: readonly number[];
  /** How far off one may be, relative to its value (default 0.02; from 0.008 to 0.25). Smaller takes more memory. */
  readonly error?: number;
}

/**
 * Quantiles within a known error, from buckets that grow with the values (as in HdrHistogram). `reading.quantile(0.999)` gives any.
 * @example const latency = quantiles({ unit: "us", at: [0.5, 0.99, 0.999], error: 0.01 });
 */
export function quantiles({
  at = [0.5, 0.9, 0.99],
  error = 0.02,
  ...options
}: QuantileOptions = {}): Aggregation<Value, Histogram> {
  const wrong = at.find((share) => !(share >= 0 && share <= 1));
  if (wrong !== undefined || at.length === 0)
    refuseDeclaration(
      wrong === undefined ? "quantiles(): at is empty" : `quantiles(): ${wrong} is no quantile`,
      "quantiles are from 0 to 1: quantiles({ at: [0.5, 0.99] })",
    );
  // Half a bucket, relative to its smallest value, is 2^-(bits + 1).
  const bits = Math.ceil(-Math.log2(error)) - 1;
  if (!(bits >= 1 && bits <= 6))
    refuseDeclaration(`quantiles(): an error of ${error} cannot be had`, "error is from 0.008 to 0.25: 0.02 is 2 %");
  return make("quantiles", options, Object.freeze({ kind: "log", bits }), at);
}

/** Whether a value is an aggregation. */
export function isAggregation(
  value: unknown,
): value is Aggregation<never[], unknown> | KeyedAggregation<never, never[], unknown> {
  return value instanceof Aggregating;
}

/** Whether `add` takes a value. */
export function takesValue({ kind }: AggregationDeclaration): boolean {
  return kind !== "count" && Object.hasOwn(KEPT, kind);
}
