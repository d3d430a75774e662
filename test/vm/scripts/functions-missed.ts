import { comm, kretprobe } from "tsprobe";

export const woken = kretprobe("hrtimer_nanosleep", () => (comm() === "sleep" ? { woken: 1 } : undefined));
