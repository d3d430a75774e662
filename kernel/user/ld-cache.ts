/** A library that the dynamic linker knows: its name (SONAME) and file. */
export interface CachedLibrary {
  readonly name: string;
  readonly path: string;
  /** FLAG_… of glibc's sysdeps/generic/ldconfig.h: for which ABI. */
  readonly flags: number;
  /** For processors with certain abilities only (a glibc-hwcaps directory). */
  readonly isSpecial: boolean;
}

const NEW_MAGIC = "glibc-ld.so.cache1.1";
const OLD_MAGIC = "ld.so-1.7.0\0";
const HEADER = 48;
const ENTRY = 24;
const OLD_HEADER = 16;
const OLD_ENTRY = 12;

/**
 * The entries of an ld.so.cache (glibc's sysdeps/generic/dl-cache.h), in its order. The old format is only skipped: files in it
 * alone are older than glibc 2.2. What is cut off or not understood gives no entries.
 */
export function parseLdCache(bytes: Buffer): readonly CachedLibrary[] {
  const start = findNewFormat(bytes);
  if (start === undefined || bytes.length < start + HEADER) return [];
  const count = bytes.readUInt32LE(start + 20);
  const libraries: CachedLibrary[] = [];
  for (let i = 0; i < count; i++) {
    const at = start + HEADER + i * ENTRY;
    if (at + ENTRY > bytes.length) break;
    const name = textAt(bytes, start + bytes.readUInt32LE(at + 4));
    const path = textAt(bytes, start + bytes.readUInt32LE(at + 8));
    const isSpecial = bytes.readBigUInt64LE(at + 16) !== 0n;
    if (name !== "" && path !== "") libraries.push({ name, path, flags: bytes.readUInt32LE(at), isSpecial });
  }
  return libraries;
}

function findNewFormat(bytes: Buffer): number | undefined {
  const startsWith = (text: string, at: number) => bytes.toString("latin1", at, at + text.length) === text;
  if (startsWith(NEW_MAGIC, 0)) return 0;
  if (!startsWith(OLD_MAGIC, 0) || bytes.length < OLD_HEADER) return undefined;
  const at = Math.ceil((OLD_HEADER + bytes.readUInt32LE(12) * OLD_ENTRY) / 8) * 8;
  return startsWith(NEW_MAGIC, at) ? at : undefined;
}

function textAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return end === -1 ? "" : bytes.toString("utf8", at, end);
}
