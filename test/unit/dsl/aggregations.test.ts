import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { avg, count, hist, linearHist, max, min, quantiles, stats, sum } from "../../../dsl/aggregations.js";
import { beginScript, type Script } from "../../../dsl/script.js";
import { refusalOf } from "./refusal.js";

let script: Script;
beforeEach(() => {
  script = beginScript([]);
});

const VALUES = [5n, -3n, 5n, 1_000_000n, 0n];

describe("an aggregation in Node", () => {
  test("without values", () => {
    expect([count(), sum(), avg(), min(), max()].map((each) => each.read())).toEqual([0, 0n, undefined, undefined, undefined]);
    expect(stats().read()).toEqual({ count: 0, sum: 0n, min: undefined, max: undefined, avg: undefined });
    const empty = hist().read();
    expect([empty.count, empty.p50, empty.buckets]).toEqual([0, undefined, []]);
  });

  test("gathers", () => {
    const calls = count();
    const [total, mean, least, most, all] = [sum(), avg(), min(), max(), stats()];
    for (const value of VALUES) {
      calls.add();
      for (const each of [total, mean, least, most, all]) each.add(value);
    }
    expect([calls, total, mean, least, most].map((each) => each.read())).toEqual([5, 1_000_007n, 200_001.4, -3n, 1_000_000n]);
    expect(all.read()).toEqual({ count: 5, sum: 1_000_007n, min: -3n, max: 1_000_000n, avg: 200_001.4 });
  });

  test("takes numbers and bigints; sums are exact beyond 64 bits", () => {
    const total = sum();
    total.add(2n ** 63n - 1n);
    total.add(2n ** 63n - 1n);
    total.add(7);
    expect(total.read()).toBe(2n ** 64n + 5n);
  });

  test.each([2n ** 63n, -(2n ** 63n) - 1n, 0.5, Number.NaN])("%s is no value", (value) => {
    expect(() => sum().add(value)).toThrow(RangeError);
  });

  test("by key: compared by value, refused when full", () => {
    const calls = count().by({ comm: "comm", at: ["u8", "bool"] }, { max: 2 });
    for (const comm of ["a", "b", "a", "c"]) calls.add({ comm, at: [257, true] });
    expect([...calls]).toEqual([
      [{ comm: "a", at: [1, true] }, 2],
      [{ comm: "b", at: [1, true] }, 1],
    ]);
    expect([calls.size, calls.get({ comm: "b", at: [1, true] }), calls.get({ comm: "c", at: [1, true] })]).toEqual([
      2,
      1,
      undefined,
    ]);
    expect(calls.topN(1)).toEqual([[{ comm: "a", at: [1, true] }, 2]]);
  });

  test("reading and resetting", async () => {
    const calls = count();
    calls.add();
    expect(await calls.readAndReset()).toBe(1);
    calls.add();
    calls.add();
    expect(await calls.readAndReset()).toBe(2);
    expect(calls.read()).toBe(0);
  });

  test("JSON has numbers where they are exact", () => {
    const total = sum().by("u64");
    total.add(2n ** 60n, 2n ** 60n);
    total.add(1n, 1);
    expect(JSON.stringify(total)).toBe('[{"key":"1152921504606846976","value":"1152921504606846976"},{"key":1,"value":1}]');
    const lengths = hist();
    lengths.add(5);
    expect(JSON.parse(JSON.stringify(lengths))).toEqual({
      count: 1,
      sum: 5,
      min: 5,
      max: 5,
      avg: 5,
      p50: 5,
      p90: 5,
      p99: 5,
      buckets: [{ from: 4, to: 8, count: 1 }],
    });
  });
});

