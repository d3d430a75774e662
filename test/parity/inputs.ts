import fc from "fast-check";

/** Where widths, signs and JavaScript's exactness change. */
const EDGES: readonly bigint[] = [
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
  127n,
  128n,
  255n,
  256n,
  65_535n,
  65_536n,
].concat(
  [31n, 32n, 52n, 53n, 62n, 63n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits, 2n ** bits + 1n]),
  [
    2n ** 64n - 1n,
    2n ** 64n - 2n,
    2n ** 64n - 3n,
    2n ** 64n - 7n,
    2n ** 64n - 128n,
    2n ** 64n - 2n ** 31n,
    2n ** 64n - 2n ** 32n - 1n,
    2n ** 64n - 2n ** 53n,
  ],
);

const value = fc.oneof(
  fc.constantFrom(...EDGES),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 0n, max: 1000n }),
);

/** Inputs of four 64-bit numbers: all pairs of edges, and random ones. The seed is printed, so that a failure can be run again. */
export function sampleInputs(count: number, seed = Number(process.env.PARITY_SEED ?? Date.now() % 2 ** 31)): bigint[][] {
  console.log(`parity inputs from seed ${seed} (PARITY_SEED runs them again)`);
  return fc.sample(fc.tuple(value, value, value, value), { numRuns: count, seed }).map((tuple) => [...tuple]);
}

/** Every pair of a few edges. */
export function edgePairs(): bigint[][] {
  const few = [
    0n,
    1n,
    2n,
    7n,
    63n,
    64n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 53n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
    2n ** 64n - 7n,
  ];
  return few.flatMap((x) => few.map((y) => [x, y, y, x]));
}
