import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import type * as Test from "../../dsl/test/index.js";
import { addressOf } from "../../runtime/ffi/memory.js";
import { describeWhere, requireRoot } from "../e2e/harness/requirements.js";
import { compareRuns } from "./harness/agreement.js";
import type { Input } from "./harness/inputs.js";
import { loadModules } from "./harness/modules.js";
import { probeOf, runBoth, scriptOf } from "./harness/run.js";

/** Letters of one to four bytes, few of them, so that parts of texts repeat. */
const letters = fc.constantFrom("a", "b", "/", "é", "✓", "🚀");
const texts = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: letters, maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom("a", "b"), minLength: 10, maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      "ab",
      "abab",
      "parity-test",
      "exactly15bytes!",
      "exactly 16 bytes",
      "✓".repeat(5),
      "é".repeat(16),
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: letters, minLength: 20, maxLength: 90 }) },
);

const held: Buffer[] = [];

/** Pairs of texts in memory of this process, and in what handlers take for it in Node; the second is often the first or a part of it. */
async function makeInputs(count: number, seed: number): Promise<Input[]> {
  const require = createRequire(import.meta.url);
  const { resolveOwn } = await loadModules();
  const { putUserMemory } = require(fileURLToPath(resolveOwn["tsprobe/test"] as string)) as typeof Test;
  const place = (text: string): bigint => {
    const buffer = Buffer.from(`${text}\0`);
    held.push(buffer);
    putUserMemory(addressOf(buffer), text);
    return addressOf(buffer);
  };
  const part = fc.nat({ max: 5 });
  return fc.sample(fc.tuple(texts, texts, part, part), { numRuns: count, seed }).map(([x, y, how, cut]): Input => {
    const letters = [...x];
    const other = how === 0 ? x : how === 1 ? letters.slice(0, cut).join("") : how === 2 ? letters.slice(-cut).join("") : y;
    return [place(x), how === 5 && cut === 5 ? 0n : place(other), BigInt(how), BigInt(cut), 0n];
  });
}

const READ = `const s = userStr(a, 32) ?? "", l = userStr(a, 400) ?? "", t = userStr(b, 32), m = userStr(b, 400);`;

const HANDLERS: Readonly<Record<string, string>> = {
  same: `${READ} if (t === undefined || m === undefined) return { n, none: true }; return { n, ss: s === t, sl: s === m, ls: l === t, ll: l === m, own: s === l, not: l !== m };`,
  literals: `${READ} return { n, e: l === "", ab: s === "ab", ab2: l === "ab", accent: l === "é", long: l === "exactly 16 bytes", s: s === "✓✓✓✓✓", rocket: s !== "🚀", opt: t === "ab", opt2: m !== "abab" };`,
  starts: `${READ} const o = m ?? "x"; return { n, ss: t === undefined ? false : s.startsWith(t), ll: l.startsWith(o), sl: s.startsWith(o), ls: l.startsWith(t ?? ""), a: s.startsWith("a"), none: l.startsWith(""), lit: l.startsWith("ab/é"), long: l.startsWith("ababababababababababababababababababababababababababababababababababababab"), is: "abab" === s && s.startsWith("abab") };`,
  ends: `${READ} return { n, a: s.endsWith("a"), ab: l.endsWith("ab"), e: l.endsWith(""), accent: s.endsWith("é"), rocket: l.endsWith("✓🚀"), nine: l.endsWith("bababaaba"), mixed: l.endsWith("a/é✓🚀"), long: l.endsWith("abababababababababababababababab") };`,
  includes: `${READ} return { n, a: s.includes("a"), ab: l.includes("ba"), e: s.includes(""), accent: s.includes("é/"), rocket: l.includes("🚀"), eight: l.includes("abababab"), nine: l.includes("ababababa"), many: l.includes("aaaa"), long: l.includes("abababababababababababababababab"), mixed: l.includes("✓a") };`,
  length: `${READ} return { n, s: s.length, l: l.length, sum: s.length + l.length, opt: t?.length, more: m?.length ?? -1, lit: "é🚀".length, big: l.length > 10 };`,
  truth: `${READ} return { n, s: s ? 1 : 2, l: !l, t: t ? 1 : 2, m: m && s ? true : false, b: Boolean(l), both: !s && !l };`,
  choice: `${READ} const x = s.length > 5 ? s : "short"; const y = c === 1n ? l : m; const z = l.length > 20 ? "a long literal, which is longer than the other one" : l; return { n, x, y, z, yy: y?.startsWith("a"), zz: z === "short", k: x === "short" };`,
  lets: `${READ} let x = "start"; if (c === 1n) x = "end"; let y = l; if (c === 2n && m !== undefined) y = m; let z: string | undefined; if (c === 3n) z = "three"; return { n, x, y, z, same: x === "end" };`,
  helpers: `${READ} return { n, k: kind(l), ks: kind(s), p: pick(l, m ?? "nothing", c === 0n), r: record(l, s), opt: maybe(l), first: isFirst(s, l) };`,
  objects: `${READ} const o = { s, l, inner: { m: m ?? "-", n: 1 } }; const p = c === 1n ? o : { s: "x", l: "y", inner: { m: "z", n: 2 } }; const q = c === 2n ? p : undefined; return { n, o, p, q, back: p.inner.m === "z", s: q?.s };`,
  events: `${READ} sent.emit({ n, who: l, peer: s }); if (m !== undefined) sent.emit({ n, who: m, peer: "literal that is longer than fifteen" });`,
  keys: `${READ} const k = l; const had = seen.has(k); const before = seen.get(k); seen.set(k, n); return { n, had, before, after: seen.get(s) };`,
  records: `const l = userStr(a, 400) ?? ""; const r = names.get({ who: l, id: 1 }); names.set({ who: l, id: 1 }, { last: l, count: (r?.count ?? 0) + 1 }); return { n, r, r2: names.get({ who: l, id: 1 })?.last };`,
  longKeys: `const l = userStr(a, 400) ?? "", t = userStr(b, 100) ?? "x"; const had = paths.has(l); const before = paths.get(t); paths.set(l, { to: t, n }); const now = paths.get(l); return { n, had, before, to: now?.to, same: now?.to === t };`,
  manyRounds: `const l = userStr(a, 100) ?? ""; let hits = 0; for (let i = 0; i < 70000; i++) { if (i >= Number(c) + 2) break; const w = userStr(ctx.args[i & 1], 100) ?? "none"; if (w === l || w.startsWith("ab")) hits += i + 1; } return { n, hits, after: l };`,
  chains: `${READ} return { n, a: t?.startsWith("a"), b: m?.includes("b") ?? false, c: (t ?? "").endsWith("a"), d: m?.length === 2 };`,
  loops: `${READ} let hits = 0; for (let i = 0; i < 3; i++) { const w = userStr(ctx.args[i === 1 ? 1 : 0], 100); if (w !== undefined && w === l) hits += i + 1; } return { n, hits };`,
  missing: `${READ} const x = c === 1n ? undefined : l; return { n, same: x === s, ab: x === "ab", direct: (c > 2n ? l : undefined) === s, length: x?.length };`,
  mixedSizes: `const o = userStr(b, 90), l = userStr(a, 200) ?? "✓"; return { n, x: (o ?? l).startsWith(l), y: l.startsWith(c > 2n ? l : (o ?? "a")) };`,
  ofArray: `${READ} const first = shelf.get(1).length; shelf.set(Number(c), l); const r = stock.get(2); stock.set(Number(c), { path: l, hits: 1 }); return { n, first, starts: r.path.startsWith("a"), hits: r.hits, long: r.path.length, ends: shelf.get(Number(c)).endsWith("b") };`,
  besideConstants: `const s = userStr(a, 32) ?? "none"; if (s === "abab") return { n, kind: 1 }; return { n, s, x: ip(Number(c & 7n)) };`,
  constantsKept: `const s = userStr(a, 32) ?? "none"; if (s === "abab") return { n, kind: 1 }; hosts.set(1, { who: s, from: ip(Number(c & 7n)) }); return { n, r: hosts.get(1) };`,
  nothing: `${READ} if (s === "" && l !== "") return { n, odd: true }; return l === s ? { n, l } : undefined;`,
};

