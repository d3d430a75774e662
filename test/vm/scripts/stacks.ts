import { comm, count, kstack, ksym, profile, tracepoint, ustack } from "tsprobe";

const places = count().by("kstack");

tracepoint("sched:sched_switch", () => places.add(kstack(4)));
profile(19, () => places.add(kstack()));
export const asleep = tracepoint("sched:sched_switch", (ctx) => {
  if (comm() !== "sleep" || ctx.prev_state === 0n) return;
  return { stack: kstack(), user: ustack(), self: ksym(0xffffffff81000000n) };
});
