import { lastNotAbove } from "./address-table.js";

/** A line of /proc/PID/maps (proc_pid_maps(5)). */
export interface Mapping {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly isExecutable: boolean;
  readonly fileOffset: number;
  /** Major and minor number in hexadecimal: "fd:01". */
  readonly device: string;
  /** 0 where no file is mapped. */
  readonly inode: number;
  /** Of a file, as its process has it; else "", "[vdso]", "[heap]" … */
  readonly path: string;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) ..(.). ([0-9a-f]+) (\S+) (\d+) *(.*)$/gm;

/** The mappings in order of address. A page of the kernel's half ([vsyscall]) is left out. */
export function parseMappings(text: string): readonly Mapping[] {
  const mappings: Mapping[] = [];
  for (const [, start = "", end = "", x, offset = "", device = "", inode, path = ""] of text.matchAll(LINE)) {
    if (end.length > 13) continue;
    mappings.push({
      start: Number.parseInt(start, 16),
      end: Number.parseInt(end, 16),
      isExecutable: x === "x",
      fileOffset: Number.parseInt(offset, 16),
      device,
      inode: Number(inode),
      // The kernel writes a line break in a name as \012.
      path: path.replace(/ \(deleted\)$/, "").replaceAll("\\012", "\n"),
    });
  }
  return mappings;
}

/** The mapping that holds an address. */
export class MappingTable {
  readonly all: readonly Mapping[];
  readonly #starts: Float64Array;

  constructor(all: readonly Mapping[]) {
    this.all = all;
    this.#starts = Float64Array.from(all, ({ start }) => start);
  }

  find(address: number): Mapping | undefined {
    const found = this.all[lastNotAbove(this.#starts, address)];
    return found !== undefined && address < found.end ? found : undefined;
  }
}
