import { expect, test } from "vitest";
import { parseDuration } from "../../../dsl/duration.js";

test.each([
  ["10s", 10_000],
  ["500ms", 500],
  ["2m", 120_000],
  ["1h", 3_600_000],
  ["1.5m", 90_000],
  ["1h30m", 5_400_000],
  ["1m500ms", 60_500],
  ["7", 7000],
  ["0.25", 250],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "s", "10 s", "-1s", "10d", "1e3", "10S", "1.s", "..5s", "10s10", "Infinity"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
