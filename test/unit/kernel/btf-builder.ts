/** Writes BTF by hand, for shapes the running kernel may not have. Layout: Documentation/bpf/btf.rst. */
export class BtfBuilder {
  readonly #words: number[] = [];
  #strings = "\0";
  #count = 0;

  /** Offset of a string, each kept once as pahole does. */
  string(text: string): number {
    if (text === "") return 0;
    const at = this.#strings.indexOf(`\0${text}\0`);
    if (at !== -1) return at + 1;
    this.#strings += `${text}\0`;
    return this.#strings.length - text.length - 1;
  }

  /** Adds a type and returns its id. */
  add(
    kind: number,
    name: string,
    sizeOrType: number,
    options: { vlen?: number; flag?: boolean; rest?: readonly number[] } = {},
  ): number {
    const info = (((options.flag ? 0x80000000 : 0) | (kind << 24) | (options.vlen ?? 0)) >>> 0) as number;
    this.#words.push(this.string(name), info, sizeOrType, ...(options.rest ?? []));
    return ++this.#count;
  }

  bytes(): Buffer {
    const header = Buffer.alloc(24);
    header.writeUInt16LE(0xeb9f, 0);
    header.writeUInt8(1, 2);
    header.writeUInt32LE(24, 4);
    header.writeUInt32LE(0, 8);
    header.writeUInt32LE(this.#words.length * 4, 12);
    header.writeUInt32LE(this.#words.length * 4, 16);
    header.writeUInt32LE(this.#strings.length, 20);
    const types = Buffer.alloc(this.#words.length * 4);
    for (const [at, word] of this.#words.entries()) types.writeUInt32LE(word >>> 0, at * 4);
    return Buffer.concat([header, types, Buffer.from(this.#strings, "latin1")]);
  }
}
