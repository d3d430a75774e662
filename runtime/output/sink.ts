import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { isatty } from "node:tty";

/** Where all data lines go. Lines are written whole and in order. */
export interface Sink {
  /** Takes one line, without its line break. It is written at the next `flush`, at the latest when the event loop turns. */
  line(text: string): void;
  /** Writes what it can now. A reader that does not keep up holds it for a few milliseconds at most; the rest is tried again. */
  flush(): void;
  /**
   * Whether so much waits for a slow reader that no more should be produced. Stop draining the ring then: what does
   * not fit there is counted as lost, instead of filling this process's memory.
   */
  readonly congested: boolean;
  /** The descriptor it writes to where that is a pipe, whose reader can leave without a write that would tell. Open until `end`. */
  readonly pipe: number | undefined;
  /** Somebody has seen that the pipe's reader is gone: as if a write had. */
  readerGone(): void;
  /** Resolves once all is written, or the reader is gone. */
  end(): Promise<void>;
}

export interface SinkOptions {
  /** File descriptor, 1 for standard output. */
  readonly fd: number;
  /** The reader has gone (EPIPE, or a terminal hung up). Called once; all later lines are dropped. */
  readonly onClosed: () => void;
  /** Writing failed otherwise (disk full …). Called once; all later lines are dropped. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
}

const FLUSH_AT_BYTES = 64 * 1024;
const CONGESTED_AT_BYTES = 1024 * 1024;
/** How long a flush waits for a reader that is a moment behind, before it leaves the rest to the timer. */
const WAIT_MS = 4;
const RETRY_MS = 10;

const clock = new Int32Array(new SharedArrayBuffer(4));

/**
 * A second, non-blocking description of a pipe or terminal, so that a stalled reader (`| less`, Ctrl-S) can never hold up
 * the event loop and with it Ctrl-C. Setting O_NONBLOCK on the given one would change it for all who share it, such as the shell.
 * Files never stall, and opened again would lose their offset; sockets cannot be opened: these stay as they are.
 */
function openNonBlocking(fd: number): number {
  if (!isatty(fd) && !fstatSync(fd).isFIFO()) return fd;
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return fd; // another user's pipe (under sudo -u), or the reader is gone already, which the first write will tell
  }
}

/** Makes a sink on a file descriptor. What `flush` has returned for survives the death of this process. */
export function createSink({ fd, onClosed, onError }: SinkOptions): Sink {
  const out = openNonBlocking(fd);
  const pipe = fstatSync(out).isFIFO() ? out : undefined;
  let lines: string[] = [];
  let linesLength = 0;
  let rest = Buffer.alloc(0);
  let broken = false;
  let turn: NodeJS.Immediate | undefined;
  let retry: NodeJS.Timeout | undefined;
  let waiting: (() => void)[] = [];

  function breakOff(): void {
    broken = true;
    rest = Buffer.alloc(0);
  }

  function fail(error: NodeJS.ErrnoException): void {
    breakOff();
    if (error.code === "EPIPE" || (error.code === "EIO" && isatty(fd))) onClosed();
    else onError(error);
  }

  /** Writes `rest`; false if the reader does not take all of it. */
  function writeRest(): boolean {
    const deadline = performance.now() + WAIT_MS;
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(out, rest));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EINTR") continue;
        if (code !== "EAGAIN") {
          fail(error as NodeJS.ErrnoException);
          return true;
        }
        if (performance.now() >= deadline) return false;
        Atomics.wait(clock, 0, 0, 1);
      }
    }
    return true;
  }

  function flush(): void {
    if (turn !== undefined) clearImmediate(turn);
    turn = undefined;
    if (lines.length > 0 && !broken) {
      lines.push("");
      const fresh = Buffer.from(lines.join("\n"));
      rest = rest.length === 0 ? fresh : Buffer.concat([rest, fresh]);
    }
    lines = [];
    linesLength = 0;
    if (writeRest()) {
      const done = waiting;
      waiting = [];
      for (const resolve of done) resolve();
    } else if (retry === undefined) {
      retry = setTimeout(() => {
        retry = undefined;
        flush();
      }, RETRY_MS);
    }
  }

  return {
    line(text) {
      if (broken) return;
      lines.push(text);
      linesLength += text.length + 1;
      if (linesLength >= FLUSH_AT_BYTES) flush();
      else turn ??= setImmediate(flush);
    },
    flush,
    get congested() {
      return rest.length >= CONGESTED_AT_BYTES;
    },
    pipe,
    readerGone() {
      if (broken) return;
      breakOff();
      onClosed();
    },
    async end() {
      flush();
      if (rest.length > 0) await new Promise<void>((resolve) => waiting.push(resolve));
      if (out !== fd && !broken) closeSync(out);
      broken = true;
    },
  };
}
