import type { ElfFile } from "../elf/index.js";
import type { Machine } from "./machine.js";
import { instructionLength } from "./x86-length.js";

/** Of .eh_frame_hdr: the sorted table is there, as 32-bit distances from the section (DW_EH_PE_datarel | DW_EH_PE_sdata4). */
const DISTANCES = 0x3b;
/** DW_EH_PE_udata4 */
const COUNT_4 = 0x03;

/**
 * Whether an instruction begins at an address: a breakpoint elsewhere would change the program. Found by walking from the start of
 * the function around it, which symbols or, in stripped files, the tables for unwinding tell.
 * @param sources the file itself, then its debug file
 * @returns undefined when no function is known to be there
 */
export function isInstructionStart(sources: readonly ElfFile[], address: number, machine: Machine): boolean | undefined {
  if (machine.instructionAlignment > 1) return address % machine.instructionAlignment === 0;
  const [elf] = sources;
  const start = elf === undefined ? undefined : functionStart(sources, address);
  if (elf === undefined || start === undefined) return undefined;
  const offset = elf.fileOffset(start);
  if (offset === undefined) return undefined;
  const code = elf.bytes(offset, address - start);
  let at = 0;
  while (at < code.length) {
    const length = instructionLength(code, at); // none for one that goes beyond
    if (length === undefined) return false;
    at += length;
  }
  return true;
}

/** Where the function around an address begins. */
function functionStart(sources: readonly ElfFile[], address: number): number | undefined {
  let best: number | undefined;
  for (const source of sources)
    for (const table of ["symtab", "dynsym"] as const)
      for (const { address: start, size, type, section } of source.symbols(table) ?? []) {
        if ((type !== "func" && type !== "ifunc") || section === 0) continue;
        if (start <= address && address < start + Math.max(size, 1) && start > (best ?? -1)) best = start;
      }
  return best ?? (sources[0] === undefined ? undefined : unwindStart(sources[0], address));
}

/** The last function that begins at or before an address, by the table that exception handling searches (.eh_frame_hdr). */
function unwindStart(elf: ElfFile, address: number): number | undefined {
  const section = elf.section(".eh_frame_hdr");
  if (section === undefined) return undefined;
  const bytes = elf.contents(section);
  if (bytes.length < 12 || bytes[0] !== 1 || bytes[2] !== COUNT_4 || bytes[3] !== DISTANCES) return undefined;
  const count = Math.min(bytes.readUInt32LE(8), Math.floor((bytes.length - 12) / 8));
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (section.virtualAddress + bytes.readInt32LE(12 + middle * 8) <= address) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : section.virtualAddress + bytes.readInt32LE(12 + (low - 1) * 8);
}
