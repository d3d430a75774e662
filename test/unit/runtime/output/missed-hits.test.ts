import { expect, test } from "vitest";
import { type RunSummary, summaryLines } from "../../../../runtime/output/summary.js";

const quiet: RunSummary = {
  delivered: 1,
  durationMs: 1_000,
  counters: [],
  missedRuns: [],
  hostDropped: 0,
  workingDirectory: "/",
};
const lines = (...missedHits: NonNullable<RunSummary["missedHits"]>) => summaryLines({ ...quiet, missedHits }).slice(1);

test("hits that the kernel missed are told, with why", () => {
  expect(lines({ probe: "reads", count: 3n, returns: true }, { probe: "begins", count: 1n, returns: false })).toEqual([
    'the kernel missed 3 returns of "reads": it follows a limited number of calls at a time',
    "  hint: fexit misses none, where the kernel has it",
    'the kernel missed 1 hit of "begins": it was hit inside of another kprobe',
  ]);
});

test("none is said nothing of; what is not known is said so, of returns", () => {
  expect(lines({ probe: "reads", count: 0n, returns: true })).toEqual([]);
  expect(
    lines(
      { probe: "a", count: undefined, returns: true },
      { probe: "b", count: undefined, returns: false },
      { probe: "c", count: undefined, returns: true },
    ),
  ).toEqual(['whether returns of "a", "c" were missed is not known: this kernel does not count it (Linux 6.7 and newer do)']);
});
