import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutToWidth, displayWidth } from "../../../../runtime/output/width.js";

describe("displayWidth", () => {
  test.each([
    ["", 0],
    ["curl", 4],
    ["é", 1],
    ["e\u0301", 1],
    ["日本語", 6],
    ["ｱ", 1],
    ["Ａ", 2],
    ["한글", 4],
    ["\u1112\u1161\u11ab", 2],
    ["🦀", 2],
    ["a\u200bb", 2],
    ["␊", 1],
    ["Ω", 1],
  ])("%j takes %d columns", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

test("a cut text fits, is a beginning, and one more character would not fit", () => {
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom("日", "e\u0301", "🦀", "a"), fc.string({ unit: "binary", minLength: 1, maxLength: 1 })),
  });
  fc.assert(
    fc.property(text, fc.nat({ max: 12 }), (whole, width) => {
      const cut = cutToWidth(whole, width);
      expect(whole.startsWith(cut)).toBe(true);
      expect(displayWidth(cut)).toBeLessThanOrEqual(width);
      const [next] = whole.slice(cut.length);
      if (next !== undefined) expect(displayWidth(cut + next)).toBeGreaterThan(width);
    }),
  );
});
