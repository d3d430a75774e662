import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance } from "../../../kernel/edit-distance.js";

/** The definition, computed on the whole table. */
function plainDistance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, row) =>
    Array.from({ length: b.length + 1 }, (_, column) => (row === 0 ? column : column === 0 ? row : 0)),
  );
  const at = (row: number, column: number): number => table[row]?.[column] as number;
  for (let row = 1; row <= a.length; row++) {
    for (let column = 1; column <= b.length; column++) {
      let cost = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        cost = Math.min(cost, at(row - 2, column - 2) + 1);
      (table[row] as number[])[column] = cost;
    }
  }
  return at(a.length, b.length);
}

describe("editDistance", () => {
  it.each([
    ["sport", "sport", 0],
    ["sprot", "sport", 1],
    ["saddrv6", "saddr_v6", 1],
    ["kitten", "sitting", 3],
    ["", "abc", 3],
  ])("%j to %j is %i", (a, b, expected) => {
    expect(editDistance(a, b, 9)).toBe(expected);
  });

  it("agrees with the definition, up to its limit", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "_"), maxLength: 12 });
    fc.assert(
      fc.property(word, word, fc.nat(13), (a, b, limit) => {
        expect(editDistance(a, b, limit)).toBe(Math.min(plainDistance(a, b), limit + 1));
      }),
      { numRuns: 3000 },
    );
  });

  it("gives up on texts that are no names", () => {
    expect(editDistance("a".repeat(300), "a".repeat(300), 5)).toBe(6);
  });
});
