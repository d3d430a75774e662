/** Which CPUs are busy: samples of running processes by CPU. */
import { cpu, linearHist, pid, profile } from "tsprobe";

export const busy = linearHist({ min: 0, max: 64, step: 1, unit: "cpu" });
profile(99, () => {
  if (pid() !== 0) busy.add(cpu());
});
