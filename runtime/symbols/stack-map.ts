import type { LibbpfApi } from "../libbpf/api.js";

/** What the kernel side keeps of a stack: struct tsp_frames of compiler/emit/stacks.ts. */
export interface KeptStack {
  /** 0 for stacks of the kernel. */
  readonly pid: number;
  /** The innermost first. */
  readonly addresses: readonly bigint[];
}

const [PID_AT, COUNT_AT, FRAMES_AT] = [8, 12, 16];

/** Reads a struct tsp_frames that begins at an offset. */
export function readFrames(view: DataView, offset: number): KeptStack {
  const count = view.getUint32(offset + COUNT_AT, true);
  const addresses = Array.from({ length: count }, (_, i) => view.getBigUint64(offset + FRAMES_AT + i * 8, true));
  // The outermost function of a process has nothing to return to.
  while (addresses.at(-1) === 0n) addresses.pop();
  return { pid: view.getUint32(offset + PID_AT, true), addresses };
}

/** The map of stacks, by their ids. */
export class StackMap {
  readonly #api: LibbpfApi;
  readonly #fd: number;
  readonly #key = Buffer.alloc(8);
  readonly #value: Buffer;
  readonly maxEntries: number;

  /** @param valueBytes of the map's values: more for deeper stacks */
  constructor(api: LibbpfApi, { fd, maxEntries, valueBytes }: { fd: number; maxEntries: number; valueBytes: number }) {
    this.#api = api;
    this.#fd = fd;
    this.maxEntries = maxEntries;
    this.#value = Buffer.alloc(valueBytes); // whole words
  }

  read(id: bigint): KeptStack | undefined {
    this.#key.writeBigUInt64LE(id);
    if (this.#api.mapLookup(this.#fd, this.#key, this.#value) !== 0) return undefined;
    return readFrames(new DataView(this.#value.buffer, this.#value.byteOffset, this.#value.byteLength), 0);
  }

  delete(id: bigint): void {
    this.#key.writeBigUInt64LE(id);
    this.#api.mapDelete(this.#fd, this.#key);
  }
}
