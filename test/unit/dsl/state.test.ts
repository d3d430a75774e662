import { beforeEach, describe, expect, test } from "vitest";
import { array, hash, perCpuArray, perCpuHash } from "../../../dsl/maps.js";
import { beginScript } from "../../../dsl/script.js";
import { stash } from "../../../dsl/stash.js";
import { fakeTask } from "../../../dsl/task.js";
import { refusalOf } from "./refusal.js";

beforeEach(() => {
  beginScript([]);
});

describe("reading a map", () => {
  test("entries, keys, values, size, the largest, JSON", () => {
    const bytes = hash({ key: { pid: "u32" }, value: "u64" });
    for (const [pid, value] of [
      [1, 5n],
      [2, 2n ** 60n],
      [3, 7n],
    ] as const)
      bytes.set({ pid }, value);
    expect([...bytes]).toEqual(bytes.entries());
    expect([bytes.size, bytes.keys()[1], bytes.values()]).toEqual([3, { pid: 2 }, [5n, 2n ** 60n, 7n]]);
    expect(bytes.topN(2)).toEqual([
      [{ pid: 2 }, 2n ** 60n],
      [{ pid: 3 }, 7n],
    ]);
    expect(bytes.topN(1, (_, key) => -key.pid)).toEqual([[{ pid: 1 }, 5n]]);
    expect(JSON.stringify(bytes)).toBe(
      '[{"key":{"pid":1},"value":5},{"key":{"pid":2},"value":"1152921504606846976"},{"key":{"pid":3},"value":7}]',
    );
  });

  test("records are ordered by their first number unless told otherwise", () => {
    const flows = hash({ key: "u8", value: { name: "comm", packets: "u32", bytes: "u64" } });
    flows.set(1, { name: "z", packets: 1, bytes: 9n });
    flows.set(2, { name: "a", packets: 2, bytes: 3n });
    expect(flows.topN(1)[0]?.[0]).toBe(2);
    expect(flows.topN(1, (flow) => flow.bytes)[0]?.[0]).toBe(1);
  });
});

describe("adding", () => {
  test("begins at 0 and wraps", () => {
    const small = hash({ key: "u8", value: "u32" });
    small.add(1, 5);
    small.incr(1);
    small.add(1, -7);
    expect(small.get(1)).toBe(2 ** 32 - 1);
  });

  test("to fields of records", () => {
    const flows = hash({ key: "u8", value: { packets: "u32", at: { bytes: "s64" } } });
    flows.add(1, { packets: 2 });
    flows.add(1, { at: { bytes: -3n } });
    expect(flows.get(1)).toEqual({ packets: 2, at: { bytes: -3n } });
  });

  test("needs 32 or 64 bits", () => {
    const short = hash({ key: "u8", value: "u16" });
    expect(() => short.add(1, 1)).toThrow(TypeError);
    expect(() => hash({ key: "u8", value: "comm" }).add(1, 1 as never)).toThrow(TypeError);
  });

  test("to a full hash is refused", () => {
    const one = hash({ key: "u8", value: "u32", max: 1 });
    one.incr(1);
    one.incr(2);
    expect([...one]).toEqual([[1, 1]]);
  });
});

describe("an array", () => {
  test("has all values from the start", () => {
    const cells = array({ value: { n: "u64", who: "comm", at: ["ip", "bool"] }, length: 2 });
    expect([...cells]).toEqual([
      [0, { n: 0n, who: "", at: ["", false] }],
      [1, { n: 0n, who: "", at: ["", false] }],
    ]);
    expect(cells.length).toBe(2);
  });

  test("has no other index", () => {
    const cells = perCpuArray({ value: "u32", length: 2 });
    cells.add(1, 5);
    expect([cells.get(1), cells.perCpu(1)]).toEqual([5, [5]]);
    for (const index of [-1, 2, 0.5]) expect(() => cells.get(index)).toThrow(RangeError);
  });
});

describe("a stash", () => {
  test("gives back what was put, with the time since", () => {
    const calls = stash({ key: ["u32", "u8"], value: { path: "str16" } });
    fakeTask.ktimeNs = 1000n;
    calls.put([1, 2], { path: "/a/rather/long/path" });
    fakeTask.ktimeNs = 5000n;
    expect(calls.take([1, 2])).toEqual({ path: "/a/rather/long/", ns: 4000n });
    expect(calls.take([1, 2])).toBeUndefined();
  });

  test("keeps to itself what was fast, and forgets it", () => {
    const times = stash({ key: "u32" });
    fakeTask.ktimeNs = 0n;
    times.put(1);
    fakeTask.ktimeNs = 10n;
    expect([times.take(1, 11n), times.take(1, 0n)]).toEqual([undefined, undefined]);
    times.put(1);
    fakeTask.ktimeNs = 21n;
    expect(times.take(1, 11n)).toEqual({ ns: 11n });
  });
});

test.each([
  [() => array({ value: "u32", length: 0 }), "array(): a map cannot hold 0 entries"],
  [() => array({ value: {}, length: 1 } as never), "array(): the value has no type"],
  [() => hash({ key: "str300", value: "u8" }), 'hash(): the key cannot have the type "str300"'],
  [() => hash({ key: { a: { b: "u9" } }, value: "u8" } as never), 'hash(): the key.a cannot have the type "u9"'],
  [
    () => perCpuHash({ key: "u8", value: "comm" }),
    'perCpuHash(): the value holds "comm", which cannot be added up over the CPUs',
  ],
  [() => stash({ key: "u8", value: "u32" } as never), 'stash(): the value is "u32", not a record'],
  [() => stash({ key: "u8", value: { ns: "u64" } }), "stash(): the value cannot have a field ns"],
])("a wrong declaration is refused (%#)", (declare, message) => {
  expect(refusalOf(declare)).toMatchObject({ code: "TSP2302", failure: "script-error", message });
});
