import { ElfError } from "./error.js";
import { type ElfHeader, readWord } from "./header.js";
import type { ByteSource } from "./source.js";

/** A section header. */
export interface ElfSection {
  readonly index: number;
  readonly name: string;
  /** sh_type, one of SectionType or another number. */
  readonly type: number;
  readonly isExecutable: boolean;
  readonly virtualAddress: number;
  readonly fileOffset: number;
  readonly size: number;
  /** Another section's index: of the names, for a table of symbols. */
  readonly link: number;
  readonly alignment: number;
  readonly entrySize: number;
}

export const SectionType = { SYMTAB: 2, STRTAB: 3, NOTE: 7, NOBITS: 8, DYNSYM: 11, VERSIONS: 0x6fffffff } as const;
const EXECINSTR = 4;

export function readSections(source: ByteSource, header: ElfHeader): readonly ElfSection[] {
  const { offset, entrySize, count } = header.sections;
  if (count === 0) return [];
  const wide = header.bits === 64;
  if (entrySize < (wide ? 64 : 40)) throw new ElfError(`section headers of ${entrySize} bytes`);
  const table = source.read(offset, entrySize * count);
  const bare = Array.from({ length: count }, (_, index) => {
    const at = index * entrySize;
    const field = (wideAt: number, index32: number) =>
      wide ? readWord(table, at + wideAt) : table.readUInt32LE(at + index32 * 4);
    return {
      index,
      nameOffset: table.readUInt32LE(at),
      type: table.readUInt32LE(at + 4),
      isExecutable: (field(8, 2) & EXECINSTR) !== 0,
      virtualAddress: field(16, 3),
      fileOffset: field(24, 4),
      size: field(32, 5),
      link: table.readUInt32LE(at + (wide ? 40 : 24)),
      alignment: field(48, 8),
      entrySize: field(56, 9),
    };
  });
  const holder = bare[header.sectionNames];
  const names =
    holder === undefined || holder.type === SectionType.NOBITS ? Buffer.alloc(0) : source.read(holder.fileOffset, holder.size);
  return bare.map(({ nameOffset, ...section }) => ({ ...section, name: textAt(names, nameOffset) }));
}

/** A NUL-terminated text; "" beyond the end. */
export function textAt(strings: Buffer, offset: number): string {
  if (offset >= strings.length) return "";
  const end = strings.indexOf(0, offset);
  return strings.toString("utf8", offset, end === -1 ? strings.length : end);
}
