import { perfEvent, pid, profile, uprobe, uretprobe, usdt } from "tsprobe";
import { is, type Same } from "./assert.js";

const lookups = uprobe("libc", "getaddrinfo", { args: { node: "ptr", port: "u16", ok: "bool", size: "s64" } }, (x) => {
  is<Same<typeof x, { readonly node: bigint; readonly port: number; readonly ok: boolean; readonly size: bigint }>>();
  // @ts-expect-error no such argument
  x.prot;
  return { node: x.node, port: x.port, ok: x.ok };
});
lookups.on((e) => {
  is<Same<typeof e.node, bigint>>();
  is<Same<typeof e.port, number>>();
  is<Same<typeof e.ok, boolean>>();
});
// The handler itself can be called, with arguments of the right types.
lookups.handler({ node: 1n, port: 2, ok: true, size: 3n });
// @ts-expect-error a port is a number
lookups.handler({ node: 1n, port: 2n, ok: true, size: 3n });

uprobe("libc", "getpid", () => ({ pid: pid() })).on((e) => is<Same<typeof e.pid, ReturnType<typeof pid>>>());
uprobe("./server", 0x1139, { offset: 4, pid: 123, args: { fd: "s32" } }, ({ fd }) => ({ fd })).on((e) =>
  is<Same<typeof e.fd, number>>(),
);
// @ts-expect-error no such type
uprobe("libc", "read", { args: { fd: "int" } }, () => ({ called: true }));
// @ts-expect-error "auto" is for USDT probes, whose files say what it is
uprobe("libc", "read", { args: { fd: "auto" } }, () => ({ called: true }));

uretprobe("libc", "connect", { returns: "s32" }, ({ ret }) => ({ ret })).on((e) => is<Same<typeof e.ret, number>>());
uretprobe("libc", "malloc", ({ ret }) => ({ ret })).on((e) => is<Same<typeof e.ret, bigint>>());
// @ts-expect-error a return has no arguments
uretprobe("libc", "connect", { args: { fd: "s32" } }, () => ({ called: true }));

const steps = usdt("./server", "web:request", { args: { fd: "s32", size: "auto" } }, ({ fd, size }) => ({ fd, size }));
steps.on((e) => is<Same<[typeof e.fd, typeof e.size], [number, bigint]>>());
usdt("./server", "web", "request", { args: { fd: "u8" } }, ({ fd }) => ({ fd })).on((e) => is<Same<typeof e.fd, number>>());
usdt("./server", "web", "request", () => ({ passed: true })).on((e) => is<Same<typeof e.passed, true>>());
usdt("./server", "web:request", () => ({ pid: pid() }));

profile(99, ({ ip }) => ({ ip })).on((e) => is<Same<typeof e.ip, bigint>>());
// @ts-expect-error samples have no address
profile(99, ({ addr }) => ({ addr }));
perfEvent("page-faults", { period: 1 }, ({ addr, samplePeriod }) => ({ addr, samplePeriod })).on((e) =>
  is<Same<[typeof e.addr, typeof e.samplePeriod], [bigint, bigint]>>(),
);
perfEvent("cycles", { hz: 99 }, () => ({ pid: pid() }));
// @ts-expect-error either a period or a rate
perfEvent("cycles", {}, () => ({ pid: pid() }));
// @ts-expect-error not both
perfEvent("cycles", { hz: 99, period: 1 }, () => ({ pid: pid() }));