const HOST = `
import { userStr } from "tsprobe";
const sent = event({ n: "u64", who: "comm", peer: "comm" });
const seen = hash({ key: "comm", value: "u64" });
const names = hash({ key: { who: "comm", id: "u8" }, value: { last: "comm", count: "u32" } });
const paths = hash({ key: "str200", value: { to: "str64", n: "u64" } });
const shelf = t.array({ value: "str100", length: 6 });
const stock = t.array({ value: { path: "str64", hits: "u32" }, length: 6 });
const hosts = hash({ key: "u8", value: { who: "str32", from: "ip" } });
const kind = fn((x: string) => { if (x.startsWith("/")) return "path"; if (x.includes("🚀")) return "rocket"; return x === "" ? "none" : "other words than these"; });
const pick = fn((x: string, y: string, first: boolean) => (first ? x : y));
const record = fn((x: string, y: string) => ({ x, y, same: x === y }));
const maybe = fn((x: string) => { if (x.length > 3) return x; });
const isFirst = fn((x: string, y: string) => pick(x, y, true) === x && pick(y, x, false) === x);
`;

const needs = [requireRoot];
const sharing = /sent|seen|names|paths|hosts|shelf|kind: 1/;
const names = Object.keys(HANDLERS);

describeWhere(needs, "texts are in the kernel what they are in Node", () => {
  test("one probe each", async () => {
    const inputs = await makeInputs(300, 7);
    const own = names.filter((name) => !sharing.test(HANDLERS[name] as string));
    const run = await runBoth(scriptOf(HOST + own.map((name) => probeOf(name, HANDLERS[name] as string)).join("\n")), inputs);
    const { problems, same, ended } = compareRuns(run);
    expect(problems.slice(0, 5)).toEqual([]);
    expect([same, ended]).toEqual([own.length * inputs.length, 0]);
  });

  test.each(names.filter((name) => sharing.test(HANDLERS[name] as string)))("alone: %s", async (name) => {
    const inputs = await makeInputs(200, 8);
    const { problems, same } = compareRuns(await runBoth(scriptOf(HOST + probeOf(name, HANDLERS[name] as string)), inputs));
    expect(problems.slice(0, 5)).toEqual([]);
    expect(same).toBe(inputs.length);
  });
});
