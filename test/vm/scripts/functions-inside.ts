import { kprobe } from "tsprobe";

export const inside = kprobe({ function: "tcp_connect", offset: 1 }, ({ rip }) => ({ rip }));
