import { createHash, randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { brotliDecompressSync, crc32 } from "node:zlib";
import { fileProblem } from "../../cache/directory.js";
import type { HostSetup } from "./protocol.js";
import { type WasmModule, wasm } from "./webassembly.js";

/**
 * An unpacked module is the module followed by: SHA-256 of the packed file it came from, CRC-32 of the module, magic. The CRC is against
 * damage; SHA-256 over 31 MB would take two to three times as long as the CRC on each run. Who may write there is checked (fileProblem).
 */
const MAGIC = Buffer.from("tsprobe\0", "latin1");
const DIGEST_BYTES = 32;
const TRAILER_BYTES = DIGEST_BYTES + 4 + MAGIC.length;

/** Unpacked modules of other versions are removed when unused for so long. */
const OBSOLETE_MS = 7 * 24 * 3_600_000;
/** The time of the one in use is renewed this often. */
const TOUCH_MS = 24 * 3_600_000;

const NAME = /^clang-bpf-[0-9a-f]{16}\.wasm$/;

/** A module being compiled by V8, on other threads. */
export interface ModuleLoad {
  readonly module: Promise<WasmModule>;
  /** Resolves when the unpacked file is kept, or cannot be. */
  readonly kept: Promise<void>;
}

function unpackedPath({ folder, sha256 }: HostSetup): string {
  return join(folder, `clang-bpf-${sha256.slice(0, 16)}.wasm`);
}

function trailerProblem(setup: HostSetup, file: Buffer): string | undefined {
  const size = file.length - TRAILER_BYTES;
  if (size < 0 || !file.subarray(file.length - MAGIC.length).equals(MAGIC)) return "is truncated or no module of tsprobe";
  if (file.toString("hex", size, size + DIGEST_BYTES) !== setup.sha256) return "belongs to another version";
  return undefined;
}

/** Starts compiling a kept module. @returns undefined when there is none, or none that can be trusted */
function loadUnpacked(setup: HostSetup, note: (text: string) => void): ModuleLoad | undefined {
  const path = unpackedPath(setup);
  let fd: number;
  try {
    // NOFOLLOW, NONBLOCK: neither a planted link nor a named pipe may lead us elsewhere or hold us up.
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : discard(path, `cannot be opened (${code})`, note);
  }
  try {
    const found = fstatSync(fd);
    const suspicion = fileProblem(found);
    const file = suspicion === undefined ? readFileSync(fd) : Buffer.alloc(0);
    const problem = suspicion ?? trailerProblem(setup, file);
    if (problem !== undefined) return discard(path, problem, note);
    const bytes = file.subarray(0, file.length - TRAILER_BYTES);
    // V8 copies the bytes and begins, on its own threads; the checksum is computed meanwhile.
    const module = wasm.compile(bytes);
    if (crc32(bytes) !== file.readUInt32LE(bytes.length + DIGEST_BYTES)) {
      module.catch(() => {});
      return discard(path, "is damaged (its checksum differs)", note);
    }
    touch(path, found.mtimeMs);
    return { module, kept: Promise.resolve() };
  } catch (error) {
    return discard(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`, note);
  } finally {
    closeSync(fd);
  }
}

function discard(path: string, problem: string, note: (text: string) => void): undefined {
  note(`${path} ${problem}; it is unpacked again`);
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Then the rename in keep() replaces it, or fails and says so.
  }
  return undefined;
}

function touch(path: string, mtimeMs: number): void {
  const now = Date.now();
  if (now - mtimeMs < TOUCH_MS) return;
  try {
    utimesSync(path, now / 1000, now / 1000);
  } catch {
    // Another version may then remove it: it is unpacked again.
  }
}

/** A write on a file system that fills up is short, and no error; the next one is. */
async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

async function keep(setup: HostSetup, bytes: Buffer, note: (text: string) => void): Promise<void> {
  const path = unpackedPath(setup);
  const temporary = join(setup.folder, `.${randomBytes(8).toString("hex")}.tmp`);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(bytes));
  try {
    // Not recursive: a cache directory that was removed meanwhile is not wanted any more.
    await mkdir(setup.folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    const file = await open(temporary, "wx", 0o600);
    try {
      for (const piece of [bytes, Buffer.from(setup.sha256, "hex"), checksum, MAGIC]) await writeWhole(file, piece);
    } finally {
      await file.close();
    }
    // Whole or not at all, also when two runs do it at once.
    await rename(temporary, path);
    removeObsolete(setup.folder, path);
  } catch (error) {
    note(`${path} cannot be written (${(error as NodeJS.ErrnoException).code})`);
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** Modules of other versions, and what a run that was killed left behind. */
function removeObsolete(folder: string, current: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (path === current || !(NAME.test(name) || name.endsWith(".tmp"))) continue;
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && Date.now() - found.mtimeMs > OBSOLETE_MS) rmSync(path, { force: true });
  }
}

function unpack(setup: HostSetup, note: (text: string) => void): ModuleLoad {
  const packed = readFileSync(setup.packed);
  if (createHash("sha256").update(packed).digest("hex") !== setup.sha256)
    throw new Error(`${setup.packed} is damaged (its checksum differs): install tsprobe again`);
  // One chunk of about the result's size (it is four times the packed one): else the chunks are put together in a second copy.
  const bytes = brotliDecompressSync(packed, { chunkSize: 4 * packed.length });
  return { module: wasm.compile(bytes), kept: keep(setup, bytes, note) };
}

/**
 * Begins to load the module: the unpacked one, else from the packed one, which is then kept unpacked for the next time.
 * @param note told what is wrong with the kept file, for -v
 * @throws Error when the packed file is damaged or not there
 */
export function loadModule(setup: HostSetup, note: (text: string) => void): ModuleLoad {
  return loadUnpacked(setup, note) ?? unpack(setup, note);
}
