import {
  fentry,
  fexit,
  firstOf,
  kprobe,
  kretprobe,
  nothing,
  type ptr,
  rawTracepoint,
  type s32,
  tracepoint,
  type u32,
  type u64,
} from "tsprobe";
import { args, rawArgs } from "tsprobe/test";
import { is, type Same } from "./assert.js";

fentry("tcp_sendmsg", ({ sk, msg, size }) => {
  is<Same<typeof sk.sk_mark, u32>>();
  is<Same<typeof msg, ptr>>();
  return { mark: sk.sk_mark, size };
}).on((e) => is<Same<typeof e.size, u64>>());
fexit("tcp_sendmsg", ({ size, ret }) => ({ size, ret })).on((e) => is<Same<typeof e.ret, s32>>());
kprobe("tcp_sendmsg", ({ sk }) => ({ mark: sk.sk_mark })).on((e) => is<Same<typeof e.mark, u32>>());
kretprobe("tcp_sendmsg", ({ ret }) => ({ ret })).on((e) => is<Same<typeof e.ret, s32>>());
kprobe({ function: "tcp_sendmsg", offset: 4 }, ({ rip, x0 }) => ({ rip, x0 })).on((e) => is<Same<typeof e.rip, ptr>>());
rawTracepoint("sched_switch", ({ preempt, prev }) => ({ preempt, mark: prev.sk_mark })).on((e) => is<Same<typeof e.mark, u32>>());

// A parameter called ret keeps its name.
fexit("sock_init", ({ ret, returned }) => {
  is<Same<typeof ret, u32>>();
  is<Same<typeof returned, s32>>();
});
// What a pattern's functions have in common only the command knows.
kprobe("tcp_send*", ({ sk }) => ({ mark: sk.sk_mark }));

// A name of other kernels: a text, which no name of this one is.
fentry("gone" as string, ({ sk, any }) => ({ port: sk.skc_num, any })).on((e) => e.port);
kretprobe("gone" as string, ({ ret }) => ({ ret }));
tracepoint("tcp:gone" as string, ({ sport }) => ({ sport }));
rawTracepoint("gone" as string, ({ sk }) => ({ mark: sk.sk_mark }));
firstOf(
  fexit("tcp_sendmsg", ({ size }) => ({ size })),
  kprobe("gone" as string, ({ on }) => ({ on })),
  nothing("it is not seen"),
).on((e) => "size" in e && is<Same<typeof e.size, u64>>());
const last = fentry("tcp_sendmsg", () => {});
// @ts-expect-error nothing() comes last
firstOf(nothing(), last);
// @ts-expect-error there must be an alternative
firstOf(nothing());

// @ts-expect-error no such function
fentry("tcp_sendmgs", () => ({ yes: true }));
// @ts-expect-error fentry is for one function
fentry("tcp_*", () => ({ yes: true }));
// @ts-expect-error no such argument
fentry("tcp_sendmsg", ({ length }) => ({ length }));
// @ts-expect-error a beginning has no result
fentry("tcp_sendmsg", ({ ret }) => ({ ret }));
// @ts-expect-error a return has no arguments
kretprobe("tcp_sendmsg", ({ sk }) => ({ mark: sk.sk_mark }));
// @ts-expect-error it returns nothing
kretprobe("nothing", ({ ret }) => ({ ret }));
// @ts-expect-error arguments are no registers
kprobe("tcp_sendmsg", ({ rip }) => ({ rip }));
// @ts-expect-error no such raw tracepoint
rawTracepoint("sched:sched_switch", () => ({ yes: true }));
// @ts-expect-error no such argument
rawTracepoint("sched_switch", ({ next }) => ({ next }));

const sent = fexit("tcp_sendmsg", ({ size, ret }) => ({ size, ret }));
is<Same<ReturnType<typeof sent.handler>, { readonly size: u64; readonly ret: s32 }>>();
sent.handler(args("tcp_sendmsg", { size: 5n, ret: 5 }));
kprobe("tcp_sendmsg", ({ size }) => ({ size })).handler(args("tcp_sendmsg", { size: 5n }));
rawTracepoint("sched_switch", ({ preempt }) => ({ preempt })).handler(rawArgs("sched_switch", { preempt: true }));
// @ts-expect-error a 64-bit argument is a bigint
args("tcp_sendmsg", { size: 5 });
