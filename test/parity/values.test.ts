import { expect, it } from "vitest";
import { describeWhere, requireBuild, requireRoot, requireTracefs } from "../e2e/harness/requirements.js";
import { sampleInputs } from "./inputs.js";
import { explain, runParity } from "./run.js";
import type { Case } from "./script.js";

/** Maps, helpers and constants of the cases; each map belongs to one case, so that state evolves alike on both sides. */
const prelude = `
const m1 = hash({ key: "u8", value: "u64", max: 1000 });
const m2 = hash({ key: "u64", value: "s32", max: 4000 });
const m3 = hash({ key: "s16", value: "bool", max: 70000 });
const m4 = hash({ key: { x: "u8", y: "s64" }, value: { n: "u32", t: "s64", ok: "bool", name: "comm" }, max: 4000 });
const m5 = lruHash({ key: "comm", value: "u8", max: 4000 });
const m6 = hash({ key: "u8", value: "u16", max: 1000 });
const m7 = hash({ key: "u8", value: "s8", max: 1000 });
const m8 = hash({ key: "u32", value: "u64", max: 4000 });
const m11 = hash({ key: "u8", value: "u64" });
const m12 = hash({ key: "u8", value: "u64", max: 1000 });
const m13 = hash({ key: "u8", value: "u16", max: 1000 });
const m14 = hash({ key: "u8", value: "u64" });
const m10 = hash({ key: "u64", value: "s32" });
const m9 = hash({ key: "bool", value: "u32", max: 4 });
const LIST = [3, 5, 8, 13] as const;
const TABLE = { small: 10, nested: { big: 1_000_000n, text: "seen" } };
enum Level { Low = 1, High = 40 }
const half = fn((x: number) => { if ((x & 1) !== 0) return undefined; return Math.trunc(x / 2); });
const clamp = fn((x: number, low: number, high: number) => (x < low ? low : x > high ? high : x));
const pair = fn((x: bigint, y: number) => ({ x: x >> 1n, y: y + 1, even: (x & 1n) === 0n }));
const deep = fn((x: number) => clamp(half(x) ?? -1, 0, 50) + 1);
const larger = fn((x: bigint, y: bigint) => (x > y ? x : y));
const early = fn((x: number) => { for (let k = 0; k < 20; k++) { if (k * k > x) return k; } return -1; });
const quotient = fn((x: bigint, y: bigint) => x / y);
const name = fn((x: number) => { if (x < 3) return "few"; if (x < 100) return "some"; return "very many"; });
`;

const small = "const n = Number(a & 0xffn);";

