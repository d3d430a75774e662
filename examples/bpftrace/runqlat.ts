/** How long threads that could run wait for a CPU: from their wake-up until they are switched to. */
import { hist, ktimeNs, lruHash, tracepoint } from "tsprobe";

const TASK_RUNNING = 0n;

export const waits = hist({ unit: "us" });
const since = lruHash({ key: "u32", value: "u64" });

tracepoint("sched:sched_wakeup", (ctx) => since.set(ctx.pid, ktimeNs()));
tracepoint("sched:sched_wakeup_new", (ctx) => since.set(ctx.pid, ktimeNs()));
tracepoint("sched:sched_switch", (ctx) => {
  // Taken off the CPU though it could go on: it waits again.
  if (ctx.prev_state === TASK_RUNNING) since.set(ctx.prev_pid, ktimeNs());
  const start = since.get(ctx.next_pid);
  if (start === undefined) return;
  since.delete(ctx.next_pid);
  waits.add((ktimeNs() - start) / 1000n);
});
