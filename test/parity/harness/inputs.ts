import fc from "fast-check";

/** What the parameters of a system call hold: six 64-bit values, of which the last one numbers the input. */
export type Input = readonly [bigint, bigint, bigint, bigint, bigint];

const EDGES = [
  0n,
  1n,
  2n,
  3n,
  7n,
  8n,
  31n,
  32n,
  33n,
  63n,
  64n,
  65n,
  100n,
  127n,
  128n,
  255n,
  256n,
  1000n,
  32767n,
  32768n,
  65535n,
  65536n,
];
const POWERS = [31n, 32n, 33n, 52n, 53n, 54n, 62n, 63n, 64n].flatMap((n) => [-2n, -1n, 0n, 1n].map((d) => 2n ** n + d));

/** A 64-bit pattern: edges of every width, small values of both signs, and any other. */
export const word: fc.Arbitrary<bigint> = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom(...EDGES, ...EDGES.map((n) => -n)) },
    { weight: 3, arbitrary: fc.constantFrom(...POWERS, ...POWERS.map((n) => -n)) },
    { weight: 2, arbitrary: fc.bigInt({ min: -70n, max: 70n }) },
    { weight: 2, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 32n }) },
    { weight: 2, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  )
  .map((value) => BigInt.asUintN(64, value));

/** So many inputs, the same for one seed. */
export function makeInputs(count: number, seed: number): Input[] {
  return fc.sample(fc.tuple(word, word, word, word, word), { numRuns: count, seed });
}
