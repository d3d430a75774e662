/**
 * Stacks: where threads go to sleep, and how often at each place. A stack is a value like another, here the key of an aggregation;
 * its functions get their names in Node, so that the kernel has little to do.
 * Try it with a command of yours: tsprobe run examples/stacks.ts -c 'sleep 1'
 */
import { count, kstack, tracepoint } from "tsprobe";

const TASK_RUNNING = 0n;

const places = count().by("kstack");

export const sleeps = tracepoint("sched:sched_switch", (ctx) => {
  if (ctx.prev_state !== TASK_RUNNING) places.add(kstack());
});
