import { expect, test } from "vitest";
import { describeWhere, requireRoot } from "../e2e/harness/requirements.js";
import { compareRuns } from "./harness/agreement.js";
import { makeInputs } from "./harness/inputs.js";
import { probeOf, runBoth, scriptOf } from "./harness/run.js";

const INPUTS = makeInputs(250, 21);
const needs = [requireRoot];

async function agree(source: string, ended = 0): Promise<Awaited<ReturnType<typeof runBoth>>> {
  const run = await runBoth(scriptOf(source), INPUTS);
  const result = compareRuns(run);
  expect(result.problems.slice(0, 5)).toEqual([]);
  if (ended === 0) expect(result.ended).toBe(0);
  else expect(result.ended).toBeGreaterThan(ended);
  expect(withoutTimes(run.state.kernel)).toEqual(withoutTimes(run.state.node));
  return run;
}

/** What stashes hold has the time of its start. */
function withoutTimes(state: readonly unknown[]): unknown {
  return JSON.parse(JSON.stringify(state), (name, value) => (name === "ns" ? undefined : value));
}

describeWhere(needs, "maps of all kinds hold in the kernel what they hold in Node", () => {
  test("add and incr", async () => {
    const types = ["u32", "u64", "s32", "s64"];
    const amount = (type: string) => (type.endsWith("64") ? "BigInt.asIntN(64, b)" : "Number(BigInt.asIntN(64, b) >> 20n)");
    const host = types.flatMap((type) => [
      `const h_${type} = hash({ key: "u8", value: "${type}" });`,
      `const p_${type} = t.perCpuHash({ key: "u8", value: "${type}" });`,
      `const l_${type} = lruHash({ key: "u8", value: "${type}", max: 100 });`,
    ]);
    const adds = types.flatMap((type) =>
      ["h", "p", "l"].flatMap((kind) => [`${kind}_${type}.add(k, ${amount(type)});`, `${kind}_${type}.incr(k);`]),
    );
    const reads = types.map((type) => `${type}: h_${type}.get(k)`);
    // Of values per CPU the host shows sums, which do not wrap: one CPU here, whose value is the sum.
    await agree(
      [...host, probeOf("p", `const k = Number(a & 7n);\n${adds.join("\n")}\nreturn { n, ${reads.join(", ")} };`)].join("\n"),
    );
  });

  test("records, to the fields that are given", async () => {
    await agree(`
const flows = hash({ key: ["u8", "bool"], value: { packets: "u32", at: { bytes: "u64", most: "s64" } } });
${probeOf(
  "p",
  `const k = [Number(a & 3n), (b & 1n) === 1n] as const;
  if ((c & 3n) === 0n) flows.add(k, { packets: 1 });
  else flows.add(k, { at: { bytes: d & 0xffffn }, packets: Number(c & 0xfn) });
  const found = flows.get(k);
  return { n, found, packets: found?.packets, bytes: found?.at.bytes ?? 0n };`,
)}`);
  });

  test("arrays, and indexes out of range", async () => {
    await agree(
      `
const one = t.array({ value: "u16", length: 8 });
const records = t.array({ value: { a: "u64", b: ["u8", "comm"] }, length: 3 });
const mine = t.perCpuArray({ value: "u32", length: 8 });
${probeOf(
  "p",
  `const i = Number(a & 7n), j = Number(b & 15n) - 4;
  one.set(i, one.get(i) + Number(c & 0xffffn));
  mine.incr(i);
  const before = records.get(2);
  records.set(2, { a: d, b: [i, (c & 1n) === 1n ? comm() : "x"] });
  const now = records.get(2).b;
  mine.add(j, 5);
  return { n, before, i, v: one.get(i), length: one.length, first: records.get(0), now, tuple: now[0], who: now[1] === "x", m: mine.get(j) };`,
)}`,
      50,
    );
  });

  test("texts of declared sizes as keys and values", async () => {
    await agree(`
const names = hash({ key: "str8", value: { long: "str32", n: "u32" } });
${probeOf(
  "p",
  `const name = (a & 1n) === 1n ? comm() : (a & 2n) === 2n ? "é" : "a text that is cut";
  const found = names.get(name);
  names.set(name, { long: name, n: Number(b & 0xffn) });
  return { n, found, has: names.has("a text "), gone: (c & 15n) === 0n ? names.delete(name) : false, again: names.get("é")?.long };`,
)}`);
  });

  test("stash: put, take, replaced", async () => {
    const run = await agree(`
const calls = t.stash({ key: "u8", value: { a: "u64", who: "comm" } });
const times = t.stash({ key: ["u8", "u8"] });
${probeOf(
  "p",
  `const k = Number(a & 7n);
  if ((b & 1n) === 0n) { calls.put(k, { a: c, who: comm() }); times.put([k, 1]); return { n, put: true }; }
  const call = calls.take(k, (b & 2n) === 0n ? 0n : -5n);
  const never = times.take([k, 1], 1_000_000_000_000_000n);
  if (call === undefined) return { n, put: false, never: never === undefined };
  return { n, a: call.a, who: call.who, right: call.ns >= 0n, gone: calls.take(k) === undefined };`,
)}`);
    const replaced = run.counters.filter(({ site }) => site.reason === "replaced" && site.subject === "calls");
    expect(Number(replaced[0]?.count)).toBeGreaterThan(10);
  });
});
