import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import type { TscError } from "./messages.js";

/** Raise it when the shape of entries or the way inputs are fingerprinted changes. */
const FORMAT = 1;

/** What tsc said about a script, and everything that it read to say it. */
interface Verdict {
  readonly format: number;
  /** Fingerprint of settings, versions and generated declarations. */
  readonly settings: string;
  /** File → fingerprint. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly errors: readonly TscError[];
}

/** Errors about modules and files that are not there: something new on disk can end them, which no fingerprint of old files shows. */
const DEPENDS_ON_MISSING_FILES = new Set(["TS2306", "TS2307", "TS2688", "TS2732", "TS2792", "TS2882", "TS6053", "TS7016"]);

/** Remembers the last verdict on each script: one small file a script. */
export class VerdictCache {
  readonly #path: string;
  readonly #settings: string;

  /** @param settings everything besides files that decides the verdict */
  constructor(folder: string, entry: string, settings: unknown) {
    this.#path = join(folder, `${sha256(entry).slice(0, 32)}.json`);
    this.#settings = sha256(JSON.stringify(settings));
  }

  /** The errors found last time, if nothing has changed since. Damaged entries count as none. */
  async read(): Promise<readonly TscError[] | undefined> {
    const verdict = await this.#load();
    if (verdict?.format !== FORMAT || verdict.settings !== this.#settings) return undefined;
    const same = await Promise.all(
      Object.entries(verdict.inputs).map(async ([path, print]) => (await fingerprint(path)) === print),
    );
    return same.every(Boolean) ? verdict.errors : undefined;
  }

  /**
   * Keeps a verdict, unless a file may have changed while tsc ran. Failure to write is no failure of the check.
   * @param started when tsc was started, milliseconds since the epoch
   */
  async write(errors: readonly TscError[], files: readonly string[], started: number): Promise<void> {
    if (errors.some(({ code }) => DEPENDS_ON_MISSING_FILES.has(code))) return;
    const prints = await Promise.all(files.map(async (path) => [path, await fingerprint(path, started)] as const));
    if (prints.some(([, print]) => print === undefined)) return;
    const verdict = { format: FORMAT, settings: this.#settings, inputs: Object.fromEntries(prints), errors };
    const body = JSON.stringify(verdict);
    const temporary = `${this.#path}.${process.pid}.${randomBytes(4).toString("hex")}`;
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await writeFile(temporary, `${sha256(body)}\n${body}`, { mode: 0o600 });
      await rename(temporary, this.#path);
    } catch {
      await rm(temporary, { force: true }).catch(() => {});
    }
  }

  async #load(): Promise<Verdict | undefined> {
    const text = await readFile(this.#path, "utf8").catch(() => "");
    const lineEnd = text.indexOf("\n");
    const body = text.slice(lineEnd + 1);
    return lineEnd !== -1 && text.slice(0, lineEnd) === sha256(body) ? (JSON.parse(body) as Verdict) : undefined;
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
