import { expect, test } from "vitest";
import { createStyle, decideColor } from "../../../cli/style.js";

const terminal = { isTTY: true };
const pipe = {};

test.each([
  ["a terminal has colours", "auto", terminal, {}, true],
  ["a pipe has none", "auto", pipe, {}, false],
  ["a dumb terminal has none", "auto", terminal, { TERM: "dumb" }, false],
  ["NO_COLOR", "auto", terminal, { NO_COLOR: "1" }, false],
  ["an empty NO_COLOR does not count", "auto", terminal, { NO_COLOR: "" }, true],
  ["FORCE_COLOR", "auto", pipe, { FORCE_COLOR: "1" }, true],
  ["FORCE_COLOR wins over NO_COLOR", "auto", pipe, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
  ["FORCE_COLOR=0 refuses", "auto", terminal, { FORCE_COLOR: "0" }, false],
  ["--color always wins over all", "always", pipe, { NO_COLOR: "1", FORCE_COLOR: "0" }, true],
  ["--color never wins over all", "never", terminal, { FORCE_COLOR: "1" }, false],
] as const)("%s", (_, mode, stream, env, colored) => {
  expect(decideColor(mode, stream, env)).toBe(colored);
});

test("styles can be nested and leave text alone when off", () => {
  const { bold, red } = createStyle(true);
  expect(bold(`a${red("b")}`)).toBe("\x1b[1ma\x1b[31mb\x1b[39m\x1b[22m");
  expect(createStyle(false).red("b")).toBe("b");
});
