/** Page faults by process. */
import { comm, count, perfEvent } from "tsprobe";

export const faults = count().by("comm");
perfEvent("page-faults", { period: 1 }, () => faults.add(comm()));
