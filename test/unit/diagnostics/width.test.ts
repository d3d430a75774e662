import fc from "fast-check";
import { expect, test } from "vitest";
import { cutToWidth, displayWidth, glyphsOf } from "../../../diagnostics/width.js";

test.each([
  ["", 0],
  ["plain", 5],
  ["naïve", 5],
  ["e\u0301", 1],
  ["日本語", 6],
  ["ｆｕｌｌ", 8],
  ["한글", 4],
  ["\u1112\u1161\u11ab", 2],
  ["ｱ", 1],
  ["Ａ", 2],
  ["Ω", 1],
  ["␊", 1],
  ["a\u200bb", 2],
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

test("a cut text fits, is a beginning, and one more character would not fit", () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom("日", "e\u0301", "🦀", "👩‍👩‍👧", "a"),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    ),
  });
  fc.assert(
    fc.property(text, fc.nat({ max: 12 }), (whole, width) => {
      const cut = cutToWidth(whole, width);
      expect(whole.startsWith(cut)).toBe(true);
      expect(displayWidth(cut)).toBeLessThanOrEqual(width);
      const [next] = glyphsOf(whole.slice(cut.length));
      if (next !== undefined) expect(displayWidth(cut + next.text)).toBeGreaterThan(width);
    }),
  );
});
