import { expect, test } from "vitest";
import { describeWhere, requireRoot } from "../e2e/harness/requirements.js";
import { compareRuns } from "./harness/agreement.js";
import { makeInputs } from "./harness/inputs.js";
import { probeOf, runBoth, scriptOf } from "./harness/run.js";

const KINDS = [
  "t.count()",
  "t.sum()",
  "t.avg()",
  "t.min()",
  "t.max()",
  "t.stats()",
  "t.hist()",
  "t.linearHist({ min: -1000, max: 100_000, step: 333 })",
  "t.quantiles({ error: 0.25 })",
  "t.quantiles({ error: 0.008 })",
];
const KEYS: Readonly<Record<string, readonly [shape: string, value: string]>> = {
  number: ['"u8"', "Number(a & 7n)"],
  text: ['"str24"', '(a & 1n) === 1n ? comm() : "another"'],
  record: [
    '{ x: "s16", at: { who: "comm", on: "bool" } }',
    "{ at: { on: (b & 1n) === 1n, who: comm() }, x: Number(a & 3n) - 2 }",
  ],
  tuple: ['["u64", "bool", ["u8", "u8"]]', "[a & 3n, (b & 1n) === 1n, [Number(c & 1n), 7]]"],
};
/** Values of all sizes and signs: s is 0 to 62 bits wide. */
const VALUE = "BigInt.asIntN(64, c) >> (d & 63n)";
const INPUTS = makeInputs(300, 11);
const needs = [requireRoot];

describeWhere(needs, "aggregations hold in the kernel what they hold in Node", () => {
  test.each(KINDS)("%s", async (kind) => {
    const value = kind === "t.count()" ? [] : [VALUE];
    const keyed = Object.entries(KEYS);
    const source = [
      `const all = ${kind};`,
      ...keyed.map(([name, [shape]]) => `const by_${name} = ${kind}.by(${shape});`),
      probeOf(
        "p",
        `all.add(${value.join()});\n${keyed.map(([name, [, key]]) => `by_${name}.add(${[key, ...value].join(", ")});`).join("\n")}\nreturn { n };`,
      ),
    ];
    const run = await runBoth(scriptOf(source.join("\n")), INPUTS);
    const { problems, same } = compareRuns(run);
    expect(problems).toEqual([]);
    expect(same).toBe(INPUTS.length);
    expect(run.state.kernel).toEqual(run.state.node);
    const sizes = run.state.kernel.slice(1).map((entries) => (entries as unknown[]).length);
    expect(sizes).toEqual([8, 2, 8, 16]);
  });

  test("numbers and values that do not fit", async () => {
    const source = scriptOf(`
const total = t.stats();
${probeOf(
  "p",
  `total.add(Number(a & 0xffffn) - 5);
  total.add(b);
  total.add(Number(BigInt.asIntN(64, c) >> 11n));
  return { n };`,
)}`);
    const run = await runBoth(source, INPUTS);
    const { problems, same, ended } = compareRuns(run);
    expect(problems).toEqual([]);
    expect(same).toBeGreaterThan(50);
    expect(ended).toBeGreaterThan(50);
    expect(run.state.kernel).toEqual(run.state.node);
  });

  test("a full one refuses new keys and counts them; the old ones go on", async () => {
    const source = scriptOf(`
const few = t.count().by("u8", { max: 5 });
${probeOf("p", "few.add(Number(a & 0xffn));\nreturn { n };")}`);
    const run = await runBoth(source, INPUTS);
    expect(compareRuns(run).problems).toEqual([]);
    const [entries] = run.state.kernel as [{ value: number }[]];
    expect(run.state.kernel).toEqual(run.state.node);
    const counted = entries.reduce((sum, { value }) => sum + value, 0);
    const full = run.counters.find(({ site }) => site.reason === "map-full");
    expect(full?.site.subject).toBe("few");
    expect([entries.length, counted + Number(full?.count)]).toEqual([5, INPUTS.length]);
  });
});
