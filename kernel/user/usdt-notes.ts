import { ElfError, type ElfFile } from "../elf/index.js";

/** One place of a statically defined probe: a note of owner "stapsdt", type 3 (SystemTap's sys/sdt.h). */
export interface UsdtNote {
  readonly provider: string;
  readonly name: string;
  /** Virtual address of its no-operation. */
  readonly address: number;
  /** Virtual address of the counter that says whether anybody watches; undefined for probes without. */
  readonly semaphore: number | undefined;
  /** Where its arguments are there: "-4@%edi 8@8(%rsp)". */
  readonly arguments: string;
}

const STAPSDT = 3;

/** All places of all USDT probes of a file, in the order of its notes. */
export function readUsdtNotes(elf: ElfFile): readonly UsdtNote[] {
  const base = elf.section(".stapsdt.base")?.virtualAddress;
  return elf.notes
    .filter(({ owner, type }) => owner === "stapsdt" && type === STAPSDT)
    .map(({ description }) => parseNote(description, elf.header.bits === 64 ? 8 : 4, base));
}

/** Three addresses (place, base, semaphore), then three texts. @throws ElfError for a note that is cut off */
export function parseNote(bytes: Buffer, wordSize: 4 | 8, base: number | undefined): UsdtNote {
  if (bytes.length < 3 * wordSize) throw new ElfError("a USDT note that is cut off");
  const word = (index: number) => (wordSize === 8 ? Number(bytes.readBigUInt64LE(index * 8)) : bytes.readUInt32LE(index * 4));
  const [provider = "", name = "", args = ""] = bytes.toString("utf8", 3 * wordSize).split("\0");
  // A prelinked file was moved after the note was written, and with it the section whose place the note tells.
  const moved = base === undefined || word(1) === 0 ? 0 : base - word(1);
  return {
    provider,
    name,
    address: word(0) + moved,
    semaphore: word(2) === 0 ? undefined : word(2) + moved,
    arguments: args,
  };
}
