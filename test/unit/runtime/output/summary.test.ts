import { describe, expect, test } from "vitest";
import type { CounterReason } from "../../../../compiler/program.js";
import { durationText, type RunSummary, summaryLines } from "../../../../runtime/output/summary.js";

const span = { file: { path: "/home/me/probes/tcpstates.ts", text: "\n\n  return {};" }, start: 4, end: 10 };
const quiet: RunSummary = {
  delivered: 12,
  durationMs: 3249,
  counters: [],
  missedRuns: [],
  hostDropped: 0,
  workingDirectory: "/home/me",
};

describe("summaryLines", () => {
  test("a clean run", () => {
    const counters = [{ site: { reason: "lost", span, subject: "states" } as const, count: 0n }];
    expect(summaryLines({ ...quiet, counters, missedRuns: [{ probe: "states", count: 0n }] })).toEqual([
      "12 events in 3.2 s, 0 lost",
    ]);
  });

  test("everything that can go wrong", () => {
    const reasons: CounterReason[] = ["lost", "map-full", "overflow", "division", "range", "read", "loop"];
    const counters = reasons.map((reason, i) => ({
      site: { reason, span, subject: reason === "map-full" ? "since" : "states" },
      count: BigInt(i + 1),
    }));
    const summary = {
      ...quiet,
      delivered: 1,
      counters,
      missedRuns: [{ probe: "states", count: 4n }],
      hostDropped: 7,
      discarded: 2,
      workingDirectory: "/elsewhere",
    };
    expect(summaryLines(summary).join("\n")).toMatchInlineSnapshot(`
      "1 event in 3.2 s, 8 lost
      lost 1 event of "states" at /home/me/probes/tcpstates.ts:3:3: the ring buffer was full
        hint: give a larger --ring-size, or return early from the handler for what is not needed
      2 updates of map "since" failed at /home/me/probes/tcpstates.ts:3:3: it was full
        hint: raise the map's max, or use lruHash, which makes room by itself
      3 runs of "states" ended early at /home/me/probes/tcpstates.ts:3:3: an integer result did not fit its type
        hint: widen the operands, to bigint if need be
      4 runs of "states" ended early at /home/me/probes/tcpstates.ts:3:3: division by zero
        hint: check the divisor before dividing
      5 runs of "states" ended early at /home/me/probes/tcpstates.ts:3:3: an index or a shift count was out of range
        hint: check it before use
      6 runs of "states" ended early at /home/me/probes/tcpstates.ts:3:3: kernel memory could not be read
        hint: the object may have been freed: check pointers before following them
      7 runs of "states" ended early at /home/me/probes/tcpstates.ts:3:3: a loop went on beyond its limit
        hint: give the loop a condition that ends it sooner
      the kernel skipped 4 runs of "states": it was hit while another BPF program was running on that CPU
      dropped 7 events in this process: a "for await" loop was too slow
        hint: take events with .on(), or do less for each
      2 more events arrived but came too late to be delivered: the run had ended"
    `);
  });
});

test.each([
  [0.4, "0 ms"],
  [999.9, "999 ms"],
  [1000, "1.0 s"],
  [59_999, "59.9 s"],
  [60_000, "1 min 0 s"],
  [3_599_999, "59 min 59 s"],
  [3_720_000, "1 h 2 min"],
])("%d ms is %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
