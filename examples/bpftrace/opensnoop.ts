/** Which files are opened, by whom, and how that ends. The path is read when the call returns: its memory is surely there then. */
import { comm, lruHash, pid, table, tid, tracepoint, userStr } from "tsprobe";
import { errnoName } from "tsprobe/kernel";

const paths = lruHash({ key: "u32", value: "ptr" });

tracepoint("syscalls:sys_enter_openat", ({ filename }) => paths.set(tid(), filename));

export const opens = tracepoint("syscalls:sys_exit_openat", ({ ret }) => {
  const path = paths.get(tid());
  if (path === undefined) return;
  paths.delete(tid());
  return { pid: pid(), comm: comm(), fd: ret, error: errnoName(ret < 0n ? Number(-ret) : 0), path: userStr(path, 256) };
});

table(opens, [
  "pid",
  "comm",
  { FD: (e) => (e.fd < 0n ? -1 : Number(e.fd)) },
  { ERROR: (e) => (e.fd < 0n ? e.error : "") },
  { PATH: (e) => e.path ?? "(not readable)" },
]);
