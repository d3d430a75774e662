import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ElfError } from "../../kernel/elf/error.js";
import { ElfFile } from "../../kernel/elf/file.js";
import { type ByteSource, openFileSource } from "../../kernel/elf/source.js";
import { elfMachineName, machineOf } from "../../kernel/user/machine.js";

/** A name without a slash is looked for in the dynamic linker's folders; a file of that name here is what a user means. */
export function libraryPath(name: string): string {
  const here = resolve(name);
  return existsSync(here) ? here : name;
}

/**
 * Why a shared object must not be given to the dynamic linker. It maps a file that is cut off as if it were whole, and the first
 * access behind its end kills this process (SIGBUS).
 * @returns undefined for a whole one, and where the dynamic linker's words are as good
 */
export function libraryProblem(path: string): string | undefined {
  let source: ByteSource;
  try {
    source = openFileSource(path);
  } catch (error) {
    return error instanceof ElfError ? error.message : undefined;
  }
  try {
    return problemOf(new ElfFile(source), source.size);
  } catch (error) {
    if (error instanceof ElfError) return error.message;
    throw error;
  } finally {
    source.close();
  }
}

function problemOf({ header, segments }: ElfFile, size: number): string | undefined {
  const own = machineOf();
  if (own !== undefined && header.machine !== own.elfMachine)
    return `it is for ${elfMachineName(header.machine)}, and this machine is ${own.name}`;
  const { offset, entrySize, count } = header.sections;
  const whole = Math.max(offset + entrySize * count, ...segments.map((segment) => segment.fileOffset + segment.fileSize));
  return whole > size ? `it is cut off: ${size} of ${whole} bytes` : undefined;
}
