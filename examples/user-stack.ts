/**
 * Who opens files: the functions of the program itself that led to the system call. The kernel follows frame pointers, so the
 * program must have been compiled with them (-fno-omit-frame-pointer; Node: --perf-basic-prof names its JavaScript).
 */
import { comm, pid, table, tracepoint, ustack } from "tsprobe";

export const opens = tracepoint("syscalls:sys_enter_openat", () => ({ pid: pid(), comm: comm(), stack: ustack(16) }));

table(opens, ["pid", "comm", "stack"]);
