import { kprobe } from "tsprobe";

export const closed = kprobe("get_kprobe", () => ({ yes: 1 }));
