import { describe, expect, test } from "vitest";
import { hist, linearHist } from "../../../dsl/aggregations.js";
import { log2Text } from "../../../dsl/log2-text.js";
import { beginScript } from "../../../dsl/script.js";

function textOf(values: readonly (number | bigint)[], options: { unit: string; rows?: number } = { unit: "usecs" }): string {
  beginScript([]);
  const gathered = hist();
  for (const value of values) gathered.add(value);
  return log2Text(gathered.read(), options);
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe("log2Text", () => {
  test("has a row for each power of two from 0 on, the empty ones too, and stars in proportion", () => {
    expect(textOf([0, 1, 3, ...times(4, 9), ...times(8, 31)])).toBe(
      [
        "     usecs               : count    distribution",
        "         0 -> 1          : 2        |**********                              |",
        "         2 -> 3          : 1        |*****                                   |",
        "         4 -> 7          : 0        |                                        |",
        "         8 -> 15         : 4        |********************                    |",
        "        16 -> 31         : 8        |****************************************|",
      ].join("\n"),
    );
  });

  test("cuts stars to whole ones, as integer division does", () => {
    const rows = textOf([...times(3, 1), ...times(1, 2)]).split("\n");
    expect(rows[2]?.split("|")[1]?.trimEnd()).toBe("*".repeat(13));
  });

  test("needs twice the room beyond the row of 2^32, and gives it from the bars", () => {
    const lines = textOf([1n << 33n, 5n], { unit: "bytes" }).split("\n");
    expect(lines[0]).toBe("               bytes                         : count    distribution");
    expect(lines[1]).toBe("                   0 -> 1                    : 0        |                    |");
    expect(lines.at(-1)).toBe("          8589934592 -> 17179869183          : 1        |********************|");
    expect(textOf([1n << 32n]).split("\n")).toHaveLength(34);
    expect(
      textOf([1n << 32n])
        .split("\n")
        .at(-1),
    ).toMatch(/^4294967296 -> 8589934591 : 1 {8}\|\*{40}\|$/);
  });

  test("counts what is larger than the last row in it", () => {
    const lines = textOf([4, 1 << 20, 1 << 26], { unit: "usecs", rows: 20 }).split("\n");
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toMatch(/^ {4}524288 -> 1048575 {4}: 2 /);
  });

  test("is empty without values", () => {
    expect(textOf([])).toBe("");
  });

  test("refuses what has no row", () => {
    expect(() => textOf([-1])).toThrow("values below 0");
    const linear = linearHist({ min: 0, max: 100, step: 10 });
    linear.add(35);
    expect(() => log2Text(linear.read(), { unit: "x" })).toThrow("no powers of two");
  });
});
