import { ElfError } from "./error.js";
import type { ByteSource } from "./source.js";

/** What the ELF header says (elf(5)). Offsets are in bytes from the start of the file. */
export interface ElfHeader {
  readonly bits: 32 | 64;
  /** e_type: 1 relocatable, 2 executable at fixed addresses, 3 shared object or position-independent executable, 4 core. */
  readonly type: number;
  /** e_machine: 62 x86-64, 183 arm64, 247 BPF … */
  readonly machine: number;
  readonly entry: number;
  readonly segments: TablePlace;
  readonly sections: TablePlace;
  /** Index of the section that holds the names of sections. */
  readonly sectionNames: number;
}

/** Where a table of headers lies. */
export interface TablePlace {
  readonly offset: number;
  readonly entrySize: number;
  readonly count: number;
}

export const ElfType = { RELOCATABLE: 1, EXECUTABLE: 2, SHARED: 3, CORE: 4 } as const;

/** In e_shstrndx and e_phnum: the value is in section 0. */
const ELSEWHERE = 0xffff;

/** Reads the header. @throws ElfError when the file is not ELF of a little-endian machine */
export function readHeader(source: ByteSource): ElfHeader {
  const bytes = source.read(0, Math.min(source.size, 64));
  if (bytes.length < 52 || bytes.readUInt32BE(0) !== 0x7f454c46) throw new ElfError("not an ELF file");
  const fileClass = bytes[4];
  if (fileClass !== 1 && fileClass !== 2) throw new ElfError(`ELF class ${fileClass} is not known`);
  if (bytes[5] !== 1) throw new ElfError("ELF of a big-endian machine");
  const wide = fileClass === 2;
  if (wide && bytes.length < 64) throw new ElfError("the ELF header is cut off");
  const common = { bits: wide ? 64 : 32, type: bytes.readUInt16LE(16), machine: bytes.readUInt16LE(18) } as const;
  const at = wide ? 54 : 42;
  const half = (index: number) => bytes.readUInt16LE(at + index * 2);
  const place = (offset: number, index: number): TablePlace => ({ offset, entrySize: half(index), count: half(index + 1) });
  const header: ElfHeader = {
    ...common,
    entry: wide ? readWord(bytes, 24) : bytes.readUInt32LE(24),
    segments: place(wide ? readWord(bytes, 32) : bytes.readUInt32LE(28), 0),
    sections: place(wide ? readWord(bytes, 40) : bytes.readUInt32LE(32), 2),
    sectionNames: half(4),
  };
  return withLargeCounts(source, header);
}

/** Counts beyond 16 bits are in section 0: of sections in sh_size, of the name section in sh_link, of segments in sh_info. */
function withLargeCounts(source: ByteSource, header: ElfHeader): ElfHeader {
  const { sections, segments, sectionNames } = header;
  const large = sections.count === 0 || sectionNames === ELSEWHERE || segments.count === ELSEWHERE;
  if (!large || sections.offset === 0) return header;
  const wide = header.bits === 64;
  const first = source.read(sections.offset, wide ? 64 : 40);
  return {
    ...header,
    sections: sections.count === 0 ? { ...sections, count: wide ? readWord(first, 32) : first.readUInt32LE(20) } : sections,
    sectionNames: sectionNames === ELSEWHERE ? first.readUInt32LE(wide ? 40 : 24) : sectionNames,
    segments: segments.count === ELSEWHERE ? { ...segments, count: first.readUInt32LE(wide ? 44 : 28) } : segments,
  };
}

/**
 * A 64-bit word as a number: exact to 2^53, which user-space addresses and file offsets are below. Larger ones
 * (addresses in a vmlinux) are rounded.
 */
export function readWord(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * 2 ** 32;
}
