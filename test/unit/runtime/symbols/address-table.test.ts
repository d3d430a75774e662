import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AddressTable, lastNotAbove, orderOf } from "../../../../runtime/symbols/address-table.js";

const address = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 2 ** 47 }));

describe("orderOf", () => {
  test("sorts as a stable sort does, near together or far apart", () => {
    fc.assert(
      fc.property(fc.array(address), (addresses) => {
        const expected = [...addresses.keys()].sort((a, b) => (addresses[a] as number) - (addresses[b] as number) || a - b);
        expect([...orderOf(Float64Array.from(addresses))]).toEqual(expected);
      }),
    );
  });
});

describe("lastNotAbove", () => {
  test("finds what a search from the end finds", () => {
    fc.assert(
      fc.property(fc.array(address), address, (addresses, value) => {
        const sorted = Float64Array.from(addresses).sort();
        expect(lastNotAbove(sorted, value)).toBe(sorted.findLastIndex((each) => each <= value));
      }),
    );
  });
});

describe("AddressTable", () => {
  const range = fc.record({ start: fc.integer({ min: 0, max: 60 }), size: fc.integer({ min: 0, max: 30 }) });
  const tableOf = (ranges: readonly { start: number; size: number }[], newestWins: boolean) =>
    new AddressTable(
      Float64Array.from(ranges, ({ start }) => start),
      Float64Array.from(ranges, ({ start, size }) => start + size),
      (index) => `name ${index}`,
      { newestWins },
    );

  test("of ranges that overlap, the one that begins nearest, or the newest", () => {
    fc.assert(
      fc.property(fc.array(range), fc.integer({ min: 0, max: 100 }), fc.boolean(), (ranges, place, newestWins) => {
        const holding = [...ranges.keys()].filter((i) => {
          const { start, size } = ranges[i] as { start: number; size: number };
          return start <= place && place < start + size;
        });
        const startOf = (i: number) => (ranges[i] as { start: number }).start;
        const best = newestWins ? holding.at(-1) : holding.sort((a, b) => startOf(a) - startOf(b) || a - b).at(-1);
        const expected = best === undefined ? undefined : { name: `name ${best}`, start: startOf(best) };
        expect(tableOf(ranges, newestWins).find(place)).toEqual(expected);
      }),
    );
  });
});
