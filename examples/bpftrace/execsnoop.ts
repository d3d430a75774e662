/** New programs as they start: who started what. */
import { comm, pid, ppid, table, tracepoint } from "tsprobe";

export const starts = tracepoint("sched:sched_process_exec", ({ filename }) => ({
  pid: pid(),
  ppid: ppid(),
  comm: comm(),
  filename,
}));

table(starts, ["pid", "ppid", "comm", "filename"]);
