import { closeSync, openSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { ElfError } from "./error.js";
import { type ElfFile, openElf } from "./file.js";

/** Where distributions put separate debug files. */
const DEBUG_ROOT = "/usr/lib/debug";
const CHUNK = 1 << 20;

/** What .gnu_debuglink says of a file's debug file: its name and the checksum of its bytes. */
export interface DebugLink {
  readonly name: string;
  readonly crc: number;
}

export function readDebugLink(elf: ElfFile): DebugLink | undefined {
  const section = elf.section(".gnu_debuglink");
  if (section === undefined) return undefined;
  const bytes = elf.contents(section);
  const end = bytes.indexOf(0);
  const crcAt = Math.ceil((end + 1) / 4) * 4;
  if (end <= 0 || crcAt + 4 > bytes.length) return undefined;
  return { name: bytes.toString("utf8", 0, end), crc: bytes.readUInt32LE(crcAt) };
}

/**
 * Opens the separate debug file of a program or library, which has the .symtab that was stripped from it: by build id under
 * /usr/lib/debug/.build-id, else by .gnu_debuglink beside the file, in .debug, and under /usr/lib/debug. One that belongs to
 * another build is not taken. The caller closes it.
 * @param path of the file, as its own mount namespace has it
 * @param root of that mount namespace: "/proc/123/root", or "" for our own
 */
export function openDebugFile(elf: ElfFile, path: string, root = ""): ElfFile | undefined {
  const { buildId } = elf;
  if (buildId !== undefined && buildId.length > 2) {
    const place = join(DEBUG_ROOT, ".build-id", buildId.slice(0, 2), `${buildId.slice(2)}.debug`);
    for (const candidate of new Set([`${root}${place}`, place])) {
      const found = openIf(candidate, (debug) => debug.buildId === buildId);
      if (found !== undefined) return found;
    }
  }
  const link = readDebugLink(elf);
  if (link === undefined || link.name.includes("/")) return undefined;
  const folder = dirname(path);
  for (const place of [join(folder, link.name), join(folder, ".debug", link.name), join(DEBUG_ROOT, folder, link.name)]) {
    if (place === path) continue;
    const candidate = `${root}${place}`;
    const found = openIf(candidate, (debug) =>
      buildId !== undefined && debug.buildId !== undefined ? debug.buildId === buildId : checksum(candidate) === link.crc,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function openIf(path: string, belongs: (debug: ElfFile) => boolean): ElfFile | undefined {
  let debug: ElfFile | undefined;
  try {
    debug = openElf(path);
    if (belongs(debug)) return debug;
  } catch (error) {
    if (!(error instanceof ElfError) && !(error instanceof Error && "code" in error)) throw error;
  }
  debug?.close();
  return undefined;
}

/** CRC-32 of a whole file, as objcopy --add-gnu-debuglink computes it. */
function checksum(path: string): number {
  const fd = openSync(path, "r");
  try {
    const chunk = Buffer.alloc(CHUNK);
    let crc = 0;
    for (let count = readSync(fd, chunk); count > 0; count = readSync(fd, chunk)) crc = crc32(chunk.subarray(0, count), crc);
    return crc;
  } finally {
    closeSync(fd);
  }
}
