/**
 * Counting in the kernel: which programs make how many system calls, and how long these take. Nothing is sent for each call: the
 * kernel gathers, and every interval the whole is read and reset in one consistent step. Histograms are shown at the end.
 */
import { comm, count, every, hist, opt, options, pid, print, stash, tid, tracepoint } from "tsprobe";

const opts = options({
  pid: opt.u32({ flag: "-P, --process <pid>", help: "only this process" }),
  least: opt.u32({ flag: "--least <ms>", help: "show calls that took this long by themselves", default: 100 }),
});

const calls = count().by({ comm: "comm", pid: "u32" });
const latency = hist({ unit: "us" }).by("comm");
const inFlight = stash({ key: "u32", value: { call: "s64" } });

tracepoint("raw_syscalls:sys_enter", (ctx) => {
  const wanted = opts.pid;
  if (wanted !== undefined && pid() !== wanted) return;
  calls.add({ comm: comm(), pid: pid() });
  inFlight.put(tid(), { call: ctx.id });
});

export const slow = tracepoint("raw_syscalls:sys_exit", () => {
  const done = inFlight.take(tid());
  if (done === undefined) return;
  latency.add(comm(), done.ns / 1000n);
  if (done.ns >= BigInt(opts.least) * 1_000_000n) return { tid: tid(), comm: comm(), call: done.call, ms: done.ns / 1_000_000n };
});

every("1s", () => print(calls, { reset: true, top: 10 }));
