import { expect, test } from "vitest";
import { displayWidth, glyphsOf } from "../../../diagnostics/width.js";

test.each([
  ["", 0],
  ["plain", 5],
  ["naïve", 5],
  ["e\u0301", 1],
  ["日本語", 6],
  ["ｆｕｌｌ", 8],
  ["한글", 4],
  ["😀", 2],
  ["👩‍👩‍👧", 2],
  ["❤\ufe0f", 2],
  ["©", 1],
  ["𝒳", 1],
  ["\u200b", 0],
])("%j takes %i columns", (text, width) => expect(displayWidth(text)).toBe(width));

test("glyphs know their place in UTF-16", () => {
  expect(glyphsOf("a😀e\u0301日")).toEqual([
    { text: "a", start: 0, width: 1 },
    { text: "😀", start: 1, width: 2 },
    { text: "e\u0301", start: 3, width: 1 },
    { text: "日", start: 5, width: 2 },
  ]);
});
