import { expect, test } from "vitest";
import { describeWhere, requireRoot } from "../e2e/harness/requirements.js";
import { compareRuns, isSame } from "./harness/agreement.js";
import { makeInputs } from "./harness/inputs.js";
import { type BothRuns, NUMBER as CALL, probeOf, runBoth, scriptOf } from "./harness/run.js";

/** What a result must fit, or the run ends: 64 bits of either kind, or JavaScript's exact integers. */
type Fits = "u64" | "s64" | "number";

const within: Readonly<Record<Fits, (value: unknown) => boolean>> = {
  u64: (value) => typeof value === "bigint" && value >= 0n && value < 2n ** 64n,
  s64: (value) => typeof value === "bigint" && value >= -(2n ** 63n) && value < 2n ** 63n,
  number: (value) => typeof value === "number" && Number.isSafeInteger(value),
};

/** sa, sb: signed; i, j: 32-bit signed; u, w: 32-bit unsigned; x, y: 53-bit signed numbers; z: 53-bit unsigned; k: small count. */
const OPERANDS = `
  const sa = BigInt.asIntN(64, a), sb = BigInt.asIntN(64, b);
  const i = Number(BigInt.asIntN(32, a)), j = Number(BigInt.asIntN(32, b));
  const u = Number(a & 0xffffffffn), w = Number(b & 0xffffffffn);
  const x = Number(BigInt.asIntN(64, c) >> 11n), y = Number(BigInt.asIntN(64, d) >> 11n), z = Number(c >> 11n);
  const k = c & 63n, sk = BigInt.asIntN(8, c), small = Number(c & 63n) - 8;`;

const BIGINT: Readonly<Record<string, Fits>> = {
  "a + b": "u64",
  "a - b": "s64",
  "a * b": "u64",
  "a / b": "u64",
  "a % b": "u64",
  "sa + sb": "s64",
  "sa - sb": "s64",
  "sa * sb": "s64",
  "sa / sb": "s64",
  "sa % sb": "s64",
  "sa + b": "s64",
  "a + sb": "s64",
  "sa - b": "s64",
  "a - sb": "s64",
  "sa * b": "s64",
  "a * sb": "s64",
  "sa / b": "s64",
  "a / sb": "s64",
  "sa % b": "s64",
  "a % sb": "u64",
  "-a": "s64",
  "-sa": "s64",
  "~a": "s64",
  "~sa": "s64",
  "a & b": "u64",
  "a | b": "u64",
  "a ^ b": "u64",
  "sa & sb": "s64",
  "sa | sb": "s64",
  "sa ^ sb": "s64",
  "a & sb": "u64",
  "sa & b": "u64",
  "a >> 3n": "u64",
  "sa >> 3n": "s64",
  "a >> 63n": "u64",
  "sa >> 70n": "s64",
  "a >> 64n": "u64",
  "a >> k": "u64",
  "sa >> k": "s64",
  "a >> c": "u64",
  "sa >> c": "s64",
  "a << 1n": "u64",
  "a << 33n": "u64",
  "sa << 1n": "s64",
  "sa << 40n": "s64",
  "a << k": "u64",
  "sa << k": "s64",
  "(a & 0xffn) << 8n": "u64",
  "(a & 0xffn) << k": "u64",
};

