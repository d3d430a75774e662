import type { ElfFile, ElfSymbol, ElfSymbolTable } from "../../kernel/elf/index.js";
import { AddressTable } from "./address-table.js";

/** What a program or library says of its addresses. */
export interface FileSymbols {
  /** The address of a byte of the file, as its symbols count. */
  virtualAddress(fileOffset: number, isExecutable: boolean): number | undefined;
  readonly table: AddressTable;
}

/** st_info: types of symbols that name a place in memory. */
const [NOTYPE, OBJECT, FUNC, IFUNC] = [0, 1, 2, 10];
const TYPES = new Set([NOTYPE, OBJECT, FUNC, IFUNC]);
/** SHN_UNDEF, and SHN_ABS and above. */
const [UNDEFINED, SPECIAL] = [0, 0xfff1];

/**
 * The symbols of a file by address: of its .symtab, else of its debug file's, else of .dynsym, which has only what other
 * files can link to.
 */
export function readFileSymbols(elf: ElfFile, openDebug: () => ElfFile | undefined): FileSymbols {
  void elf.segments; // while the file is open
  let table = tableOf(elf, "symtab");
  if (table === undefined) {
    const debug = openDebug();
    if (debug !== undefined) table = tableOf(debug, "symtab");
    debug?.close();
  }
  table ??= tableOf(elf, "dynsym") ?? new AddressTable(new Float64Array(), new Float64Array(), () => "");
  return { virtualAddress: (fileOffset, executable) => elf.virtualAddress(fileOffset, { executable }), table };
}

function tableOf(elf: ElfFile, name: "symtab" | "dynsym"): AddressTable | undefined {
  const symbols = elf.symbols(name);
  if (symbols === undefined) return undefined;
  const { sections } = elf;
  const wanted: number[] = [];
  for (let index = 0; index < symbols.count; index++) {
    const section = symbols.sectionOf(index);
    const type = symbols.infoOf(index) & 15;
    if (section === UNDEFINED || section >= SPECIAL || !TYPES.has(type)) continue;
    // Without a size: labels of assembly are places in code; marks of the linker (_end, _edata) name nothing that is there.
    if (symbols.sizeOf(index) === 0 && (type === OBJECT || sections[section]?.isExecutable !== true)) continue;
    wanted.push(index);
  }
  const best = [...bestByAddress(symbols, wanted)].sort((a, b) => a[0] - b[0]);
  const starts = Float64Array.from(best, ([address]) => address);
  const ends = Float64Array.from(best, ([address, index], i) => {
    const size = symbols.sizeOf(index);
    if (size > 0) return address + size;
    const section = sections[symbols.sectionOf(index)];
    const end = section === undefined ? address : section.virtualAddress + section.size;
    return Math.min(end, starts[i + 1] ?? end);
  });
  return new AddressTable(starts, ends, (i) => withoutVersion(symbols.nameOf((best[i] as [number, number])[1])));
}

/** "clock_nanosleep@@GLIBC_2.17" is how .symtab has symbols with versions. */
function withoutVersion(name: string): string {
  return name.replace(/@@?[A-Z]\w*[\d.]*$/, "");
}

/** One symbol for each address: the one that people know it by. */
function bestByAddress(symbols: ElfSymbolTable, indices: readonly number[]): Map<number, number> {
  const best = new Map<number, number>();
  for (const index of indices) {
    const address = symbols.addressOf(index);
    const other = best.get(address);
    if (other === undefined || isBetter(symbols.at(index), symbols.at(other))) best.set(address, index);
  }
  return best;
}

const BINDINGS = ["global", "weak", "local", "other"] as const;

function isBetter(a: ElfSymbol, b: ElfSymbol): boolean {
  const rank = ({ name, type, size, binding }: ElfSymbol) => [
    // $x and $d mark code and data on some machines.
    name === "" || name.startsWith("$") ? 1 : 0,
    type === "none" || size === 0 ? 1 : 0,
    /^_*/.exec(name)?.[0].length ?? 0,
    BINDINGS.indexOf(binding),
    name.length,
  ];
  const [ofA, ofB] = [rank(a), rank(b)];
  const differs = ofA.findIndex((value, i) => value !== ofB[i]);
  return differs !== -1 && (ofA[differs] as number) < (ofB[differs] as number);
}
