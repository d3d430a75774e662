import { writeSync } from "node:fs";
import { arch } from "node:process";
import { EINTR, errnoName } from "./ffi/errno.js";
import { libc } from "./ffi/libc.js";

const EPOLL_CLOEXEC = 0o2000000;
const EFD_CLOEXEC_NONBLOCK = 0o2004000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;

/** struct epoll_event is packed on x86 only: the data follows the u32 events at byte 4, elsewhere at 8. */
const EVENT_DATA = arch === "x64" || arch === "ia32" ? 4 : 8;
const EVENT_BYTES = EVENT_DATA + 8;

/**
 * Sleeps until a file descriptor is readable, without a timer: epoll_wait(2) on a thread of libuv's pool (one of its four
 * for as long as it sleeps). While it sleeps the process stays alive, as with a listening socket; `wake` ends it at once.
 */
export class Waiter {
  readonly #epoll: number;
  readonly #wakeUp: number;
  readonly #result = Buffer.alloc(EVENT_BYTES);
  #sleeping: Promise<void> | undefined;
  #closed = false;
  // exit(3) waits for the pool's threads: one asleep in epoll_wait would hold the process for ever.
  readonly #onExit = () => this.wake();

  /** @param fds descriptors to wait for: they must stay open until `close` */
  constructor(fds: readonly number[]) {
    this.#epoll = libc.epollCreate(EPOLL_CLOEXEC);
    this.#wakeUp = libc.eventfd(0, EFD_CLOEXEC_NONBLOCK);
    for (const fd of [...fds, this.#wakeUp]) {
      const event = Buffer.alloc(EVENT_BYTES);
      event.writeUInt32LE(EPOLLIN, 0);
      event.writeUInt32LE(fd, EVENT_DATA);
      const { value, errno } = libc.epollCtl.withErrno(this.#epoll, EPOLL_CTL_ADD, fd, event);
      if (value === 0) continue;
      this.#closeDescriptors();
      throw new Error(`cannot wait for events of the kernel (${errnoName(errno)})`);
    }
    process.on("exit", this.#onExit);
  }

  /** Resolves when a descriptor is readable or after `wake`: look which by reading. One wait at a time. */
  wait(): Promise<void> {
    this.#sleeping ??= this.#sleep().finally(() => {
      this.#sleeping = undefined;
    });
    return this.#sleeping;
  }

  async #sleep(): Promise<void> {
    for (;;) {
      const { value, errno } = await libc.epollWait.inThread(this.#epoll, this.#result, 1, -1);
      if (value > 0) return;
      // A stopped and continued process gets EINTR without any signal handler (signal(7)).
      if (value < 0 && errno !== EINTR) throw new Error(`waiting for events of the kernel failed (${errnoName(errno)})`);
    }
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
