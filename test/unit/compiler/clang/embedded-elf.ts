/** Where an ELF64 file's section headers lie, and what they say (elf(5)). */
export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly bytes: Buffer;
}

const HEADER_OFFSET = 40;
const HEADER_BYTES = 64;
const SHT_NOBITS = 8;

function textAt(bytes: Buffer, at: number): string {
  return bytes.toString("latin1", at, bytes.indexOf(0, at));
}

/** The sections of a little-endian ELF64 file, in order. */
export function readSections(file: Uint8Array): ElfSection[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const start = Number(bytes.readBigUInt64LE(HEADER_OFFSET));
  const count = bytes.readUInt16LE(60);
  const headers = Array.from({ length: count }, (_, index) =>
    bytes.subarray(start + index * HEADER_BYTES, start + (index + 1) * HEADER_BYTES),
  );
  const contents = headers.map((header) => {
    const [offset, size] = [Number(header.readBigUInt64LE(24)), Number(header.readBigUInt64LE(32))];
    return header.readUInt32LE(4) === SHT_NOBITS ? Buffer.alloc(0) : bytes.subarray(offset, offset + size);
  });
  const names = contents[bytes.readUInt16LE(62)] as Buffer;
  return headers.map((header, index) => ({
    name: textAt(names, header.readUInt32LE(0)),
    type: header.readUInt32LE(4),
    bytes: contents[index] as Buffer,
  }));
}

export interface DynamicSymbols {
  /** DT_NEEDED: the libraries it is linked with. */
  readonly needed: readonly string[];
  /** Functions that it gives. */
  readonly exported: readonly string[];
  /** Versions of other libraries' symbols that it needs: "GLIBC_2.17". */
  readonly versions: readonly string[];
}

const DT_NEEDED = 1n;

/** What a shared object needs and gives. */
export function readDynamicSymbols(file: Uint8Array): DynamicSymbols {
  const sections = readSections(file);
  const content = (name: string) => sections.find((section) => section.name === name)?.bytes ?? Buffer.alloc(0);
  const strings = content(".dynstr");
  const dynamic = content(".dynamic");
  const needed: string[] = [];
  for (let at = 0; at < dynamic.length; at += 16)
    if (dynamic.readBigUInt64LE(at) === DT_NEEDED) needed.push(textAt(strings, Number(dynamic.readBigUInt64LE(at + 8))));
  const symbols = content(".dynsym");
  const exported: string[] = [];
  for (let at = 0; at < symbols.length; at += 24) {
    const isFunction = (symbols.readUInt8(at + 4) & 0xf) === 2;
    if (isFunction && symbols.readUInt16LE(at + 6) !== 0) exported.push(textAt(strings, symbols.readUInt32LE(at)));
  }
  const required = content(".gnu.version_r");
  const versions: string[] = [];
  for (let at = 0; at < required.length; ) {
    let entry = at + required.readUInt32LE(at + 8);
    for (let count = required.readUInt16LE(at + 2); count > 0; count--) {
      versions.push(textAt(strings, required.readUInt32LE(entry + 8)));
      entry += required.readUInt32LE(entry + 12);
    }
    const next = required.readUInt32LE(at + 12);
    if (next === 0) break;
    at += next;
  }
  return { needed, exported, versions };
}
