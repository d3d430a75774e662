import { closeSync, ftruncateSync, readSync, writeSync } from "node:fs";
import { libc } from "../../../runtime/ffi/libc.js";
import { RingBuffer } from "../../../runtime/ring.js";

const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;

/**
 * The producer's side of a ring, in a memory file with the layout of a ring buffer map: consumer page, producer page,
 * data twice. It lets tests put the ring into states that a kernel is rarely seen in.
 */
export class MemoryRing {
  readonly ring: RingBuffer;
  readonly size: number;
  readonly #fd: number;
  readonly #page = libc.getpagesize();
  #producer: bigint;

  /** @param start both positions at the beginning */
  constructor(size: number, start = 0n) {
    this.size = size;
    this.#fd = libc.memfdCreate("ring", 1);
    ftruncateSync(this.#fd, 2 * this.#page + 2 * size);
    this.#producer = start;
    this.#writePosition(0, start);
    this.#writePosition(this.#page, start);
    this.ring = RingBuffer.open(this.#fd, size);
  }

  #writePosition(at: number, position: bigint): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, position));
    writeSync(this.#fd, bytes, 0, 8, at);
  }

  #writeData(position: bigint, bytes: Buffer): void {
    for (let index = 0; index < bytes.length; index++) {
      const at = Number(BigInt.asUintN(64, position + BigInt(index)) % BigInt(this.size));
      for (const copy of [0, this.size]) writeSync(this.#fd, bytes, index, 1, 2 * this.#page + copy + at);
    }
  }

  #writeHeader(position: bigint, header: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(header >>> 0);
    this.#writeData(position, bytes);
  }

  /** Reserves a record, and returns how to send or give back what it reserved. */
  reserve(payload: Buffer): { submit(): void; discard(): void } {
    const at = this.#producer;
    this.#writeHeader(at, payload.length | BUSY);
    this.#writeData(at + 8n, payload);
    this.#producer += BigInt((8 + payload.length + 7) & ~7);
    this.#writePosition(this.#page, this.#producer);
    return {
      submit: () => this.#writeHeader(at, payload.length),
      discard: () => this.#writeHeader(at, payload.length | DISCARDED),
    };
  }

  send(text: string): void {
    this.reserve(Buffer.from(text)).submit();
  }

  /** How far the consumer has told that it is. */
  publishedPosition(): number {
    const bytes = Buffer.alloc(8);
    readSync(this.#fd, bytes, 0, 8, 0);
    return Number(bytes.readBigUInt64LE());
  }

  /** Everything that is there, as text. */
  drainText(maxRecords = Number.POSITIVE_INFINITY, maxMillis = 1000): { texts: string[]; bytes: number; empty: boolean } {
    const texts: string[] = [];
    const { bytes, empty } = this.ring.drain(maxRecords, maxMillis, (offset, length) => {
      texts.push(Buffer.from(this.ring.bytes.subarray(offset, offset + length)).toString());
    });
    return { texts, bytes, empty };
  }

  close(): void {
    this.ring.close();
    closeSync(this.#fd);
  }
}
