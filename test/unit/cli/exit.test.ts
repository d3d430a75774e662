import { constants } from "node:os";
import { expect, test } from "vitest";
import { exitCodeOf, failureExits, type StopSignal, signalExits } from "../../../cli/exit.js";
import type { Diagnostic } from "../../../diagnostics/diagnostic.js";

const warning: Diagnostic = { code: "TSP2000", failure: "language", severity: "warning", message: "x" };

test("the first error decides, warnings do not", () => {
  expect(exitCodeOf([])).toBe(0);
  expect(exitCodeOf([warning])).toBe(0);
  const type: Diagnostic = { ...warning, failure: "type", severity: "error" };
  expect(exitCodeOf([warning, type, { ...type, failure: "internal" }])).toBe(5);
});

test("no two classes share a code, and none looks like success or a signal", () => {
  const codes = Object.values(failureExits).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.filter((code) => code < 1 || code >= 128)).toEqual([]);
});

test("signals exit as shells report them", () => {
  for (const [signal, code] of Object.entries(signalExits)) expect(code).toBe(128 + constants.signals[signal as StopSignal]);
});