const MORE_BIGINT: Readonly<Record<string, Fits>> = {
  "BigInt.asUintN(8, a)": "u64",
  "BigInt.asUintN(16, sa)": "u64",
  "BigInt.asUintN(32, sa)": "u64",
  "BigInt.asUintN(64, sa)": "u64",
  "BigInt.asIntN(8, a)": "s64",
  "BigInt.asIntN(16, a)": "s64",
  "BigInt.asIntN(32, sa)": "s64",
  "BigInt.asIntN(64, a)": "s64",
  "BigInt(i)": "s64",
  "BigInt(u)": "u64",
  "BigInt(x)": "s64",
  "BigInt(a < b)": "u64",
  "BigInt(i) * BigInt(j)": "s64",
  "BigInt(u) * BigInt(w)": "u64",
  "a / 1000n": "u64",
  "sa / 1000n": "s64",
  "sa / -7n": "s64",
  "a % 10n": "u64",
  "sa % 10n": "s64",
  "1000n / b": "u64",
  "-1000n / sb": "s64",
  "-1000n % b": "s64",
  "sa / -1n": "s64",
  "a * 3n": "u64",
  "a * -1n": "s64",
  "sa * -1n": "s64",
  "a + 18446744073709551615n": "u64",
  "a - 9223372036854775808n": "s64",
  "sa - 9223372036854775807n": "s64",
  "a * 0n": "u64",
  "(a & 0xffffn) * (b & 0xffffn) + 5n": "u64",
  "(a >> 1n) - (b >> 1n)": "s64",
  "a - a % 7n": "s64",
  "(a | 9223372036854775808n) - (b | 9223372036854775808n)": "s64",
  "BigInt.asUintN(64, a - a)": "u64",
  "a < b ? a : b": "u64",
  "sa < sb ? sa : sb": "s64",
  "sa > b ? 1n : a >= sb ? 2n : 3n": "u64",
};

const NUMBER: Readonly<Record<string, Fits>> = {
  "i + j": "number",
  "i - j": "number",
  "i * j": "number",
  "u + w": "number",
  "u - w": "number",
  "u * w": "number",
  "i * w": "number",
  "x + y": "number",
  "x - y": "number",
  "x * y": "number",
  "z + z": "number",
  "z * 2": "number",
  "z * j": "number",
  "-x": "number",
  "+i": "number",
  "Math.trunc(i / j)": "number",
  "Math.trunc(x / y)": "number",
  "Math.trunc(u / w)": "number",
  "Math.trunc(z / 1000)": "number",
  "Math.trunc(x / -3)": "number",
  "Math.trunc(x)": "number",
  "i % j": "number",
  "x % y": "number",
  "u % w": "number",
  "x % 1000": "number",
  "z % 7": "number",
  "x % -5": "number",
  "Math.min(x, y)": "number",
  "Math.max(x, y)": "number",
  "Math.min(x, y, i, 5)": "number",
  "Math.max(i, 0)": "number",
  "Math.abs(x)": "number",
  "Math.abs(i)": "number",
  "Math.abs(u)": "number",
  "i & j": "number",
  "x | y": "number",
  "x ^ j": "number",
  "~x": "number",
  "~u": "number",
  "z & 0xff": "number",
  "z >>> 0": "number",
  "x | 0": "number",
  "i << 4": "number",
  "x << 31": "number",
  "x >> 5": "number",
  "x >>> 5": "number",
  "i >>> 31": "number",
  "i << small": "number",
  "x >> small": "number",
  "z >>> small": "number",
};

const MORE_NUMBER: Readonly<Record<string, Fits>> = {
  "x << 33": "number",
  "x >> 40": "number",
  "z >>> 32": "number",
  "i << -1": "number",
  "u >>> -1": "number",
  "x >> x": "number",
  "i >>> j": "number",
  "Number(a)": "number",
  "Number(sa)": "number",
  "Number(a >> 10n)": "number",
  "Number(a < b)": "number",
  "Number(a & 0xffffffffn) | 0": "number",
  "Number(a & 0xffffffffn) >>> 0": "number",
  "(i & 255) + (j & 255) * 3": "number",
  "(i >>> 24) * 16777216 + (j & 255)": "number",
  "i < j ? i : j": "number",
  "x <= y ? x : -1": "number",
  "Math.max(Math.min(i, 100), -100)": "number",
  "(x | 0) * 2": "number",
  "(i ^ j) & 0x7fffffff": "number",
  "-(-i)": "number",
  "~~x": "number",
  "i - -1": "number",
};

