import { comm, ip, ktimeNs, lruHash, num, pid, tid, tracepoint, type u16, type u32, type u64 } from "tsprobe";
import { AF_INET, type TcpState, tcpState } from "tsprobe/kernel";
import { is, type Same } from "./assert.js";

const since = lruHash({ key: "ptr", value: "u64" });

export const states = tracepoint("sock:inet_sock_set_state", (ctx) => {
  const before = since.get(ctx.skaddr);
  return {
    sk: ctx.skaddr,
    pid: pid(),
    tid: tid(),
    comm: comm(),
    port: ctx.sport,
    address: ctx.family === AF_INET ? ip(ctx.saddr) : ip(ctx.saddr_v6),
    from: tcpState(ctx.oldstate),
    now: ktimeNs(),
    approximate: num(ktimeNs()),
    us: before === undefined ? 0n : (ktimeNs() - before) / 1000n,
    seen: before !== undefined,
    maybe: before,
  };
});

states.on((e) => {
  is<Same<typeof e.pid, u32>>();
  is<Same<typeof e.tid, u32>>();
  is<Same<typeof e.port, u16>>();
  is<Same<typeof e.comm, string>>();
  is<Same<typeof e.address, string>>();
  is<Same<typeof e.from, TcpState>>();
  is<Same<typeof e.now, u64>>();
  is<Same<typeof e.approximate, number>>();
  is<Same<typeof e.us, bigint>>();
  is<Same<typeof e.seen, boolean>>();
  is<Same<typeof e.maybe, bigint | undefined>>();

  const port: number = e.port;
  const address: bigint = e.sk;
  is<Same<[typeof port, typeof address], [number, bigint]>>();

  // @ts-expect-error no such field
  e.prot;
  // @ts-expect-error a number is no bigint
  e.port + e.us;
  // @ts-expect-error no TCP state
  e.from === "OPEN";
});

for await (const e of states) {
  is<Same<typeof e.port, u16>>();
  break;
}

// Returning nothing sends nothing: it is no part of the event.
const some = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (ctx.sport === 0) return;
  return { port: ctx.sport };
});
some.on((e) => is<Same<typeof e.port, u16>>());

const chosen = tracepoint("sock:inet_sock_set_state", (ctx) => (ctx.sport === 0 ? undefined : { port: ctx.sport }));
chosen.on((e) => is<Same<typeof e.port, u16>>());

const silent = tracepoint("sock:inet_sock_set_state", (ctx) => {
  since.delete(ctx.skaddr);
});
silent.on((e) => is<Same<typeof e, never>>());

// Two returns with a literal kind.
const kinds = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (ctx.newstate === 10) return { kind: "listen", port: ctx.sport };
  if (ctx.newstate === 7) return { kind: "close", at: ktimeNs() };
  return;
});
kinds.on((e) => {
  is<Same<typeof e.kind, "listen" | "close">>();
  if (e.kind === "listen") {
    is<Same<typeof e.port, u16>>();
    is<Same<typeof e.at, undefined>>();
  } else is<Same<typeof e.at, u64>>();
  // @ts-expect-error no such kind
  e.kind === "open";
});

// The handler itself can be called, with a context of the right type.
is<Same<Parameters<typeof states.handler>[0]["sport"], u16>>();
