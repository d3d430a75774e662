/** The clock and the current task as handlers see them when they run in Node: set by `tsprobe/test`. */
export interface FakeTask {
  /** Process id (tgid). */
  pid: number;
  /** Thread id. */
  tid: number;
  /** Name of the thread, at most 15 characters. */
  comm: string;
  /** Monotonic nanoseconds. */
  ktimeNs: bigint;
}

/** One task for all: handlers run in Node only in tests, one at a time. */
export const fakeTask: FakeTask = { pid: 1, tid: 1, comm: "test", ktimeNs: 0n };
