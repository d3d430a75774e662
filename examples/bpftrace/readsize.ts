/** How much read(2) returns, as a histogram for each process: sizes of 0 and below are ends and errors, and left out. */
import { comm, hist, tracepoint } from "tsprobe";

export const sizes = hist({ unit: "bytes" }).by("comm");
tracepoint("syscalls:sys_exit_read", ({ ret }) => {
  if (ret > 0n) sizes.add(comm(), ret);
});
