import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { sep } from "node:path";
import { ContentCache } from "../cache/content-cache.js";
import type { TscError } from "./messages.js";

/** Raise it when the shape of verdicts or the way inputs are fingerprinted changes. */
const FORMAT = 2;

/** What tsc said about a script, and everything that it read to say it. */
interface Verdict {
  /** File → fingerprint. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly errors: readonly TscError[];
}

/** Errors about modules and files that are not there: something new on disk can end them, which no fingerprint of old files shows. */
const DEPENDS_ON_MISSING_FILES = new Set(["TS2306", "TS2307", "TS2688", "TS2732", "TS2792", "TS2882", "TS6053", "TS7016"]);

/**
 * Remembers the last verdict on each script. Which files tsc reads is known only after it has run, so they cannot be part of the key:
 * a verdict says of which files it is one, and counts only while they are the same.
 */
export class VerdictCache {
  readonly #cache: ContentCache;
  readonly #key: string;

  /** @param settings everything besides files that decides the verdict */
  constructor(directory: string, kind: string, entry: string, settings: unknown) {
    this.#cache = new ContentCache({ directory, kind });
    this.#key = JSON.stringify([FORMAT, entry, settings]);
  }

  /** The errors found last time, if nothing has changed since. */
  async read(): Promise<readonly TscError[] | undefined> {
    const kept = this.#cache.read(this.#key);
    if (kept === undefined) return undefined;
    const { inputs, errors } = JSON.parse(Buffer.from(kept).toString("utf8")) as Verdict;
    const same = await Promise.all(Object.entries(inputs).map(async ([path, print]) => (await fingerprint(path)) === print));
    return same.every(Boolean) ? errors : undefined;
  }

  /**
   * Keeps a verdict, unless a file may have changed while tsc ran.
   * @param started when tsc was started, milliseconds since the epoch
   */
  async write(errors: readonly TscError[], files: readonly string[], started: number): Promise<void> {
    if (errors.some(({ code }) => DEPENDS_ON_MISSING_FILES.has(code))) return;
    const prints = await Promise.all(files.map(async (path) => [path, await fingerprint(path, started)] as const));
    if (prints.some(([, print]) => print === undefined)) return;
    this.#cache.write(this.#key, Buffer.from(JSON.stringify({ inputs: Object.fromEntries(prints), errors })));
  }
}

/**
 * Identifies a file's content; undefined if it cannot be read or was changed at or after `notAfter`.
 * Packages hold hundreds of declaration files that change only as a whole: their size and time are enough.
 */
async function fingerprint(path: string, notAfter = Number.POSITIVE_INFINITY): Promise<string | undefined> {
  try {
    const { size, mtimeMs, ino } = await stat(path);
    if (mtimeMs >= notAfter) return undefined;
    return path.includes(`${sep}node_modules${sep}`) ? `${size} ${mtimeMs} ${ino}` : sha256(await readFile(path));
  } catch {
    return undefined;
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
