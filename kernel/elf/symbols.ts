import { ElfError } from "./error.js";
import { textAt } from "./sections.js";

/** A symbol of a program. */
export interface ElfSymbol {
  readonly name: string;
  /** Virtual address; in a relocatable file, the offset in its section. Of "ifunc": that of the function that chooses. */
  readonly address: number;
  readonly size: number;
  readonly type: "none" | "object" | "func" | "section" | "file" | "common" | "tls" | "ifunc" | "other";
  readonly binding: "local" | "global" | "weak" | "other";
  /** Index of its section; 0 when it is defined in another file. */
  readonly section: number;
  /** Of several versions of a name, the one that new programs are linked to (memcpy@@GLIBC_2.14). True where there are no versions. */
  readonly isDefault: boolean;
}

const TYPES = ["none", "object", "func", "section", "file", "common", "tls"] as const;
const BINDINGS = ["local", "global", "weak"] as const;
const IFUNC = 10;
const UNIQUE = 10;
/** In .gnu.version: not the default version. */
const HIDDEN = 0x8000;

/** A table of symbols as it lies in the file, read as words. Entries are decoded one by one, when asked for. */
export class ElfSymbolTable {
  readonly count: number;
  readonly #words: Uint32Array;
  readonly #perEntry: number;
  readonly #names: Buffer;
  readonly #versions: Buffer | undefined;

  /** @param bytes at offset 0 of their own memory */
  constructor(bits: 32 | 64, bytes: Buffer, names: Buffer, versions: Buffer | undefined) {
    if (bytes.byteOffset % 4 !== 0) throw new ElfError("symbols that are not aligned");
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    this.#perEntry = bits === 64 ? 6 : 4;
    this.count = Math.floor(this.#words.length / this.#perEntry);
    this.#names = names;
    this.#versions = versions;
  }

  /** Virtual address of an entry. */
  addressOf(index: number): number {
    const at = index * this.#perEntry;
    if (this.#perEntry === 4) return this.#word(at + 1);
    return this.#word(at + 2) + this.#word(at + 3) * 2 ** 32;
  }

  sizeOf(index: number): number {
    const at = index * this.#perEntry;
    if (this.#perEntry === 4) return this.#word(at + 2);
    return this.#word(at + 4) + this.#word(at + 5) * 2 ** 32;
  }

  /** st_info: type in the lower four bits, binding above. */
  infoOf(index: number): number {
    return this.#attributes(index) & 0xff;
  }

  sectionOf(index: number): number {
    return this.#attributes(index) >>> 16;
  }

  nameOf(index: number): string {
    return textAt(this.#names, this.#word(index * this.#perEntry));
  }

  at(index: number): ElfSymbol {
    const info = this.infoOf(index);
    const type = info & 15;
    const binding = info >>> 4;
    return {
      name: this.nameOf(index),
      address: this.addressOf(index),
      size: this.sizeOf(index),
      type: TYPES[type] ?? (type === IFUNC ? "ifunc" : "other"),
      binding: BINDINGS[binding] ?? (binding === UNIQUE ? "global" : "other"),
      section: this.sectionOf(index),
      isDefault: this.#isDefault(index),
    };
  }

  /** All symbols of a name, in the table's order. Compares offsets of names: no text is built but of those found. */
  named(name: string): readonly ElfSymbol[] {
    const offsets = this.#offsetsOf(name);
    if (offsets.size === 0) return [];
    const found: ElfSymbol[] = [];
    for (let index = 0; index < this.count; index++)
      if (offsets.has(this.#word(index * this.#perEntry))) found.push(this.at(index));
    return found;
  }

  *[Symbol.iterator](): Generator<ElfSymbol> {
    for (let index = 0; index < this.count; index++) yield this.at(index);
  }

  /** Everywhere the name ends a string: linkers let "foo" point into "barfoo". */
  #offsetsOf(name: string): Set<number> {
    const offsets = new Set<number>();
    if (name === "") return offsets;
    const wanted = Buffer.from(`${name}\0`);
    for (let at = this.#names.indexOf(wanted); at !== -1; at = this.#names.indexOf(wanted, at + 1)) offsets.add(at);
    return offsets;
  }

  #isDefault(index: number): boolean {
    const versions = this.#versions;
    if (versions === undefined || index * 2 + 2 > versions.length) return true;
    return (versions.readUInt16LE(index * 2) & HIDDEN) === 0;
  }

  #attributes(index: number): number {
    return this.#word(index * this.#perEntry + (this.#perEntry === 4 ? 3 : 1));
  }

  #word(at: number): number {
    return this.#words[at] as number;
  }
}
