/** Where the kernel spends its time: its stacks, sampled 99 times a second on each CPU, the most frequent last. */
import { count, kstack, onExit, pid, profile } from "tsprobe";

const stacks = count().by({ stack: "kstack" });
profile(99, () => {
  if (pid() !== 0) stacks.add({ stack: kstack() });
});

onExit(async () => {
  for (const [{ stack }, times] of (await stacks.read()).topN(5).reverse()) console.log(`${stack}\n  ${times}\n`);
});
