import { NativeLibrary } from "./library.js";

const host = NativeLibrary.open("");

/**
 * The C library functions the runtime calls, from the current process. Sizes are in bytes.
 * Each follows its man page: -1 (mmap: all bits set) means failed, with the reason in errno.
 */
export const libc = {
  mmap: host.bind("mmap", { parameters: ["pointer", "u64", "i32", "i32", "i32", "i64"], result: "pointer" }),
  munmap: host.bind("munmap", { parameters: ["pointer", "u64"], result: "i32" }),
  getpagesize: host.bind("getpagesize", { parameters: [], result: "i32" }),
  memcpyIn: host.bind("memcpy", { parameters: ["pointer", "buffer", "u64"], result: "pointer" }),
  memcpyOut: host.bind("memcpy", { parameters: ["buffer", "pointer", "u64"], result: "pointer" }),
  /** memcpy(3) called with no bytes to copy: returns its first argument's address. */
  memcpyAddress: host.bind("memcpy", { parameters: ["buffer", "buffer", "u64"], result: "pointer" }),
  strlen: host.bind("strlen", { parameters: ["pointer"], result: "u64" }),
  dup: host.bind("dup", { parameters: ["i32"], result: "i32" }),
  dup2: host.bind("dup2", { parameters: ["i32", "i32"], result: "i32" }),
  socket: host.bind("socket", { parameters: ["i32", "i32", "i32"], result: "i32" }),
  sendto: host.bind("sendto", { parameters: ["i32", "buffer", "u64", "i32", "buffer", "u32"], result: "i64" }),
  close: host.bind("close", { parameters: ["i32"], result: "i32" }),
  memfdCreate: host.bind("memfd_create", { parameters: ["string", "u32"], result: "i32" }),
  eventfd: host.bind("eventfd", { parameters: ["u32", "i32"], result: "i32" }),
  epollCreate: host.bind("epoll_create1", { parameters: ["i32"], result: "i32" }),
  epollCtl: host.bind("epoll_ctl", { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" }),
  epollWait: host.bind("epoll_wait", { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" }),
  /** syscall(2) with the arguments of perf_event_open(2). */
  perfEventOpen: host.bind("syscall", { parameters: ["i64", "buffer", "i64", "i64", "i64", "u64"], result: "i64" }),
  /** syscall(2) with the arguments of membarrier(2). */
  membarrier: host.bind("syscall", { parameters: ["i64", "i64", "i64", "i64"], result: "i64" }),
  /** syscall(2) with the arguments of bpf(2). */
  bpf: host.bind("syscall", { parameters: ["i64", "i64", "buffer", "u64"], result: "i64" }),
  clockGettime: host.bind("clock_gettime", { parameters: ["i32", "buffer"], result: "i32" }),
  getrlimit: host.bind("getrlimit", { parameters: ["i32", "buffer"], result: "i32" }),
} as const;

const NUMBERS: Readonly<Record<string, { readonly perfEventOpen: bigint; readonly membarrier: bigint; readonly bpf: bigint }>> = {
  x64: { perfEventOpen: 298n, membarrier: 324n, bpf: 321n },
  // The numbers of asm-generic/unistd.h, which the younger architectures share.
  generic: { perfEventOpen: 241n, membarrier: 283n, bpf: 280n },
};

/** Numbers of the system calls above that the C library has no function for. */
export const SYSCALLS = (NUMBERS[process.arch] ?? NUMBERS.generic) as (typeof NUMBERS)[string];
