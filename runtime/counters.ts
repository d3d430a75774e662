import type { CounterSite } from "../compiler/program.js";
import { errnoName } from "./ffi/errno.js";
import type { LibbpfApi } from "./libbpf/api.js";

/** What a counter of the script stands at. */
export interface CounterReading {
  readonly site: CounterSite;
  /** Since the program was loaded. */
  readonly count: bigint;
  /** Since the reading before. */
  readonly delta: bigint;
}

/** Reads the per-CPU array of counters, one u64 per site, and adds up the CPUs. */
export class CounterReader {
  readonly #api: LibbpfApi;
  readonly #fd: number;
  readonly #sites: readonly CounterSite[];
  /** Values come for every possible CPU, also those that are off. */
  readonly #cpus: number;
  readonly #keys: Buffer;
  readonly #values: Buffer;
  #batch = true;
  #before: bigint[];

  /** @param fd of the counter map, which has at least one entry per site */
  constructor(api: LibbpfApi, fd: number, sites: readonly CounterSite[]) {
    this.#api = api;
    this.#fd = fd;
    this.#sites = sites;
    this.#cpus = api.numPossibleCpus();
    this.#keys = Buffer.alloc(sites.length * 4);
    this.#values = Buffer.alloc(sites.length * this.#cpus * 8);
    this.#before = sites.map(() => 0n);
  }

  /** Reads all counters with one system call where the kernel can (5.13 for per-CPU arrays). */
  read(): readonly CounterReading[] {
    if (this.#sites.length === 0) return [];
    if (this.#batch) this.#batch = this.#readBatch();
    if (!this.#batch) this.#readEach();
    const readings = this.#sites.map((site, index) => {
      const count = this.#sum(index);
      return { site, count, delta: count - (this.#before[index] as bigint) };
    });
    this.#before = readings.map(({ count }) => count);
    return readings;
  }

  #sum(index: number): bigint {
    let sum = 0n;
    for (let cpu = 0; cpu < this.#cpus; cpu++) sum += this.#values.readBigUInt64LE((index * this.#cpus + cpu) * 8);
    return sum;
  }

  #readBatch(): boolean {
    const count = Buffer.alloc(4);
    count.writeUInt32LE(this.#sites.length);
    const result = this.#api.mapLookupBatch(this.#fd, 0n, Buffer.alloc(4), this.#keys, this.#values, count, 0n);
    // At the end of the map the kernel says ENOENT along with the values; too few values mean that it cannot do it.
    return (result === 0 || errnoName(result) === "ENOENT") && count.readUInt32LE() === this.#sites.length;
  }

  #readEach(): void {
    const key = Buffer.alloc(4);
    const bytes = this.#cpus * 8;
    this.#sites.forEach((_, index) => {
      key.writeUInt32LE(index);
      const result = this.#api.mapLookup(this.#fd, key, this.#values.subarray(index * bytes, (index + 1) * bytes));
      if (result < 0) throw new Error(`counter ${index} could not be read (${errnoName(result)})`);
    });
  }
}
