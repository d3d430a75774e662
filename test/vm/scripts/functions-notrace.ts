import { fentry } from "tsprobe";

export const untraced = fentry("sched_clock", () => ({ yes: 1 }));
