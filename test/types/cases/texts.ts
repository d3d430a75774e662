import { bytes, curtask, ip, mac, str, tracepoint, type userBytes, userStr, wallNs } from "tsprobe";
import { type ErrnoName, type errno, errnoName, signalName, syscallName } from "tsprobe/kernel";
import { putKernelMemory, putUserMemory, task } from "tsprobe/test";
import { is, type Same } from "./assert.js";

const seen = tracepoint("sock:inet_sock_set_state", (ctx) => {
  const path = userStr(ctx.skaddr, 256);
  // @ts-expect-error the memory may not be there
  path.length;
  // @ts-expect-error an address is a bigint
  userStr(5);
  // @ts-expect-error a text has no address; with a size it may be a tracepoint's
  str("x");
  // @ts-expect-error six bytes
  mac(ctx.saddr);
  is<Same<ReturnType<typeof userBytes<4>>, import("tsprobe").Bytes<4> | undefined>>();
  return {
    path: path ?? "",
    name: str(ctx.skaddr),
    again: str(path ?? "", 100),
    head: bytes(ctx.skaddr, 16),
    at: wallNs(),
    ip: ip(bytes(ctx.skaddr, 16)),
    mac: mac(bytes(ctx.skaddr, 6)),
  };
});
seen.on((e) => {
  is<Same<typeof e.path, string>>();
  is<Same<typeof e.name, string>>();
  is<Same<typeof e.mac, string>>();
  is<Same<typeof e.at, import("tsprobe").u64>>();
  is<Same<typeof e.head.length, 16>>();
});

is<Same<ReturnType<typeof errnoName>, ErrnoName>>();
// @ts-expect-error no such error
errnoName(2) === "ENOENTRY";
is<Same<typeof errno.ECONNREFUSED, 111>>();
syscallName(59n);
signalName(9);
// @ts-expect-error a number
signalName("SIGKILL");

putKernelMemory(1n, "text");
putUserMemory(1n, Uint8Array.of(1));
task({ uid: 5, curtask: { pid: 1 }, wallNs: 5n });
// @ts-expect-error a number
task({ uid: "root" });
void curtask;
