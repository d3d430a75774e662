import { writeSync } from "node:fs";
import { arch } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { EINTR, errnoName } from "./ffi/errno.js";
import { libc } from "./ffi/libc.js";
import type { WithErrno } from "./ffi/library.js";

const EPOLL_CLOEXEC = 0o2000000;
const EFD_CLOEXEC_NONBLOCK = 0o2004000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;

/** struct epoll_event is packed on x86 only: the data follows the u32 events at byte 4, elsewhere at 8. */
const EVENT_DATA = arch === "x64" || arch === "ia32" ? 4 : 8;
const EVENT_BYTES = EVENT_DATA + 8;

/** How often it is looked where no thread can be slept on, in milliseconds. */
const LOOK_EVERY = 20;

/**
 * Whether libuv's pool has a single thread (its own reading of the variable, src/threadpool.c). It was started before any code of
 * ours ran, so it cannot be made larger; asleep on that thread, nothing else that needs it would ever be done.
 */
function poolHasOneThread(): boolean {
  const size = process.env.UV_THREADPOOL_SIZE;
  return size !== undefined && [0, 1].includes(Number.parseInt(size, 10) || 0);
}

/** The writing end of a pipe, of which the reader may leave. */
export interface WatchedPipe {
  /** Must stay open until the waiter is closed. */
  readonly fd: number;
  /** Nobody reads it any more (EPOLLERR of epoll_ctl(2)). Called once. */
  readonly onClosed: () => void;
}

/**
 * Sleeps until a file descriptor is readable, without a timer: epoll_wait(2) on a thread of libuv's pool (one of its four
 * for as long as it sleeps; a pool of one is left alone, and a timer looks). While it sleeps the process stays alive, as with a listening socket; `wake` ends it at once.
 */
export class Waiter {
  readonly #epoll: number;
  readonly #wakeUp: number;
  readonly #pipe: WatchedPipe | undefined;
  readonly #polls = poolHasOneThread();
  readonly #result = Buffer.alloc(EVENT_BYTES);
  #sleeping: Promise<void> | undefined;
  #closed = false;
  // exit(3) waits for the pool's threads: one asleep in epoll_wait would hold the process for ever.
  readonly #onExit = () => this.wake();

  /**
   * @param fds descriptors to wait for: they must stay open until `close`
   * @param pipe asleep, it also notices when nobody reads this one any more, which a program that has nothing to write would not
   */
  constructor(fds: readonly number[], pipe?: WatchedPipe) {
    this.#pipe = pipe;
    this.#epoll = libc.epollCreate(EPOLL_CLOEXEC);
    this.#wakeUp = libc.eventfd(0, EFD_CLOEXEC_NONBLOCK);
    const wanted = [...fds, this.#wakeUp].map((fd) => ({ fd, events: EPOLLIN }));
    // Without any event asked for, epoll still tells of errors and hang-ups.
    if (pipe !== undefined) wanted.push({ fd: pipe.fd, events: 0 });
    for (const { fd, events } of wanted) {
      const event = Buffer.alloc(EVENT_BYTES);
      event.writeUInt32LE(events, 0);
      event.writeUInt32LE(fd, EVENT_DATA);
      const { value, errno } = libc.epollCtl.withErrno(this.#epoll, EPOLL_CTL_ADD, fd, event);
      if (value === 0) continue;
      this.#closeDescriptors();
      throw new Error(`cannot wait for events of the kernel (${errnoName(errno)})`);
    }
    process.on("exit", this.#onExit);
  }

  /** Resolves when a descriptor is readable, the pipe has lost its reader, or after `wake`: look which by reading. One wait at a time. */
  wait(): Promise<void> {
    this.#sleeping ??= this.#sleep().finally(() => {
      this.#sleeping = undefined;
    });
    return this.#sleeping;
  }

  async #sleep(): Promise<void> {
    for (;;) {
      const { value, errno } = await this.#waitOnce();
      if (value > 0) return this.#lookAtPipe(this.#result.readInt32LE(EVENT_DATA));
      // A stopped and continued process gets EINTR without any signal handler (signal(7)).
      if (value < 0 && errno !== EINTR) throw new Error(`waiting for events of the kernel failed (${errnoName(errno)})`);
    }
  }

  async #waitOnce(): Promise<WithErrno<number>> {
    if (!this.#polls) return libc.epollWait.inThread(this.#epoll, this.#result, 1, -1);
    for (;;) {
      const seen = libc.epollWait.withErrno(this.#epoll, this.#result, 1, 0);
      if (seen.value !== 0) return seen;
      await sleep(LOOK_EVERY);
    }
  }

  #lookAtPipe(fd: number): void {
    if (this.#closed || this.#pipe?.fd !== fd) return;
    // It would go on to tell, and every wait would return at once.
    libc.epollCtl(this.#epoll, EPOLL_CTL_DEL, fd, this.#result);
    this.#pipe.onClosed();
  }

  /** Ends the present wait and makes all later ones return at once. */
  wake(): void {
    if (this.#closed) return;
    const one = Buffer.alloc(8);
    one.writeBigUInt64LE(1n);
    writeSync(this.#wakeUp, one);
  }

  /** Wakes, waits for the thread to come back, and closes its descriptors. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.wake();
    this.#closed = true;
    await this.#sleeping?.catch(() => {});
    process.off("exit", this.#onExit);
    this.#closeDescriptors();
  }

  #closeDescriptors(): void {
    libc.close(this.#epoll);
    libc.close(this.#wakeUp);
  }
}