const COMPARISONS = ["===", "!==", "<", "<=", ">", ">="].flatMap((op) => [
  `a ${op} b`,
  `sa ${op} sb`,
  `sa ${op} b`,
  `a ${op} sb`,
  `i ${op} j`,
  `u ${op} i`,
  `x ${op} y`,
  `sa ${op} 5n`,
  `a ${op} 9223372036854775808n`,
  `sa ${op} -1n`,
]);
const CONDITIONS = [
  "a && true ? 1 : 2",
  "sa > 0n && sb > 0n",
  "sa > 0n || sb > 0n",
  "sa <= b && i > 0",
  "i > 0 && b > sa",
  "b > sa || i > 0",
  "a < sb && sa < b && i > 3 || sb >= a",
  "!(sa > b) && !(a < sb)",
  "!(a < b)",
  "!a",
  "!!sa",
  "!i",
  "a < b === sa < sb",
  "Boolean(a)",
  "Boolean(i)",
  "(a < b) !== (sa < sb)",
  "i ? j > 0 : j < 0",
  "(i || j) > 5",
  "a > 5n && b > 5n || c > 5n && !(d > 5n)",
  "a < b ? sa < sb : sa > sb",
  "b > 18446744073709551615n / ((a & 0xffffn) + 1n)",
  "18446744073709551615n / ((a & 0xffffn) + 1n) < b",
  "((a & 0xffffffffn) * (b & 0xffffffffn)) / ((b & 0xffffffffn) + 1n) !== (a & 0xffffffffn)",
];

function probesOf(expressions: readonly string[]): string {
  return scriptOf(expressions.map((text, at) => probeOf(`p${at}`, `${OPERANDS}\n  return { n, v: ${text} };`)).join("\n"));
}

/**
 * With one operation a probe, a run ends exactly when the value of the handler in plain Node does not fit.
 * A shift by more than 63 or backwards has no instruction: there is none here.
 */
function wrongEnds(run: BothRuns, cases: readonly (readonly [string, Fits])[]): string[] {
  return cases.flatMap(([text, fits], at) =>
    run.inputs.flatMap((input, i) => {
      const sent = (run.kernel[i] ?? []).find(({ stream }) => stream === run.streams[at]);
      let value: unknown;
      try {
        const event = run.handlers[at]?.({ id: CALL, args: [...input, BigInt(i)] } as never) as { v: unknown } | undefined;
        value = event?.v;
      } catch (error) {
        value = error;
      }
      const right = within[fits](value) ? sent !== undefined && isSame(sent.event.v, value) : sent === undefined;
      return right ? [] : [`${text} of ${input} is ${value}: ${sent === undefined ? "ended" : `sent ${sent.event.v}`}`];
    }),
  );
}

const needs = [requireRoot];

describeWhere(needs, "the kernel computes what Node computes", () => {
  const tables = { BIGINT, MORE_BIGINT, NUMBER, MORE_NUMBER };
  test.each(Object.keys(tables) as (keyof typeof tables)[])("%s", async (name) => {
    const cases = Object.entries(tables[name]);
    const run = await runBoth(probesOf(cases.map(([text]) => text)), makeInputs(120, 1));
    const { problems, same, ended } = compareRuns(run);
    expect(problems.slice(0, 20)).toEqual([]);
    expect(same + ended).toBe(cases.length * 120);
    expect(same).toBeGreaterThan(cases.length * 40);
    expect(wrongEnds(run, cases).slice(0, 20)).toEqual([]);
  });

  test("comparisons and conditions never end a run", async () => {
    for (const part of [COMPARISONS, CONDITIONS]) {
      const { problems, same } = compareRuns(await runBoth(probesOf(part), makeInputs(120, 2)));
      expect(problems.slice(0, 20)).toEqual([]);
      expect(same).toBe(part.length * 120);
    }
  });
});
