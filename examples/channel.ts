/**
 * One stream fed by two probes: the beginning and the end of programs.
 * A channel declares the width of each field; a handler may emit to it as often as it likes.
 */
import { comm, event, ktimeNs, pid, tid, tracepoint } from "tsprobe";

export const lives = event({ pid: "u32", comm: "comm", began: "bool", at: "u64" });

tracepoint("sched:sched_process_exec", () => {
  lives.emit({ pid: pid(), comm: comm(), began: true, at: ktimeNs() });
});

tracepoint("sched:sched_process_exit", () => {
  if (pid() !== tid()) return; // a thread that ends is not the end of its program
  lives.emit({ pid: pid(), comm: comm(), began: false, at: ktimeNs() });
});

const beganAt = new Map<number, bigint>();

lives.on(({ pid, comm, began, at }) => {
  if (began) beganAt.set(pid, at);
  else {
    const since = beganAt.get(pid);
    beganAt.delete(pid);
    const ran = since === undefined ? "before this script" : `${Number(at - since) / 1e6} ms ago`;
    console.log(`${comm} (${pid}) has ended; it began ${ran}`);
  }
});
