import type { ElfFile, ElfSymbol, ElfSymbolTable } from "../../kernel/elf/index.js";
import { AddressTable, orderOf } from "./address-table.js";

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
  const named = new Uint32Array(symbols.count);
  let count = 0;
  for (let index = 0; index < symbols.count; index++) {
    const section = symbols.sectionOf(index);
    const type = symbols.infoOf(index) & 15;
    if (section === UNDEFINED || section >= SPECIAL || !TYPES.has(type)) continue;
    // Without a size: labels of assembly are places in code; marks of the linker (_end, _edata) name nothing that is there.
    if (symbols.sizeOf(index) === 0 && (type === OBJECT || sections[section]?.isExecutable !== true)) continue;
    named[count++] = index;
  }
  const best = bestByAddress(symbols, named.subarray(0, count));
  const starts = addressesOf(symbols, best);
  const ends = new Float64Array(best.length);
  for (let i = 0; i < best.length; i++) {
    const index = best[i] as number;
    const size = symbols.sizeOf(index);
    const section = sections[symbols.sectionOf(index)];
    const sectionEnd = section === undefined ? 0 : section.virtualAddress + section.size;
    ends[i] = size > 0 ? (starts[i] as number) + size : Math.min(sectionEnd, starts[i + 1] ?? sectionEnd);
  }
  return new AddressTable(starts, ends, (i) => withoutVersion(symbols.nameOf(best[i] as number)));
}

/** "clock_nanosleep@@GLIBC_2.17" is how .symtab has symbols with versions. */
function withoutVersion(name: string): string {
  return name.replace(/@@?[A-Z]\w*[\d.]*$/, "");
}

function addressesOf(symbols: ElfSymbolTable, indices: Uint32Array): Float64Array {
  const addresses = new Float64Array(indices.length);
  for (let i = 0; i < indices.length; i++) addresses[i] = symbols.addressOf(indices[i] as number);
  return addresses;
}

/** One symbol for each address, in order of address: the one that people know it by. */
function bestByAddress(symbols: ElfSymbolTable, indices: Uint32Array): Uint32Array {
  const addresses = addressesOf(symbols, indices);
  const best = new Uint32Array(indices.length);
  let count = 0;
  let before = -1;
  for (const place of orderOf(addresses)) {
    const index = indices[place] as number;
    const address = addresses[place] as number;
    if (address !== before) best[count++] = index;
    else if (isBetter(symbols.at(index), symbols.at(best[count - 1] as number))) best[count - 1] = index;
    before = address;
  }
  return best.subarray(0, count);
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
