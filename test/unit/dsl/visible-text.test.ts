import { expect, test } from "vitest";
import { visibleText } from "../../../dsl/visible-text.js";

test.each([
  ["curl", "curl"],
  ["größer 你好", "größer 你好"],
  ["\x1b[2Jx\n", "␛[2Jx␊"],
  ["\x00\x7f", "␀␡"],
  ["\x9b31m", "\\x9b31m"],
  ["\u202egpj", "\\u202egpj"],
])("%j is shown as %j", (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});
