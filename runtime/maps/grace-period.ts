import { libc, SYSCALLS } from "../ffi/libc.js";

/** MEMBARRIER_CMD_GLOBAL (include/uapi/linux/membarrier.h): synchronize_rcu(), so every program that was running has ended. */
const MEMBARRIER_GLOBAL = 1n;
/** Where the kernel refuses it (CPUs with nohz_full): programs run for microseconds. */
const SURELY_OVER_MS = 200;

/** Waits for programs in flight, without holding up the event loop: some 10 ms, once for all who ask in one turn. */
export class GracePeriod {
  #next: Promise<void> | undefined;

  /** Settles when every program that runs now has ended. */
  pass(): Promise<void> {
    // Those who ask before it begins share it; later ones need another.
    this.#next ??= Promise.resolve().then(() => {
      this.#next = undefined;
      return wait();
    });
    return this.#next;
  }
}

async function wait(): Promise<void> {
  const { value } = await libc.membarrier.inThread(SYSCALLS.membarrier, MEMBARRIER_GLOBAL, 0n, 0n);
  if (value < 0n) await new Promise((resolve) => setTimeout(resolve, SURELY_OVER_MS));
}
