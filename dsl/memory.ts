import { cutText } from "./shape.js";

/** Memory as handlers see it when they run in Node: filled by `tsprobe/test`. */
export class FakeMemory {
  readonly #regions: { readonly start: bigint; readonly bytes: Uint8Array }[] = [];

  /** Puts bytes, or a text and its NUL, at an address. What was put last counts. */
  put(address: bigint, data: string | Iterable<number>): void {
    const bytes = typeof data === "string" ? new TextEncoder().encode(`${data}\0`) : Uint8Array.from(data);
    this.#regions.unshift({ start: address, bytes });
  }

  /** So many bytes, or undefined when one of them is not there. */
  read(address: bigint, size: number): Uint8Array | undefined {
    const from = this.#from(address);
    return from !== undefined && from.length >= size ? from.slice(0, size) : undefined;
  }

  /** The text up to its NUL, cut to a whole character within size - 1 bytes; undefined when it is not there. */
  readText(address: bigint, size: number): string | undefined {
    const from = this.#from(address);
    if (from === undefined) return undefined;
    const end = from.indexOf(0);
    if (end === -1 && from.length < size) return undefined;
    return cutText(decoder.decode(end === -1 ? from : from.subarray(0, end)), size - 1);
  }

  clear(): void {
    this.#regions.length = 0;
  }

  #from(address: bigint): Uint8Array | undefined {
    const region = this.#regions.find(({ start, bytes }) => address >= start && address < start + BigInt(bytes.length));
    return region?.bytes.subarray(Number(address - region.start));
  }
}

/** As the runtime decodes texts in events. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export const fakeKernelMemory: FakeMemory = new FakeMemory();
export const fakeUserMemory: FakeMemory = new FakeMemory();
