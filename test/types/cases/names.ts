import { kptr, tracepoint, type u16 } from "tsprobe";
import { fixture, kernelMemory, task } from "tsprobe/test";
import { is, type Same } from "./assert.js";

// @ts-expect-error no such tracepoint
tracepoint("sock:inet_sock_set_sate", () => ({ yes: true }));
// @ts-expect-error without category
tracepoint("inet_sock_set_state", () => ({ yes: true }));

tracepoint("sock:inet_sock_set_state", (ctx) => {
  // @ts-expect-error no such field
  ctx.sprot;
  // @ts-expect-error the kernel's, not ours
  ctx.sport = 1;
  // @ts-expect-error a number is no bigint
  ctx.sport + ctx.skaddr;
  is<Same<typeof ctx.sport, u16>>();
  return { port: ctx.sport };
});

// @ts-expect-error an event is an object, a handler's context has one type
tracepoint("sock:inet_sock_set_state", (ctx: { nothing: string }) => ({ nothing: ctx.nothing }));

is<Same<ReturnType<typeof kptr<"sock">>["sk_mark"], import("tsprobe").u32>>();
// @ts-expect-error no such struct
kptr("scok", 1n);
// @ts-expect-error an address is a bigint
kptr("sock", 1);

is<Same<ReturnType<typeof fixture<"sock:inet_sock_set_state">>["dport"], u16>>();
// @ts-expect-error no such field
fixture("sock:inet_sock_set_state", { prot: 1 });
// @ts-expect-error a port is a number
fixture("sock:inet_sock_set_state", { sport: 80n });
kernelMemory("sock", 1n, { sk_mark: 7 });
// @ts-expect-error time is a bigint
task({ ktimeNs: 5 });
