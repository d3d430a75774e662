import { closeSync, openSync, readlinkSync, readSync, statSync } from "node:fs";
import { type ElfFile, openDebugFile, openElf, readElf } from "../../kernel/elf/index.js";
import { type FileSymbols, readFileSymbols } from "./file-symbols.js";
import { type Mapping, parseMappings } from "./mappings.js";
import { readProcFile } from "./proc-file.js";

/** Files with symbols kept in memory: of the largest programs one takes 10 MB. */
const MOST_FILES = 256;

/** The symbols of files that processes have mapped, each file read once. */
export class MappedFiles {
  readonly #files = new Map<string, FileSymbols | undefined>();
  #vdso: FileSymbols | undefined | "unread" = "unread";

  /** Symbols of the file that is mapped; undefined when it can no longer be found, or is no program. */
  of(pid: number, mapping: Mapping): FileSymbols | undefined {
    const key = `${mapping.device} ${mapping.inode} ${mapping.path}`;
    let symbols = this.#files.get(key);
    if (symbols === undefined && !this.#files.has(key)) {
      symbols = readMapped(pid, mapping);
      if (this.#files.size >= MOST_FILES) this.#files.delete(this.#files.keys().next().value as string);
      this.#files.set(key, symbols);
    }
    return symbols;
  }

  /** Symbols of the page that the kernel maps into each 64-bit process: read from our own. */
  get vdso(): FileSymbols | undefined {
    if (this.#vdso === "unread") this.#vdso = readVdso();
    return this.#vdso;
  }
}

function readMapped(pid: number, mapping: Mapping): FileSymbols | undefined {
  const [root, elf] = openMapped(pid, mapping);
  if (elf === undefined) return undefined;
  try {
    return readFileSymbols(elf, () => openDebugFile(elf, mapping.path, root));
  } catch {
    return undefined; // not a program, or damaged
  } finally {
    elf.close();
  }
}

/**
 * Opens what is mapped, not what has its name by now: through /proc/PID/map_files, which takes a deleted or replaced file too; as
 * the process's own mount namespace has it; when the process has ended, by its name if we see the same file under it.
 */
function openMapped(pid: number, { start, end, inode, path }: Mapping): readonly [root: string, elf: ElfFile | undefined] {
  const root = `/proc/${pid}/root`;
  const range = `${start.toString(16)}-${end.toString(16)}`;
  const places = [
    { path: `/proc/${pid}/map_files/${range}`, root, isCertain: true },
    { path: `${root}${path}`, root, isCertain: false },
    { path, root: "", isCertain: false },
  ];
  for (const place of places) {
    try {
      if (place.isCertain) {
        // The pid may be another process's by now.
        if (readlinkSync(place.path).replace(/ \(deleted\)$/, "") !== path) continue;
      } else if (statSync(place.path).ino !== inode) continue;
      return [place.root, openElf(place.path)];
    } catch {
      // The next one may be there.
    }
  }
  return ["", undefined];
}

function readVdso(): FileSymbols | undefined {
  const mapping = parseMappings(readProcFile("/proc/self/maps") ?? "").find(({ path }) => path === "[vdso]");
  if (mapping === undefined) return undefined;
  try {
    const fd = openSync("/proc/self/mem", "r");
    try {
      const bytes = Buffer.alloc(mapping.end - mapping.start);
      readSync(fd, bytes, 0, bytes.length, mapping.start);
      return readFileSymbols(readElf(bytes), () => undefined);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
