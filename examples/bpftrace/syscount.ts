/** bpftrace's first one-liner: system calls by process, counted in the kernel, shown at the end. */
import { comm, count, tracepoint } from "tsprobe";

export const calls = count().by("comm");
tracepoint("raw_syscalls:sys_enter", () => calls.add(comm()));
