import { errnoName } from "./ffi/errno.js";
import { libc } from "./ffi/libc.js";
import { viewMemory } from "./ffi/memory.js";

const PROT_READ = 1;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/** kernel/bpf/ringbuf.c: the record header is u32 length with two flags on top, and u32 page offset. */
const BUSY = 1 << 31;
const DISCARDED = 1 << 30;
const LENGTH_MASK = DISCARDED - 1;
const HEADER_BYTES = 8;

/** A turn looks at the clock at least once in so many records. */
const MAX_CLOCK_STEP = 64;

/** What one call of `drain` did. */
export interface Drained {
  /** Records handed out. */
  readonly records: number;
  /** Bytes freed, headers included. */
  readonly bytes: number;
  /** False if it stopped at a bound: there is more to read right now. */
  readonly empty: boolean;
}

/** Gets a record's place in `RingBuffer.bytes`. */
export type RecordHandler = (offset: number, length: number) => void;

/**
 * The consumer's side of a BPF ring buffer, mapped into JavaScript: reading a record takes no foreign call.
 * The data area is mapped twice in a row, so that every record is contiguous, also the one that wraps around.
 */
export class RingBuffer {
  /** Size of the ring in bytes. */
  readonly size: number;
  /** The data, twice: only offsets that `drain` gives out mean anything, and only until the handler returns. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #headers: Int32Array;
  readonly #consumer: BigInt64Array;
  readonly #producer: BigInt64Array;
  readonly #mappings: readonly (readonly [address: bigint, length: bigint])[];
  #position: bigint;
  #open = true;

  private constructor(size: number, consumer: bigint, producer: bigint, page: number) {
    const area = viewMemory(producer, page + 2 * size);
    this.size = size;
    this.bytes = new Uint8Array(area, page);
    this.view = new DataView(area, page);
    this.#headers = new Int32Array(area, page);
    this.#producer = new BigInt64Array(area, 0, 1);
    this.#consumer = new BigInt64Array(viewMemory(consumer, page), 0, 1);
    this.#position = Atomics.load(this.#consumer, 0);
    this.#mappings = [
      [consumer, BigInt(page)],
      [producer, BigInt(page + 2 * size)],
    ];
  }

  /**
   * Maps a ring buffer map.
   * @param fd of the map
   * @param size its max_entries
   */
  static open(fd: number, size: number): RingBuffer {
    const page = libc.getpagesize();
    const map = (length: number, protection: number, offset: number) => {
      const { value, errno } = libc.mmap.withErrno(0n, BigInt(length), protection, MAP_SHARED, fd, BigInt(offset));
      if (value === MAP_FAILED) throw new Error(`the event buffer could not be mapped (${errnoName(errno)})`);
      return value;
    };
    const consumer = map(page, PROT_READ_WRITE, 0);
    try {
      return new RingBuffer(size, consumer, map(page + 2 * size, PROT_READ, page), page);
    } catch (error) {
      libc.munmap(consumer, BigInt(page));
      throw error;
    }
  }

  /** Bytes that are reserved or waiting to be read. */
  get pending(): number {
    return !this.#open ? 0 : Number(Atomics.load(this.#producer, 0) - this.#position);
  }

  /**
   * Hands out what is in the ring, within bounds, and frees it. When it reports `empty`, the kernel will wake whoever
   * polls the map for the next record: the freed position was published before the last look.
   * If the handler throws, its record counts as read and the error goes on to the caller.
   * @param maxMillis time bound, checked between records
   */
  drain(maxRecords: number, maxMillis: number, onRecord: RecordHandler): Drained {
    if (!this.#open) return { records: 0, bytes: 0, empty: true };
    const headers = this.#headers;
    const mask = this.size - 1;
    // Freeing in large steps: a producer that finds its record at the consumer's position sends a wake-up interrupt.
    const publishAfter = this.size >> 2;
    const began = performance.now();
    const start = this.#position;
    let checked = began;
    let step = 1;
    let untilCheck = 1;
    let records = 0;
    let empty = false;
    let published = this.#position;
    try {
      scan: for (;;) {
        const available = Number(Atomics.load(this.#producer, 0) - this.#position);
        const base = Number(this.#position & BigInt(mask));
        let done = 0; // bytes of this round
        while (done < available) {
          const at = (base + done) & mask;
          const header = Atomics.load(headers, at >> 2);
          // Reserved and not sent yet: its sender will wake us, as it finds our published position at its record.
          if ((header & BUSY) !== 0) break;
          const length = header & LENGTH_MASK;
          done += (HEADER_BYTES + length + 7) & ~7;
          if ((header & DISCARDED) !== 0) continue;
          records++;
          try {
            onRecord(at + HEADER_BYTES, length);
          } catch (error) {
            this.#position += BigInt(done);
            throw error;
          }
          if (records >= maxRecords) {
            this.#position += BigInt(done);
            break scan;
          }
          if (--untilCheck === 0) {
            const now = performance.now();
            if (now - began >= maxMillis) {
              this.#position += BigInt(done);
              break scan;
            }
            // Fast records: look at the clock rarely. Slow ones (a handler that computes): after each.
            step = now - checked < maxMillis / 16 ? Math.min(step * 2, MAX_CLOCK_STEP) : 1;
            checked = now;
            untilCheck = step;
          }
          if (done >= publishAfter) break;
        }
        this.#position += BigInt(done);
        if (done === 0) {
          if (published === this.#position) {
            empty = true;
            break;
          }
          // Publish, then look once more: whatever came before the publication sent no wake-up.
          published = this.#publish();
        } else if (done >= publishAfter) published = this.#publish();
      }
    } finally {
      this.#publish();
    }
    return { records, bytes: Number(this.#position - start), empty };
  }

  #publish(): bigint {
    Atomics.store(this.#consumer, 0, this.#position);
    return this.#position;
  }

  /** Unmaps it. Its memory must not be looked at afterwards. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const [address, length] of this.#mappings) libc.munmap(address, length);
  }
}
