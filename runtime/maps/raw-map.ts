import { errnoName } from "../ffi/errno.js";
import { addressOf } from "../ffi/memory.js";
import type { LibbpfApi } from "../libbpf/api.js";

/** Bytes of keys and values read with one system call. */
const BATCH_BYTES = 4 * 1024 * 1024;
const SMALLEST_BATCH = 64;

export interface RawMapInput {
  readonly api: LibbpfApi;
  readonly fd: number;
  readonly maxEntries: number;
  readonly keyBytes: number;
  /** Of one value, on one CPU. */
  readonly valueBytes: number;
  readonly perCpu: boolean;
}

/** Called for each entry; the buffers are used again afterwards. Values of maps per CPU: `RawMap.stride` bytes for each CPU. */
export type EntryReader = (keys: Buffer, key: number, values: Buffer, value: number) => void;

/** A map of the kernel by its file descriptor: bytes in and out (bpf(2)). */
export class RawMap {
  readonly #api: LibbpfApi;
  readonly #fd: number;
  readonly #maxEntries: number;
  readonly #keyBytes: number;
  /** Of a value on all CPUs. */
  readonly #allBytes: number;
  /** Values on each CPU: 1 when the map is not per CPU. */
  readonly cpus: number;
  /** Bytes from one CPU's value to the next: the kernel rounds up to 8. */
  readonly stride: number;
  #batches = true;

  constructor({ api, fd, maxEntries, keyBytes, valueBytes, perCpu }: RawMapInput) {
    this.#api = api;
    this.#fd = fd;
    this.#maxEntries = maxEntries;
    this.#keyBytes = keyBytes;
    this.cpus = perCpu ? api.numPossibleCpus() : 1;
    this.stride = perCpu ? Math.ceil(valueBytes / 8) * 8 : valueBytes;
    this.#allBytes = this.stride * this.cpus;
  }

  /** Zeroed bytes for a key, and for a value on all CPUs. */
  keyBuffer(): Buffer {
    return Buffer.alloc(this.#keyBytes);
  }

  valueBuffer(): Buffer {
    return Buffer.alloc(this.#allBytes);
  }

  /** The value of a key, or undefined (BPF_MAP_LOOKUP_ELEM). */
  lookup(key: Buffer): Buffer | undefined {
    const value = this.valueBuffer();
    const result = this.#api.mapLookup(this.#fd, key, value);
    if (result === 0) return value;
    return this.#unless("ENOENT", result, undefined);
  }

  /** Whether there was room (BPF_MAP_UPDATE_ELEM). */
  update(key: Buffer, value: Buffer): boolean {
    const result = this.#api.mapUpdate(this.#fd, key, value, 0n);
    return result === 0 || this.#unless(["E2BIG", "ENOMEM", "EBUSY"], result, false);
  }

  /** Whether it was there (BPF_MAP_DELETE_ELEM). */
  delete(key: Buffer): boolean {
    const result = this.#api.mapDelete(this.#fd, key);
    return result === 0 || this.#unless("ENOENT", result, false);
  }

  /** Reads all entries; `remove`: and takes them out. In batches where the kernel can (hash 5.6, per CPU 5.13), else one by one. */
  readAll(read: EntryReader, { remove }: { readonly remove: boolean }): void {
    if (this.#batches && this.#readBatches(read, remove)) return;
    this.#batches = false;
    this.#readEach(read, remove);
  }

  /** False when the kernel cannot, before anything was read. */
  #readBatches(read: EntryReader, remove: boolean): boolean {
    const call = remove ? this.#api.mapLookupAndDeleteBatch : this.#api.mapLookupBatch;
    const entryBytes = this.#keyBytes + this.#allBytes;
    let room = Math.min(this.#maxEntries, Math.max(SMALLEST_BATCH, Math.floor(BATCH_BYTES / entryBytes)));
    let [keys, values] = [Buffer.alloc(room * this.#keyBytes), Buffer.alloc(room * this.#allBytes)];
    // The kernel's place in the map: at least 4 bytes, as much as a key for arrays.
    const place = Buffer.alloc(Math.max(8, this.#keyBytes));
    const count = Buffer.alloc(4);
    for (let first = true; ; ) {
      count.writeUInt32LE(room);
      const result = call(this.#fd, first ? 0n : addressOf(place), place, keys, values, count, 0n);
      const error = result < 0 ? errnoName(result) : "";
      if (error === "ENOSPC") {
        // One bucket of the hash has more entries than there is room for: none was read.
        room *= 2;
        [keys, values] = [Buffer.alloc(room * this.#keyBytes), Buffer.alloc(room * this.#allBytes)];
        continue;
      }
      if (error !== "" && error !== "ENOENT") {
        if (first) return false;
        throw new Error(`a map could not be read (${error})`);
      }
      const read_ = count.readUInt32LE();
      for (let i = 0; i < read_; i++) read(keys, i * this.#keyBytes, values, i * this.#allBytes);
      // At its end the kernel says ENOENT, along with the last entries.
      if (error === "ENOENT") return true;
      first = false;
    }
  }

  #readEach(read: EntryReader, remove: boolean): void {
    const keys: Buffer[] = [];
    const next = this.keyBuffer();
    for (let before = 0n; this.#api.mapNextKey(this.#fd, before, next) === 0; before = addressOf(keys.at(-1) as Buffer)) {
      keys.push(Buffer.from(next));
      // Entries that handlers remove meanwhile make the kernel begin again.
      if (keys.length >= 2 * this.#maxEntries) break;
    }
    const seen = new Set<string>();
    for (const key of keys) {
      const text = key.toString("latin1");
      const value = seen.has(text) ? undefined : this.lookup(key);
      seen.add(text);
      if (value === undefined) continue;
      read(key, 0, value, 0);
      if (remove) this.delete(key);
    }
  }

  #unless<T>(expected: string | readonly string[], result: number, otherwise: T): T {
    const name = errnoName(result);
    if ([expected].flat().includes(name)) return otherwise;
    throw new Error(`a map could not be used (${name})`);
  }
}
