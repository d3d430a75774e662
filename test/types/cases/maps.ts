import { event, hash, lruHash, table, tracepoint } from "tsprobe";
import { is, type Same } from "./assert.js";

const since = lruHash({ key: "ptr", value: "u64", max: 100 });
is<Same<ReturnType<typeof since.get>, bigint | undefined>>();
is<Same<ReturnType<typeof since.has>, boolean>>();
is<Same<ReturnType<typeof since.delete>, boolean>>();
since.set(1n, 2n);
// @ts-expect-error an address is a bigint
since.get(1);
// @ts-expect-error a 64-bit value is a bigint
since.set(1n, 2);

const flows = hash({ key: { pid: "u32", local: "ip" }, value: { bytes: "u64", name: "comm", on: "bool" } });
const flow = flows.get({ pid: 1, local: "::1" });
// @ts-expect-error possibly undefined
flow.bytes;
if (flow !== undefined) {
  is<Same<typeof flow.bytes, bigint>>();
  is<Same<typeof flow.name, string>>();
  is<Same<typeof flow.on, boolean>>();
  // @ts-expect-error values are copies: set a whole one
  flow.bytes = 1n;
}
// @ts-expect-error half a key
flows.get({ pid: 1 });
// @ts-expect-error no such type
hash({ key: "u46", value: "u64" });
// @ts-expect-error no such type in a record
hash({ key: { pid: "int" }, value: "u64" });
// @ts-expect-error no value
hash({ key: "u32" });

const drops = event({ pid: "u32", bytes: "u64", where: "ip", on: "bool" });
drops.on((e) => {
  is<Same<typeof e.pid, number>>();
  is<Same<typeof e.bytes, bigint>>();
  is<Same<typeof e.where, string>>();
  is<Same<typeof e.on, boolean>>();
});
drops.emit({ pid: 1, bytes: 2n, where: "127.0.0.1", on: true });
// @ts-expect-error a field is missing
drops.emit({ pid: 1, bytes: 2n, where: "127.0.0.1" });
// @ts-expect-error a field too many
drops.emit({ pid: 1, bytes: 2n, where: "127.0.0.1", on: true, more: 1 });
// @ts-expect-error the wrong kind of integer
drops.emit({ pid: 1n, bytes: 2n, where: "127.0.0.1", on: true });

const states = tracepoint("sock:inet_sock_set_state", (ctx) => ({ port: ctx.sport, sk: ctx.skaddr }));
table(states, [
  "port",
  { SKADDR: "sk" },
  { HIGH: (e) => e.port > 1023 },
  { KB: { value: (e) => Number(e.sk) / 1024, decimals: 1, align: "right" } },
]);
table(drops, ["pid", "bytes"]);
// @ts-expect-error no such field
table(states, ["prot"]);
// @ts-expect-error no such field under a heading
table(states, [{ PORT: "prot" }]);
// @ts-expect-error the event has no such field
table(states, [{ PORT: (e) => e.prot }]);
// @ts-expect-error no stream
table(since, ["port"]);
