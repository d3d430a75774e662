import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { AddressTable, type NamedRange } from "./address-table.js";

/** Whose file it must be: anyone can write to /tmp. */
export interface PerfMapOwner {
  readonly uid: number;
  /** Milliseconds since 1970 when the process began: an older file is of another one with the same number. */
  readonly startedAtMs: number;
}

/** A process's clock and the file system's differ by up to a tick. */
const CLOCK_SLACK_MS = 1_000;

/**
 * Names of code that a process made while it ran: "START SIZE name" a line, in hexadecimal (tools/perf/Documentation/jit-interface.txt
 * of the kernel). Node writes one with --perf-basic-prof. It grows: what was added is read when an address is not found.
 */
export class PerfMap {
  readonly #path: string;
  readonly #owner: PerfMapOwner;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #names: string[] = [];
  #read = 0;
  #table: AddressTable | undefined;

  constructor(path: string, owner: PerfMapOwner) {
    this.#path = path;
    this.#owner = owner;
  }

  /** The newest code at an address: memory of old code is used again. */
  find(address: number): NamedRange | undefined {
    if (this.#readMore() || this.#table === undefined)
      this.#table = new AddressTable(
        Float64Array.from(this.#starts),
        Float64Array.from(this.#ends),
        (index) => this.#names[index] as string,
        { newestWins: true },
      );
    return this.#table.find(address);
  }

  /** Reads the lines that are new; whether there were any. */
  #readMore(): boolean {
    let fd: number;
    try {
      fd = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    } catch {
      return false;
    }
    try {
      const stat = fstatSync(fd);
      const isTheirs = stat.uid === this.#owner.uid || stat.uid === 0;
      const isOld = stat.mtimeMs < this.#owner.startedAtMs - CLOCK_SLACK_MS;
      if (!stat.isFile() || !isTheirs || isOld || stat.size <= this.#read) return false;
      const bytes = Buffer.alloc(stat.size - this.#read);
      const count = readSync(fd, bytes, 0, bytes.length, this.#read);
      const end = bytes.subarray(0, count).lastIndexOf(10) + 1;
      this.#read += end;
      this.#parse(bytes.toString("utf8", 0, end));
      return end > 0;
    } catch {
      return false;
    } finally {
      closeSync(fd);
    }
  }

  #parse(text: string): void {
    for (const [, start = "", size = "", name = ""] of text.matchAll(/^(?:0x)?([0-9a-f]+) (?:0x)?([0-9a-f]+) (.+)$/gim)) {
      const at = Number.parseInt(start, 16);
      this.#starts.push(at);
      this.#ends.push(at + Number.parseInt(size, 16));
      this.#names.push(name);
    }
  }
}
