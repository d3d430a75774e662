import { beforeEach, expect, test, vi } from "vitest";
import { event, isChannel } from "../../../dsl/event.js";
import { beginScript, type Script } from "../../../dsl/script.js";
import { tracepoint } from "../../../dsl/tracepoint.js";
import { refusalOf } from "./refusal.js";

let script: Script;
beforeEach(() => {
  script = beginScript([]);
});

test("in Node an emitted event reaches the callbacks, coerced to its shape", () => {
  const drops = event({ pid: "u32", bytes: "u64", name: "comm" });
  const seen: unknown[] = [];
  drops.on((e) => seen.push(e));
  drops.emit({ pid: 2 ** 32 + 7, bytes: -1n, name: "a-very-long-thread-name" });
  expect(seen).toEqual([{ pid: 7, bytes: 2n ** 64n - 1n, name: "a-very-long-thr" }]);
});

test("channels and probes are the script's streams, in order of declaration", () => {
  const first = event({ a: "u8" });
  const probe = tracepoint("sock:inet_sock_set_state" as never, () => ({ a: 1 }));
  const second = event({ b: "u8" });
  expect(script.streams).toEqual([first, probe, second]);
  expect(script.probes).toMatchObject([{ target: { kind: "tracepoint", name: "sock:inet_sock_set_state" }, stream: 1 }]);
  expect([isChannel(first), isChannel(probe), isChannel({}), isChannel(null)]).toEqual([true, false, false, false]);
});

test("a loop over either makes the script wait", async () => {
  script.onWaiting = vi.fn();
  script.onReaderEnded = vi.fn();
  for (const stream of [event({ a: "u8" }), tracepoint("sock:inet_sock_set_state" as never, () => ({ a: 1 }))]) {
    stream.finish();
    for await (const _ of stream) expect.unreachable();
  }
  expect(script.onWaiting).toHaveBeenCalledTimes(2);
  expect(script.onReaderEnded).toHaveBeenCalledTimes(2);
});

test("the handler of a probe is the script's own function", () => {
  const handler = () => ({ a: 1 });
  expect(tracepoint("sock:inet_sock_set_state" as never, handler).handler).toBe(handler);
});

test.each([
  [{ port: "int" }, 'event(): the field port cannot have the type "int"'],
  [{ port: { a: "u8" } }, "event(): the field port cannot have the type [object Object]"],
  [{}, "event(): the channel has no fields"],
])("%j is refused", (shape, message) => {
  expect(refusalOf(() => event(shape as never))).toMatchObject({ code: "TSP2302", failure: "script-error", message });
});
