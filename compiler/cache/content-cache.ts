import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileProblem } from "./directory.js";
import { decodeEntry, encodeEntry, entryDigest } from "./entry.js";
import { makeDirectories } from "./make-directories.js";

export type Log = (message: string) => void;

export interface ContentCacheOptions {
  /** The cache directory. */
  readonly directory: string;
  /** What is kept, as a folder's name: "objects". */
  readonly kind: string;
  /** Told about entries that are damaged or cannot be written: for -v. */
  readonly log?: Log;
  readonly maxEntries?: number;
  readonly maxBytes?: number;
}

/** A used entry's time is renewed at most this often: pruning goes by age, and a write per read would cost more than it tells. */
const TOUCH_MS = 3_600_000;

/** Temporary files older than this were left by a run that was killed. */
const ABANDONED_MS = 3_600_000;

/** Prune to this share of the limits, so that not every further write prunes again. */
const PRUNE_TO = 0.9;

/**
 * Bytes kept under a key, in one folder of the cache directory. Keys hold everything the bytes depend on, so an entry never gets
 * stale; the folder's size is bounded. Never throws: a cache that fails is a cache that misses.
 */
export class ContentCache {
  readonly #folder: string;
  readonly #log: Log;
  readonly #maxEntries: number;
  readonly #maxBytes: number;

  constructor(options: ContentCacheOptions) {
    this.#folder = join(options.directory, options.kind);
    this.#log = options.log ?? (() => {});
    this.#maxEntries = options.maxEntries ?? 500;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
  }

  /** What was written under this key; undefined when nothing was or what is there is not to be trusted (said, and removed). */
  read(key: string): Uint8Array | undefined {
    const digest = entryDigest(key);
    const path = this.#pathOf(digest);
    let file: number;
    try {
      // NOFOLLOW, NONBLOCK: neither a planted link nor a named pipe may lead us elsewhere or hold us up.
      file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "ENOTDIR") this.#discard(path, `cannot be opened (${code})`);
      return undefined;
    }
    try {
      const problem = fileProblem(fstatSync(file));
      if (problem !== undefined) return this.#discard(path, problem);
      const decoded = decodeEntry(digest, readFileSync(file));
      if ("problem" in decoded) return this.#discard(path, decoded.problem);
      this.#touch(path, file);
      return decoded.payload;
    } catch (error) {
      return this.#discard(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
    } finally {
      closeSync(file);
    }
  }

  /** Keeps bytes. Whole or not at all: readers see the old file or the new one (rename). */
  write(key: string, payload: Uint8Array): void {
    const digest = entryDigest(key);
    const path = this.#pathOf(digest);
    const temporary = join(this.#folder, `.${randomBytes(8).toString("hex")}.tmp`);
    try {
      makeDirectories(this.#folder);
      writeFileSync(temporary, encodeEntry(digest, payload), { flag: "wx", mode: 0o600 });
      renameSync(temporary, path);
    } catch (error) {
      this.#log(`cache: ${path} cannot be written (${(error as NodeJS.ErrnoException).code})`);
      try {
        rmSync(temporary, { force: true });
      } catch {
        // Not there, or nothing can be changed here at all.
      }
      return;
    }
    this.#prune();
  }

  #pathOf(digest: Buffer): string {
    return join(this.#folder, digest.toString("hex"));
  }

  #discard(path: string, problem: string): undefined {
    this.#log(`cache: ${path} ${problem}; it is made anew`);
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Then the rename in write() replaces it, or fails and says so.
    }
    return undefined;
  }

  #touch(path: string, file: number): void {
    const now = Date.now();
    if (now - fstatSync(file).mtimeMs < TOUCH_MS) return;
    try {
      utimesSync(path, now / 1000, now / 1000);
    } catch {
      // Only the order of pruning suffers.
    }
  }

  /** Removes the longest unused entries when there are too many. Two runs may do it at once: a file that is gone is no error. */
  #prune(): void {
    const entries: { path: string; size: number; mtimeMs: number }[] = [];
    try {
      for (const name of readdirSync(this.#folder)) {
        const path = join(this.#folder, name);
        const found = statSync(path, { throwIfNoEntry: false });
        if (found === undefined) continue;
        if (name.endsWith(".tmp")) {
          if (Date.now() - found.mtimeMs > ABANDONED_MS) rmSync(path, { force: true });
        } else entries.push({ path, size: found.size, mtimeMs: found.mtimeMs });
      }
      let bytes = entries.reduce((sum, entry) => sum + entry.size, 0);
      let count = entries.length;
      if (count <= this.#maxEntries && bytes <= this.#maxBytes) return;
      for (const entry of entries.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
        if (count <= this.#maxEntries * PRUNE_TO && bytes <= this.#maxBytes * PRUNE_TO) break;
        rmSync(entry.path, { recursive: true, force: true });
        bytes -= entry.size;
        count--;
      }
    } catch (error) {
      this.#log(`cache: ${this.#folder} cannot be pruned (${(error as NodeJS.ErrnoException).code})`);
    }
  }
}
