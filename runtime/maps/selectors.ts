import { errnoName } from "../ffi/errno.js";
import type { LibbpfApi } from "../libbpf/api.js";

/** Which copy each aggregation uses: an array of u32 in a data section, which the kernel holds as an array map of one entry. */
export class Selectors {
  readonly #api: LibbpfApi;
  readonly #fd: number;
  readonly #values: Buffer;

  /** @param fd of the data section's map */
  constructor(api: LibbpfApi, fd: number, count: number) {
    this.#api = api;
    this.#fd = fd;
    this.#values = Buffer.alloc(count * 4);
  }

  set(index: number, value: 0 | 1): void {
    this.#values.writeUInt32LE(value, index * 4);
    const result = this.#api.mapUpdate(this.#fd, Buffer.alloc(4), this.#values, 0n);
    if (result < 0) throw new Error(`aggregations could not be switched (${errnoName(result)})`);
  }
}