describe("a histogram", () => {
  test("has buckets of powers of two, the empty ones between too", () => {
    const lengths = hist();
    for (const value of [-5, 0, 1, 2, 3, 17]) lengths.add(value);
    expect(lengths.read().buckets.map(({ from, to, count }) => [from, to, count].map(String).join(" "))).toEqual([
      "undefined 0 1",
      "0 1 1",
      "1 2 1",
      "2 4 2",
      "4 8 0",
      "8 16 0",
      "16 32 1",
    ]);
  });

  test("in steps, with what is below and beyond", () => {
    const ports = linearHist({ min: 0, max: 30, step: 10 });
    for (const value of [-1, 0, 9, 29, 30, 99]) ports.add(value);
    expect(ports.read().buckets.map(({ from, to, count }) => [from, to, count])).toEqual([
      [undefined, 0n, 1],
      [0n, 10n, 2],
      [10n, 20n, 0],
      [20n, 30n, 1],
      [30n, undefined, 2],
    ]);
    // Five of six values are below it: that lies beyond the steps, somewhere.
    expect([ports.read().quantile(0.8), ports.read().quantile(1)]).toEqual([undefined, 99]);
  });

  test.each([
    [() => hist(), 0.125],
    [() => quantiles(), 0.02],
    [() => quantiles({ error: 0.008 }), 0.008],
    [() => quantiles({ error: 0.25 }), 0.25],
  ])("quantiles are as near as promised (%#)", (make, error) => {
    const many = fc.array(fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 50n }), fc.bigInt({ min: 0n, max: 5000n })), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(many, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const gathered = make();
        for (const value of values) gathered.add(value);
        const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        const exact = Number(sorted[Math.max(1, Math.ceil(share * values.length)) - 1]);
        const given = gathered.read().quantile(share) as number;
        return Math.abs(given - exact) <= Math.max(error * exact, exact < 2 ? 0 : 1);
      }),
    );
  });

  test("names the quantiles that are asked for", () => {
    const latency = quantiles({ at: [0.5, 0.999] });
    for (let i = 1; i <= 1000; i++) latency.add(i);
    expect(Object.keys(latency.read().quantiles)).toEqual(["p50", "p99.9"]);
  });
});

describe("a declaration", () => {
  test("is recorded for the compiler; by() takes the place of what it is called on", () => {
    const base = count();
    const byPid = base.by("u32");
    const byComm = base.by("comm", { max: 5 });
    hist({ unit: "us" }).by("u8");
    expect(script.aggregations).toEqual([
      byPid.declaration,
      byComm.declaration,
      {
        kind: "hist",
        key: "u8",
        max: 1024,
        unit: "us",
        scale: { kind: "log", bits: 2 },
        quantiles: [0.5, 0.9, 0.99],
        shown: true,
      },
    ]);
    expect(byPid.declaration).toMatchObject({ kind: "count", key: "u32", max: 10_240, scale: undefined });
    expect(script.state).toHaveLength(3);
  });

  test("says whether it is to be shown without being read", () => {
    const ofSteps = linearHist({ min: 0, max: 5, step: 1, unit: "us", shown: false });
    const made = [count({ shown: false }).by("u32"), ofSteps, quantiles({ unit: "us", shown: false })];
    expect(made.map(({ declaration: { unit, shown } }) => [unit, shown])).toEqual([
      [undefined, false],
      ["us", false],
      ["us", false],
    ]);
  });

  test.each([
    [() => count().by("u33" as never), 'count().by(): the key cannot have the type "u33"'],
    [() => sum().by("u32", { max: 0 }), "sum().by(): a map cannot hold 0 entries"],
    [() => linearHist({ min: 5, max: 5, step: 1 }), "linearHist(): there are no steps of 1 from 5 to 5"],
    [() => linearHist({ min: 0, max: 5, step: 0 }), "linearHist(): there are no steps of 0 from 0 to 5"],
    [() => linearHist({ min: 0, max: 5, step: 0.5 }), "linearHist(): step is 0.5, not a whole number"],
    [() => linearHist({ min: 0, max: 5000, step: 1 }), "linearHist(): 5000 buckets are more than 1000"],
    [() => quantiles({ at: [50] }), "quantiles(): 50 is no quantile"],
    [() => quantiles({ at: [] }), "quantiles(): at is empty"],
    [() => quantiles({ error: 0.001 }), "quantiles(): an error of 0.001 cannot be had"],
  ])("a wrong one is refused (%#)", (declare, message) => {
    const refusal = refusalOf(declare);
    expect(refusal).toMatchObject({ code: "TSP2302", message });
    expect(refusal.hints).toHaveLength(1);
  });
});
