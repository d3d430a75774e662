import { type ElfHeader, ElfType, readHeader } from "./header.js";
import { type ElfNote, parseNotes } from "./notes.js";
import { type ElfSection, readSections, SectionType } from "./sections.js";
import { type ElfSegment, fileOffsetOf, readSegments, SegmentType, virtualAddressOf } from "./segments.js";
import { type ByteSource, memorySource, openFileSource } from "./source.js";
import { type ElfSymbol, ElfSymbolTable } from "./symbols.js";

/** Which symbols: "symtab" has all, unless it was stripped; "dynsym" what other programs can link to. */
export type SymbolTableName = "symtab" | "dynsym";

const BUILD_ID = 3;

/**
 * An ELF file: program, shared library, object or debug file. Parts are read when asked for, and kept; addresses and
 * offsets are numbers, exact below 2^53, as all of user space is. Close it when done: what was read stays usable.
 */
export class ElfFile {
  readonly header: ElfHeader;
  readonly #source: ByteSource;
  #sections: readonly ElfSection[] | undefined;
  #segments: readonly ElfSegment[] | undefined;
  #notes: readonly ElfNote[] | undefined;
  readonly #symbols = new Map<SymbolTableName, ElfSymbolTable | undefined>();

  /** @throws ElfError when it is not ELF of a little-endian machine */
  constructor(source: ByteSource) {
    this.#source = source;
    this.header = readHeader(source);
  }

  get sections(): readonly ElfSection[] {
    this.#sections ??= readSections(this.#source, this.header);
    return this.#sections;
  }

  get segments(): readonly ElfSegment[] {
    this.#segments ??= readSegments(this.#source, this.header);
    return this.#segments;
  }

  section(name: string): ElfSection | undefined {
    return this.sections.find((section) => section.name === name);
  }

  /** A section's bytes; none when it has no place in the file (.bss, and most of a debug file). */
  contents(section: ElfSection): Buffer {
    return section.type === SectionType.NOBITS ? Buffer.alloc(0) : this.#source.read(section.fileOffset, section.size);
  }

  /** Bytes of the file. @throws ElfError when it ends before */
  bytes(fileOffset: number, length: number): Buffer {
    return this.#source.read(fileOffset, length);
  }

  /** A table of symbols, if the file has it. */
  symbols(table: SymbolTableName): ElfSymbolTable | undefined {
    if (!this.#symbols.has(table)) this.#symbols.set(table, this.#readSymbols(table));
    return this.#symbols.get(table);
  }

  /**
   * The symbol of a name that is defined in this file: of several, functions before others and default versions before old
   * ones. .symtab is asked first, .dynsym after it.
   * @example openElf("/lib/x86_64-linux-gnu/libc.so.6").symbol("getaddrinfo")
   */
  symbol(name: string): ElfSymbol | undefined {
    const rank = ({ type, isDefault }: ElfSymbol) => (type === "func" || type === "ifunc" ? 0 : 2) + (isDefault ? 0 : 1);
    for (const table of ["symtab", "dynsym"] as const) {
      const [best] = (this.symbols(table)?.named(name) ?? [])
        .filter(({ section, type }) => section !== 0 && type !== "file" && type !== "section")
        .sort((a, b) => rank(a) - rank(b));
      if (best !== undefined) return best;
    }
    return undefined;
  }

  /** Where in the file a symbol's first byte is, as uprobes need it; undefined when it has no bytes in this file. */
  symbolOffset({ address, section }: ElfSymbol): number | undefined {
    if (this.header.type !== ElfType.RELOCATABLE) return this.fileOffset(address);
    const holder = this.sections[section];
    return holder === undefined || holder.type === SectionType.NOBITS ? undefined : holder.fileOffset + address;
  }

  /** Where in the file the byte of a virtual address is (not of a relocatable file: its addresses are all 0). */
  fileOffset(virtualAddress: number): number | undefined {
    return fileOffsetOf(this.segments, virtualAddress);
  }

  /** The virtual address at which a byte of the file is loaded, before relocation. */
  virtualAddress(fileOffset: number, options?: { readonly executable?: boolean }): number | undefined {
    return virtualAddressOf(this.segments, fileOffset, options);
  }

  /** All notes: of the note sections (.note.stapsdt is in no segment), or of the segments where section headers were stripped. */
  get notes(): readonly ElfNote[] {
    this.#notes ??= this.#readNotes();
    return this.#notes;
  }

  /** The build id in hexadecimal, which names the build of a program and its separate debug file. */
  get buildId(): string | undefined {
    return this.notes.find(({ owner, type }) => owner === "GNU" && type === BUILD_ID)?.description.toString("hex");
  }

  close(): void {
    this.#source.close();
  }

  #readNotes(): readonly ElfNote[] {
    const sections = this.sections.filter(({ type }) => type === SectionType.NOTE);
    if (sections.length > 0) return sections.flatMap((section) => parseNotes(this.contents(section), section.alignment));
    return this.segments
      .filter(({ type }) => type === SegmentType.NOTE)
      .flatMap(({ fileOffset, fileSize, alignment }) => parseNotes(this.#source.read(fileOffset, fileSize), alignment));
  }

  #readSymbols(table: SymbolTableName): ElfSymbolTable | undefined {
    const wanted = table === "symtab" ? SectionType.SYMTAB : SectionType.DYNSYM;
    const section = this.sections.find(({ type, size }) => type === wanted && size > 0);
    const names = section === undefined ? undefined : this.sections[section.link];
    if (section === undefined || names === undefined) return undefined;
    const versions = this.sections.find(({ type, link }) => type === SectionType.VERSIONS && link === section.index);
    return new ElfSymbolTable(
      this.header.bits,
      this.contents(section),
      this.contents(names),
      versions === undefined ? undefined : this.contents(versions),
    );
  }
}

/**
 * Opens an ELF file.
 * @throws the system's error when it cannot be opened, ElfError when it is not an ELF file of a little-endian machine
 * @example const elf = openElf("/usr/bin/node"); elf.symbol("main"); elf.close();
 */
export function openElf(path: string): ElfFile {
  const source = openFileSource(path);
  try {
    return new ElfFile(source);
  } catch (error) {
    source.close();
    throw error;
  }
}

/** Reads an ELF image that is in memory. @throws ElfError when it is none */
export function readElf(bytes: Uint8Array): ElfFile {
  return new ElfFile(memorySource(bytes));
}
