import type { CounterSite } from "../compiler/program.js";
import type { EventStream } from "../dsl/stream.js";
import { CounterReader, type CounterReading } from "./counters.js";
import { internalError } from "./internal-error.js";
import type { LibbpfApi } from "./libbpf/api.js";
import { COUNTERS_MAP } from "./libbpf/object.js";
import type { HostState } from "./maps/host-state.js";
import type { SessionInput } from "./session-input.js";

/** How often counters are looked at while events flow, in milliseconds. */
const INTERVAL = 500;

/** Reads what the kernel counted as lost, and tells streams and maps of it. */
export class Losses {
  readonly #reader: CounterReader | undefined;
  readonly #onLost: SessionInput["onLost"];
  readonly #streams = new Map<string, EventStream<never>>();
  #state: HostState | undefined;
  #readAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    { program, streams, onLost }: SessionInput,
    api: LibbpfApi,
    map: { readonly fd: number; readonly maxEntries: number } | undefined,
  ) {
    const { events, counters } = program;
    if (counters.length > (map?.maxEntries ?? 0))
      throw internalError(`the compiled program has too few counters in ${COUNTERS_MAP}`);
    if (map !== undefined) this.#reader = new CounterReader(api, map.fd, counters);
    this.#onLost = onLost;
    for (const { name, stream } of events) this.#streams.set(name, streams[stream] as EventStream<never>);
  }

  /** Maps that are full are told of here. */
  connect(state: HostState): void {
    this.#state = state;
  }

  /** Looks regularly, since maps may be full while no event flows. @param onError gets what a callback threw; that ends it */
  watch(onError: (error: unknown) => void): void {
    if (this.#state?.isWatched !== true) return;
    this.#timer ??= setInterval(() => {
      try {
        this.report(this.read());
      } catch (error) {
        this.unwatch();
        onError(error);
      }
    }, INTERVAL);
  }

  unwatch(): void {
    clearInterval(this.#timer);
  }

  /** Whether it is time to look again. */
  get isDue(): boolean {
    return performance.now() - this.#readAt >= INTERVAL;
  }

  read(): readonly CounterReading[] {
    this.#readAt = performance.now();
    return this.#reader?.read() ?? [];
  }

  /** Calls back for what is new. */
  report(readings: readonly CounterReading[]): void {
    for (const { site, delta } of readings) {
      if (delta === 0n) continue;
      if (site.reason === "map-full") this.#state?.reportFull(site.subject, Number(delta));
      else if (site.reason === "lost") this.#reportLost(site, delta);
    }
  }

  #reportLost(site: CounterSite, count: bigint): void {
    this.#onLost?.(site, count);
    this.#streams.get(site.subject)?.reportLost(Number(count));
  }
}
