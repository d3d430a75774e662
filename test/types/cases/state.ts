import {
  type AggregatedEntries,
  array,
  count,
  type Histogram,
  hash,
  hist,
  lruHash,
  max,
  perCpuHash,
  print,
  type Stats,
  stash,
  type stats,
  sum,
  tracepoint,
} from "tsprobe";
import { is, type Same } from "./assert.js";

// Keys and values: nested records, tuples, texts of a size.
const flows = hash({ key: ["u32", "ip", { on: "bool" }], value: { packets: "u32", at: { bytes: "u64", path: "str64" } } });
is<Same<Parameters<typeof flows.get>[0], readonly [number, string, { readonly on: boolean }]>>();
flows.get([1, "::1", { on: true }])?.at.path.length;
// @ts-expect-error an element is missing
flows.get([1, "::1"]);
// @ts-expect-error no such size name
hash({ key: "string16", value: "u8" });

// add takes what the value is, of records some of the fields.
flows.add([1, "", { on: false }], { packets: 1 });
flows.add([1, "", { on: false }], { at: { bytes: 1n } });
// @ts-expect-error bytes are a bigint
flows.add([1, "", { on: false }], { at: { bytes: 1 } });
// @ts-expect-error no such field
flows.add([1, "", { on: false }], { packet: 1 });
const bytes = perCpuHash({ key: "u32", value: "u64" });
bytes.add(1, 5n);
// @ts-expect-error a 64-bit value is a bigint
bytes.add(1, 5);
// @ts-expect-error a text cannot be added to
lruHash({ key: "u32", value: "comm" }).add(1, "x");

// Arrays give a value for every index.
const cells = array({ value: "u32", length: 4 });
is<Same<ReturnType<typeof cells.get>, number>>();
// @ts-expect-error all values are always there
cells.has(1);
// @ts-expect-error how many values?
array({ value: "u32" });

// Reading, on the host.
for (const [key, value] of bytes) {
  is<Same<typeof key, number>>();
  is<Same<typeof value, bigint>>();
}
bytes.topN(5, (value) => value);

// What aggregations take and give.
const calls = count();
calls.add();
// @ts-expect-error counts have no value
calls.add(1);
is<Same<ReturnType<typeof calls.read>, number>>();
const sent = sum({ unit: "bytes" });
sent.add(1);
sent.add(1n);
// @ts-expect-error a value is missing
sent.add();
is<Same<Awaited<ReturnType<typeof sent.readAndReset>>, bigint>>();
const slowest = max().by("comm");
slowest.add("a", 5n);
// @ts-expect-error the key is missing
slowest.add(5n);
is<Same<ReturnType<typeof slowest.get>, bigint | undefined>>();
const latency = hist({ unit: "us" }).by({ comm: "comm", port: "u16" });
latency.add({ comm: "a", port: 1 }, 5n);
// @ts-expect-error half a key
latency.add({ comm: "a" }, 5n);
is<Same<ReturnType<typeof latency.read>, AggregatedEntries<{ readonly comm: string; readonly port: number }, Histogram>>>();
for (const [{ comm, port }, reading] of latency) {
  is<Same<typeof comm, string>>();
  is<Same<typeof port, number>>();
  is<Same<typeof reading.p99, number | undefined>>();
}
is<Same<ReturnType<ReturnType<typeof stats>["read"]>, Stats>>();
const byTuple = count().by(["u8", "comm"]);
byTuple.add([1, "x"]);
// @ts-expect-error by() is over: it has a key
latency.by("u32");

// A stash gives back what was put, with the time.
const files = stash({ key: "u32", value: { path: "str32" } });
files.put(1, { path: "/" });
// @ts-expect-error the record is missing
files.put(1);
// @ts-expect-error ns is what take adds
files.put(1, { path: "/", ns: 1n });
const taken = files.take(1, 1_000_000n);
// @ts-expect-error possibly undefined
taken.path;
if (taken !== undefined) {
  is<Same<typeof taken.ns, bigint>>();
  is<Same<typeof taken.path, string>>();
}
const times = stash({ key: "u32" });
times.put(1);
// @ts-expect-error it keeps only the time
times.put(1, { path: "/" });
const slow = tracepoint("sock:inet_sock_set_state", (ctx) => files.take(ctx.sport, 1n));
slow.on((e) => {
  is<Same<typeof e.ns, bigint>>();
  is<Same<typeof e.path, string>>();
});

print(latency, { top: 5, reset: true });
print(bytes);
// @ts-expect-error only state can be printed
print(slow);
