import { expect, test } from "vitest";
import { describeWhere, requireRoot } from "../e2e/harness/requirements.js";
import { compareRuns } from "./harness/agreement.js";
import { makeInputs } from "./harness/inputs.js";
import { probeOf, runBoth, scriptOf } from "./harness/run.js";

const INTEGERS = ["u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "ptr"];
const bigintTypes = new Set(["u64", "s64", "ptr"]);

/** Values of a shape made of a, b, c: any 64-bit value for bigint types, wrapped by the map; numbers of up to 53 bits for the rest. */
function valueText(type: string, word: string): string {
  if (type === "bool") return `(${word} & 1n) === 1n`;
  if (type === "comm") return `(${word} & 1n) === 1n ? "short" : "a text of more than 15 bytes"`;
  if (bigintTypes.has(type)) return `BigInt.asIntN(64, ${word})`;
  return `Number(BigInt.asIntN(64, ${word}) >> 11n)`;
}

/** A sequence of all operations on one map of its own, with few keys, so that hits and misses both occur. */
function sequence(name: string, key: string): string {
  return probeOf(
    `probe_${name}`,
    `const k = ${key === "record" ? "{ x: Number(a & 1n), y: BigInt.asIntN(64, b & 3n) }" : key === "bool" || key === "comm" ? valueText(key, "a") : bigintTypes.has(key) ? "a & 3n" : "Number(a & 3n) - 1"};
  const had = ${name}.has(k);
  const before = ${name}.get(k);
  if ((c & 7n) === 0n) return { n, kind: "gone", had, gone: ${name}.delete(k), again: ${name}.delete(k), after: ${name}.get(k) };
  const isNew = before === undefined;
  ${name}.set(k, VALUE);
  const now = ${name}.get(k);
  if (now === undefined) return { n, kind: "never" };
  return { n, kind: "set", had, before, isNew, now, has: ${name}.has(k) };`,
  );
}

const INPUTS = makeInputs(200, 4);
const needs = [requireRoot];

describeWhere(needs, "maps hold in the kernel what they hold in Node", () => {
  test("values of every type", async () => {
    const types = [...INTEGERS, "bool", "comm"];
    const maps = types.map((type) => `const m_${type} = hash({ key: "u32", value: "${type}" });`);
    const probes = types.map((type) => sequence(`m_${type}`, "u32").replace("VALUE", valueText(type, "d")));
    const { problems, same } = compareRuns(await runBoth(scriptOf([...maps, ...probes].join("\n")), INPUTS));
    expect(problems.slice(0, 10)).toEqual([]);
    expect(same).toBe(types.length * INPUTS.length);
  });

  test("keys of every type, and records as keys", async () => {
    const types = [...INTEGERS, "bool", "comm", "record"];
    const maps = types.map(
      (type) =>
        `const k_${type} = ${type === "u8" ? "lruHash" : "hash"}({ key: ${type === "record" ? '{ x: "u8", y: "s64" }' : `"${type}"`}, value: "u64", max: 100 });`,
    );
    const probes = types.map((type) => sequence(`k_${type}`, type).replace("VALUE", "d"));
    const { problems, same } = compareRuns(await runBoth(scriptOf([...maps, ...probes].join("\n")), INPUTS));
    expect(problems.slice(0, 10)).toEqual([]);
    expect(same).toBe(types.length * INPUTS.length);
  });

  test("records as values, padding, null rules, and helpers that make records", async () => {
    const source = scriptOf(`
const rec = hash({ key: { low: "u8", high: "u32", flag: "bool", who: "comm" }, value: { count: "u32", last: "u64", signed: "s8", who: "comm", seen: "bool" } });
const other = hash({ key: "u16", value: { x: "u16" } });
const since = lruHash({ key: "ptr", value: "u64", max: 1000 });
const since_of_another_name = lruHash({ key: "ptr", value: "u64", max: 1000 });
const keyOf = fn((a: bigint) => ({ low: Number(a & 1n), high: 7, flag: (a & 2n) === 2n, who: comm() }));
const fresh = fn((d: bigint) => ({ count: 1, last: d, signed: Number(d & 0xffn), who: "new", seen: false }));
const found = fn((k: number) => other.get(k));
${probeOf(
  "records",
  `const k = { low: Number(a & 1n), high: 7, flag: (a & 2n) === 2n, who: comm() };
  const r = rec.get(k);
  if (r === undefined) { rec.set(k, fresh(d)); return { n, kind: "first", has: rec.has(keyOf(a)), stored: rec.get(keyOf(a)) }; }
  if (r.count > 5) return { n, kind: "end", gone: rec.delete(keyOf(a)) };
  rec.set(keyOf(a), { seen: true, count: r.count + 1, who: r.who, last: r.last ^ d, signed: r.signed + 100 });
  return { n, kind: "more", r, signed: r.signed, count: rec.get(k)?.count, last: rec.get(k)?.last ?? 0n, who: r.who === "new" };`,
)}
${probeOf(
  "nulls",
  `const p = since.get(a & 3n);
  since.set(a & 3n, b); since_of_another_name.set(a & 3n, c);
  if (p) return { n, kind: "truthy", p, q: since_of_another_name.get(a & 3n) };
  const q = since.get(d & 3n);
  if (q === undefined || p === undefined) return { n, kind: "undefined", a: p !== undefined, b: q !== undefined, c: q ?? 5n, d: p ?? q ?? 6n };
  return { n, kind: "zero", p, q, sum: (q >> 1n) + (p >> 1n), eq: p === q };`,
)}
${probeOf(
  "chains",
  `const key = Number(a & 3n); const o = other.get(key);
  if ((b & 1n) === 0n) other.set(key, { x: Number(b & 0xfffffn) }); else other.delete(key);
  const x = o?.x; const y = other.get(key)?.x; const z = found(key);
  if (!z) return { n, x, y, none: true, w: found(key)?.x ?? -1 };
  let last: number | undefined; if (x !== undefined) last = x; else last = y;
  return { n, x, y, z, w: z.x, last, both: x !== undefined && y !== undefined ? x + y : -2, o };`,
)}`);
    const { problems, same } = compareRuns(await runBoth(source, INPUTS));
    expect(problems.slice(0, 10)).toEqual([]);
    expect(same).toBe(3 * INPUTS.length);
  });

  // clang clears no more than 1024 bytes at once; both are larger.
  test("keys and values of many long texts", async () => {
    const texts = (make: (k: number) => string) => [0, 1, 2, 3, 4].map((k) => `t${k}: ${make(k)}`).join(", ");
    const source = scriptOf(`
const big = hash({ key: { ${texts(() => '"str256"')}, at: "u8" }, value: { ${texts(() => '"str250"')}, count: "u64" } });
${probeOf(
  "long",
  `const k = { ${texts((k) => (k === 4 ? "comm()" : `"a text ${"x".repeat(k * 60)}"`))}, at: Number(a & 3n) };
  const count = big.get(k)?.count ?? 0n;
  big.set(k, { ${texts((k) => (k === 0 ? "comm()" : `"none ${"y".repeat(k * 50)}"`))}, count: count + (b & 0xffn) });
  return { n, count, has: big.has({ ${texts((k) => (k === 4 ? "comm()" : `"a text ${"x".repeat(k * 60)}"`))}, at: 2 }), t4: big.get(k)?.t4 };`,
)}`);
    const { problems, same } = compareRuns(await runBoth(source, INPUTS));
    expect(problems.slice(0, 10)).toEqual([]);
    expect(same).toBe(INPUTS.length);
  });
});