const cases: Case[] = [
  // Maps and null rules.
  { title: "count per key", body: `${small} const old = m1.get(n); m1.set(n, (old ?? 0n) + 1n);`, result: "old" },
  { title: "absent is undefined", result: "m10.get(a) === undefined" },
  { title: "set, then get", body: "m2.set(b, Number(c & 0xffffffffn) | 0);", result: "m2.get(b) ?? 7" },
  {
    title: "wrapping to s16 and bool",
    body: "m3.set(Number(a & 0xffffffn), (b & 1n) === 1n);",
    result: "[m3.has(Number(a & 0xffffn)), m3.get(Number(BigInt.asIntN(16, a))) ?? false]",
  },
  {
    title: "values are copied",
    body: `${small} const before = m6.get(n); m6.set(n, Number(b & 0x1ffffn));`,
    result: "{ before, after: m6.get(n) }",
  },
  { title: "s8 wraps", body: `${small} m7.set(n, n);`, result: "m7.get(n) ?? 0" },
  {
    title: "delete tells",
    body: "m8.set(Number(a & 7n), b); const gone = m8.delete(Number(c & 7n));",
    result: "{ gone, has: m8.has(Number(a & 7n)) }",
  },
  { title: "bool keys", body: "const k = (a & 1n) === 0n; m9.set(k, Number(b & 0xffffn));", result: "m9.get(!k)" },
  {
    title: "records as keys and values",
    body: "const key = { x: Number(a & 3n), y: BigInt.asIntN(64, b) }; const old = m4.get(key);\nm4.set({ y: key.y, x: key.x }, { n: Number(c & 0xffffffffn), t: -BigInt.asIntN(32, d), ok: old !== undefined, name: comm() });",
    result: "{ old, now: m4.get(key), t: old?.t ?? 3n, n: old?.n }",
  },
  { title: "comm keys", body: "const seen = m5.get(comm()); m5.set(comm(), Number(a & 0xffn));", result: "seen ?? -1" },
  {
    title: "narrowing by early return",
    body: "m12.set(Number(b & 0xffn), c >> 1n); const v = m12.get(Number(a & 0xffn)); if (v === undefined) return;",
    result: "v * 2n",
  },
  { title: "narrowing by &&", body: "if (d > 5n) m11.set(3, d); const v = m11.get(3);", result: "v !== undefined && v > 2n" },
  {
    title: "narrowing by truth",
    body: "m13.set(Number(b & 15n), Number(c & 1n)); const v = m13.get(Number(a & 15n)); let r = 1; if (v) r = v + 1;",
    result: "r",
  },
  { title: "=== with an absent value", body: "const v = m10.get(a);", result: "[v === 5, v !== 5, v == null]" },
  { title: "assignment narrows", body: "let v = m14.get(9); if (v === undefined) v = 4n;", result: "v + 1n" },
  {
    title: "let of undefined",
    body: "let best: bigint | undefined; if (a > b) best = a; else if (a === b) best = undefined;",
    result: "best",
  },
  // Control.
  {
    title: "nested if",
    body: `${small} let r = 0; if (n > 100) { if (n > 200) r = 1; else r = 2; } else if (n === 7) { return; } else { r = 3; }`,
    result: "r",
  },
  {
    title: "loop sum",
    body: `${small} let sum = 0; for (let k = 0; k < 12; k++) { if (k === 5) continue; if (sum > 600) break; sum += n * k; }`,
    result: "sum",
  },
  {
    title: "loop down by two",
    body: "let sum = 0n; for (let k = 20; k > 0; k -= 2) sum += BigInt(k) * (a & 0xffn);",
    result: "sum",
  },
  {
    title: "nested loops",
    body: "let r = 0; for (let k = 0; k < 5; k++) for (let l = k; l < 5; l++) { if (l === 3) break; r += l * 10 + k; }",
    result: "r",
  },
  { title: "loop to a variable bound", body: `${small} let r = 0; for (let k = 0; k < n && k < 30; k++) r += k;`, result: "r" },
  {
    title: "loop over elements",
    body: "let r = 0n; for (let k = 0; k < 6; k++) { const v = ctx.args[k]; if (v !== undefined) r ^= v >> 1n; }",
    result: "r",
  },
  {
    title: "guarded index",
    body: `${small} const k = n & 3; const list = [10, 20, 30, n];`,
    result: "[list[k], list[0], LIST[2]]",
  },
  { title: "chains of ?:", body: `${small}`, result: 'n < 10 ? "tiny" : n < 100 ? "middling" : "large enough"' },
  {
    title: "texts",
    body: `${small} let word = comm(); if (n > 128) word = "other";`,
    result: '{ word, same: word === "node", not: comm() !== "node", lit: word === "other" }',
  },
  { title: "logic", body: `${small}`, result: "[(n > 3 && n < 50) || n === 77, !(n > 3), !n, n > 3 !== n > 9]" },
  { title: "|| of numbers", body: `${small}`, result: "n || 42" },
  {
    title: "let changed in branches",
    body: `${small} let x = 1; let y = 0n; if (n & 1) { x = -x; y = a; } x *= 3; y -= 1n;`,
    result: "{ x, y }",
    refuses: "operand",
  },
  {
    title: "compound assignments",
    body: "let x = Number(a & 0xffffn); x <<= 3; x ^= 0x55; x >>= 1; x %= 1000; x |= 1; x &= 0xfff; x++; x--; x -= 7;",
    result: "x",
  },
  // Helpers.
  { title: "optional result", body: `${small}`, result: "half(n) ?? -1" },
  { title: "helper of helpers", body: `${small}`, result: "[deep(n), clamp(n, 10, 20), early(n)]" },
  { title: "record result", body: `${small}`, result: "pair(a, n)" },
  { title: "several signatures", body: "const s = BigInt.asIntN(64, a);", result: "[larger(s, -3n), larger(s, 5n)]" },
  { title: "a fault inside a helper", result: "quotient(a, b & 3n)" },
  { title: "text result", body: `${small}`, result: "name(n)" },
  // Constants of the host.
  {
    title: "constants",
    body: `${small}`,
    result:
      "{ a: TABLE.small + n, b: TABLE.nested.big + (a & 1n), c: TABLE.nested.text, d: n === Level.High, e: Level.Low, f: LIST.length }",
  },
  { title: "names of states", body: `${small}`, result: '{ s: tcpState(n & 15), listening: tcpState(n & 15) === "LISTEN" }' },
  { title: "addresses", result: "{ deepest: { x: { y: a, z: [Number(b & 3n), 1] } } }" },
  { title: "union of kinds", body: `${small} if (n > 99) return { i, kind: "big" as const, r: n };`, result: "n + 1" },
];

describeWhere([requireRoot, requireTracefs, requireBuild], "Node and the kernel agree", () => {
  it(`on maps, undefined, texts, control and helpers: ${cases.length} handlers`, async () => {
    const values = sampleInputs(300);
    const outcome = await runParity(cases, values, prelude);
    expect(explain(cases, outcome)).toBe("");
    expect(outcome.sent + outcome.silent + outcome.faults).toBe(cases.length * values.length);
    expect(outcome.counted).toBe(outcome.faults);
    expect(outcome.silent).toBeGreaterThan(0);
    expect(outcome.faults).toBeGreaterThan(0);
  });
});
