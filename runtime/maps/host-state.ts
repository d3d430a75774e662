import { type Program, SELECTORS_SECTION } from "../../compiler/program.js";
import { isPerCpu } from "../../dsl/map-declaration.js";
import type { Script } from "../../dsl/script.js";
import type { State } from "../../dsl/state.js";
import type { CounterReading } from "../counters.js";
import type { ValueSymbols } from "../decode.js";
import type { LibbpfApi } from "../libbpf/api.js";
import { GracePeriod } from "./grace-period.js";
import { KernelAggregation } from "./kernel-aggregation.js";
import { KernelMapStore } from "./kernel-map.js";
import { RawMap } from "./raw-map.js";
import { Selectors } from "./selectors.js";

/** What a script has declared that keeps state. */
export type StateDeclarations = Pick<Script, "maps" | "aggregations" | "state">;
/** Finds a map of the loaded object. */
export type FindMap = (name: string) => { readonly fd: number; readonly maxEntries: number } | undefined;

/** Connects the maps and aggregations of a script with those in the kernel, from before it is attached until it is unloaded. */
export class HostState {
  readonly #api: LibbpfApi;
  readonly #program: Program;
  readonly #find: FindMap;
  readonly #declared: StateDeclarations;
  readonly #symbols: ValueSymbols;
  readonly #connected: State[] = [];
  readonly #aggregations: KernelAggregation[] = [];

  /** @throws when what the host has put into a map before does not get into the kernel's */
  constructor(api: LibbpfApi, program: Program, find: FindMap, declared: StateDeclarations, symbols: ValueSymbols) {
    this.#symbols = symbols;
    this.#api = api;
    this.#program = program;
    this.#find = find;
    this.#declared = declared;
    this.#connectMaps();
    this.#connectAggregations();
  }

  /** Whether the script wants to know of updates that fail. */
  get isWatched(): boolean {
    return this.#connected.some(({ full }) => full.isWatched);
  }

  /** Tells those who want to know that updates have failed. @param name the script's name of the map or aggregation */
  reportFull(name: string, count: number): void {
    const map = this.#program.maps.find((each) => each.name === name);
    const aggregation = this.#program.aggregations.find((each) => each.name === name);
    const declaration =
      map === undefined ? this.#declared.aggregations[aggregation?.index ?? -1] : this.#declared.maps[map.index];
    this.#stateOf(declaration)?.full.tell(count);
  }

  /** To be called when the script is detached: rates are counted up to here. */
  end(): void {
    for (const aggregation of this.#aggregations) aggregation.end();
  }

  /** Records that stashes have dropped to make room: those that were put, less those taken and those still there. */
  evictions(): CounterReading[] {
    return this.#program.maps.flatMap(({ tally, index, name, span }) => {
      const state = this.#stateOf(this.#declared.maps[index]);
      if (tally === undefined || state === undefined) return [];
      const raw = this.#open({ name: tally, keyBytes: 4, valueBytes: 8, perCpu: true });
      const [put, taken] = [0, 1].map((at) => this.#sum(raw, at)) as [bigint, bigint];
      const count = put - taken - BigInt((state as { readonly size: number }).size);
      return count > 0n ? [{ site: { reason: "evicted" as const, span, subject: name }, count, delta: count }] : [];
    });
  }

  /** Waits for resets that are under way; from then on the script's objects are in memory again, and empty. */
  async disconnect(): Promise<void> {
    await Promise.all(this.#aggregations.map((aggregation) => aggregation.settled));
    for (const state of this.#connected) state.disconnect();
    this.#connected.length = 0;
  }

  #connectMaps(): void {
    for (const map of this.#program.maps) {
      const declaration = this.#declared.maps[map.index];
      const state = this.#stateOf(declaration);
      if (declaration === undefined || state === undefined) continue;
      const perCpu = isPerCpu(declaration.kind);
      const raw = this.#open({ name: map.cName, keyBytes: map.key.size, valueBytes: map.value.size, perCpu });
      state.connect(new KernelMapStore(raw, declaration, map, this.#symbols) as never);
      this.#connected.push(state);
    }
  }

  #connectAggregations(): void {
    const { aggregations } = this.#program;
    if (aggregations.length === 0) return;
    const section = this.#find(SELECTORS_SECTION);
    if (section === undefined) throw new Error(`the compiled program has no section ${SELECTORS_SECTION}`);
    const selectors = new Selectors(this.#api, section.fd, aggregations.length);
    const gracePeriod = new GracePeriod();
    for (const program of aggregations) {
      const declaration = this.#declared.aggregations[program.index];
      const state = this.#stateOf(declaration);
      if (declaration === undefined || state === undefined) continue;
      const sizes = { keyBytes: program.key?.size ?? 4, valueBytes: program.slot.words * 8, perCpu: program.perCpu };
      const banks = program.banks.map((name) => this.#open({ name, ...sizes })) as [RawMap, RawMap];
      const store = new KernelAggregation({ declaration, program, banks, selectors, gracePeriod, symbols: this.#symbols });
      state.connect(store as never);
      this.#aggregations.push(store);
      this.#connected.push(state);
    }
  }

  #stateOf(declaration: object | undefined): State | undefined {
    return this.#declared.state.find((state) => state.declaration === declaration);
  }

  #open({ name, ...sizes }: { name: string; keyBytes: number; valueBytes: number; perCpu: boolean }): RawMap {
    const map = this.#find(name);
    if (map === undefined) throw new Error(`the compiled program has no map ${name}`);
    return new RawMap({ api: this.#api, fd: map.fd, maxEntries: map.maxEntries, ...sizes });
  }

  #sum(raw: RawMap, index: number): bigint {
    const key = raw.keyBuffer();
    key.writeUInt32LE(index);
    const bytes = raw.lookup(key) as Buffer;
    let sum = 0n;
    for (let cpu = 0; cpu < raw.cpus; cpu++) sum += bytes.readBigUInt64LE(cpu * raw.stride);
    return sum;
  }
}
