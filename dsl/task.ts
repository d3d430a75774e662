/** The machine and the current task as handlers see them when they run in Node: set by `tsprobe/test`. */
export interface FakeTask {
  /** What the probe hooks: "sock:inet_sock_set_state". */
  probeName: string;
  /** Process id (tgid). */
  pid: number;
  /** Thread id. */
  tid: number;
  /** Process id of the parent. */
  ppid: number;
  uid: number;
  gid: number;
  /** Name of the thread, at most 15 characters. */
  comm: string;
  /** Id of its cgroup. */
  cgroupId: bigint;
  /** Inode number of its network namespace. */
  netns: number;
  /** The CPU it runs on. */
  cpu: number;
  /** Whether the handler runs in an interrupt, so that this task is only the interrupted one. */
  inInterrupt: boolean;
  /** Fields of its task_struct. */
  curtask: object | undefined;
  /** What random() gives; left out: a number that nobody knows. */
  random: number | undefined;
  /** Monotonic nanoseconds. */
  ktimeNs: bigint;
  /** Nanoseconds since boot, with suspend. */
  bootNs: bigint;
  /** Nanoseconds since 1970. */
  wallNs: bigint;
  /** Names of the functions that kstack() and ustack() give, the innermost first. */
  kstack: readonly string[];
  ustack: readonly string[];
}

/** One task for all: handlers run in Node only in tests, one at a time. */
export const fakeTask: FakeTask = {
  probeName: "test:probe",
  pid: 1,
  tid: 1,
  ppid: 0,
  uid: 0,
  gid: 0,
  comm: "test",
  cgroupId: 1n,
  netns: 4_026_531_840,
  cpu: 0,
  inInterrupt: false,
  curtask: undefined,
  random: undefined,
  ktimeNs: 0n,
  bootNs: 0n,
  wallNs: 0n,
  kstack: [],
  ustack: [],
};
