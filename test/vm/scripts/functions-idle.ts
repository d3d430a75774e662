import { fentry, kprobe, kretprobe, rawTracepoint } from "tsprobe";

export const entered = fentry("tcp_connect", () => ({ at: 1 }));
export const probed = kprobe("tcp_connect", () => ({ at: 2 }));
export const returned = kretprobe("tcp_connect", () => ({ at: 3 }));
export const several = kprobe("tcp_v4_conn*", () => ({ at: 4 }));
export const raw = rawTracepoint("inet_sock_set_state", () => ({ at: 5 }));
