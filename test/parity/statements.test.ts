import { expect, test } from "vitest";
import { describeWhere, requireRoot } from "../e2e/harness/requirements.js";
import { compareRuns } from "./harness/agreement.js";
import { makeInputs } from "./harness/inputs.js";
import { probeOf, runBoth, scriptOf } from "./harness/run.js";

const INPUTS = makeInputs(100, 3);
const SMALL = "const i = Number(a & 15n) - 5, j = Number(b & 7n), s = BigInt.asIntN(64, a);";

/** Statements of one handler each; what they need outside is in HOST. */
const HANDLERS: Readonly<Record<string, string>> = {
  earlyReturn: `if (a < b) return; if (c === 0n) { return { n, v: 1 }; } return { n, v: 2 };`,
  nestedIf: `let v = 0; if (a < b) { if (c < d) v = 1; else if (c > d) { v = 2; } else v = 3; } else { v = -1; if (e === 0n) return { n, v: 77 }; } return { n, v };`,
  letJoin: `${SMALL} let x = 1; if (a < b) x = i; else x = j; let y = x; if (x > 3) y = x * 2; return { n, x, y, q: x + y };`,
  letRange: `${SMALL} let x = i; if (x < 0) x = 0; const arr = ctx.args[x < 5 ? x : 4]; return { n, arr };`,
  indexByFact: `${SMALL} if (i < 0 || i > 5) return; return { n, v: ctx.args[i] };`,
  indexChecked: `${SMALL} return { n, v: ctx.args[i] };`,
  loopSum: `let sum = 0n; for (let i = 0; i < 5; i++) sum += ctx.args[i] >> 8n; return { n, sum };`,
  loopBreak: `let at = -1; for (let i = 0; i < 5; i++) { if (ctx.args[i] > 1000n) { at = i; break; } } return { n, at };`,
  loopContinue: `let count = 0; for (let i = 0; i < 5; i++) { if (ctx.args[i] % 2n === 0n) continue; count++; } return { n, count };`,
  loopNested: `let sum = 0; for (let i = 0; i < 4; i++) { for (let j = i; j < 4; j += 2) { if (j === 3 && a > b) break; sum += i * 10 + j; } } return { n, sum };`,
  loopStepTwo: `${SMALL} let last = -1; let count = 0; for (let k = j; k < 12; k += 3) { last = k; count += 1; } return { n, last, count };`,
  loopDown: `let sum = 0n; for (let i = 4; i >= 0; i--) { sum = sum * 2n + (ctx.args[i] & 0xffn); } return { n, sum };`,
  loopDownStep: `${SMALL} let sum = 0; for (let k = i; k > -9; k -= 4) sum += k; return { n, sum };`,
  loopVariableLimit: `${SMALL} let sum = 0; for (let k = 0; k < j; k++) sum += k + 1; return { n, sum };`,
  loopLimitChanges: `let limit = 3; let rounds = 0; for (let i = 0; i < limit && i < 20; i++) { if (limit < 9 && (a & 1n) === 1n) limit++; rounds++; } return { n, rounds, limit };`,
  loopFactsAfterBreak: `let k = 7; for (let i = 0; i < 5; i++) { if (ctx.args[i] > 100n) { k = i; break; } } return { n, k, v: k < 5 ? ctx.args[k] : 0n };`,
  loopSameName: `let sum = 0; for (let i = 0; i < 3; i++) { sum += i; } for (let i = 5; i < 8; i++) { for (let i = 0; i < 2; i++) sum += 100; sum += i; } return { n, sum };`,
  loopReturn: `for (let i = 0; i < 5; i++) { if (ctx.args[i] === 0n) return { n, v: i }; } return { n, v: -1 };`,
  loopWithHelper: `let best = 0n; for (let i = 0; i < 5; i++) { const x = larger(best, ctx.args[i]); best = x; } return { n, best };`,
  loopInclusive: `let sum = 0; for (let i = 1; i <= 10; i++) { if (i > Number(a & 15n)) break; sum += i; } return { n, sum };`,
  unsignedLet: `let p = 0n; if (a > b) p = a; let q: bigint | undefined; if (c > d) q = c; return { n, p, q };`,
  signedLet: `let p = 0n; if (a > b) p = -1n; else p = BigInt.asIntN(64, c); return { n, p };`,
  compound: `${SMALL} let x = i; x += j; x -= 2; x *= 3; x %= 7; x <<= 2; x |= 1; x ^= 8; x &= 0xff; x >>= 1; x++; x--; let y = a; y >>= 4n; y &= 0xffffn; y |= 1n; y ^= 3n; y += 5n; return { n, x, y };`,
  shadow: `const x = a; const x_2 = b; let v = 0n; { const x = c; v = x_2; { const x = d; v ^= x & x_2; } v ^= x; } return { n, v, x };`,
  keywords: `const int = a, register = b, __u64 = c, tsp_1 = d, größe = e, $x = a ^ b, bpf_map_lookup_elem = a & b, m0_small = c, linux = a, SEC = b, _Bool = c; small.set(1, 2); return { n, v: int ^ register ^ __u64 ^ tsp_1 ^ größe ^ $x ^ bpf_map_lookup_elem ^ m0_small ^ linux ^ SEC ^ _Bool };`,
  literals: `const kind = "fixed"; const o = { kind: "open", count: a & 3n }; let s = "start"; if (a > b) s = "end"; return { n, kind, o, s, same: s === "end", twice: o.kind };`,
  texts: `return { n, who: comm(), is: comm() === "parity-test", not: comm() === "parity", longer: comm() === "parity-test-more", not2: comm() !== "", pick: a > b ? "yes" : "not at all", other: a > b ? comm() : "somebody" };`,
  minified: `const x = a > b ? a : void 0; if (x === void 0) return void 0; return { n, x, yes: !0, no: !1 };`,
  optionalText: `const s = a > b ? "big" : undefined; return { n, s, t: s ?? "none", u: s === undefined };`,
  arrays: `${SMALL} const list = [i, j, i + j]; const bigs = [a, c, 5n]; return { n, list, bigs, flags: [a > b, true], direct: [1, i, -3], one: list[1], two: bigs[j % 3] };`,
  nestedObjects: `${SMALL} return { n, o: { x: i, y: { z: a, text: comm(), w: [j, i] }, flag: a > b }, p: { x: 1, k: "const" } };`,
  objectVariable: `${SMALL} const o = { x: i, y: a, flag: a > b, inner: { z: j } }; const copy = o; return { n, o, y: copy.y, z: o.inner.z };`,
  objectChoice: `${SMALL} const o1 = { x: i, y: a & 0xffn }; const o2 = { x: j, y: s >> 60n }; const o = a > b ? o1 : o2; return { n, o, p: a < b ? { x: 1, y: 2n } : o1 };`,
  objectLet: `${SMALL} let o = { x: i, y: 1n }; if (a > b) o = { x: j, y: 2n }; return { n, x: o.x, y: o.y };`,
  sameLayout: `if (a > b) { const o = { x: a, y: b }; return { n, o }; } return { n, o: { x: c, y: d } };`,
  union: `if (a > b) return { kind: "more", n, by: a - b > 100n }; if (a < b) return { kind: "less", n, to: b }; return { kind: "same", n };`,
  unionConditional: `return a > b ? { n, kind: "x", v: a } : a === b ? undefined : { n, kind: "y", w: b };`,
  undefinedAndText: `if (a > b) return { n, v: undefined }; if (a < b) return { n, v: "undefined" }; return { n, v: null };`,
  optionals: `const x = a > b ? a : undefined; const y = c > d ? 5 : undefined; const o = a > c ? { p: a, q: 1 } : undefined; return { n, x, y, o, xx: x ?? 7n, yy: (y ?? 1) + 1, p: o?.p, q: o?.q ?? 9, t: x ? 1 : 2, both: x !== undefined && y !== undefined ? x + 0n : 0n, eq: x === a };`,
  optionalMixed: `const x = a > b ? a : undefined; const s = BigInt.asIntN(8, c); const y = d > e ? s : x; return { n, small: y === undefined ? 0n : y & 1n, y: x ?? s };`,
  optionalNested: `const o = a > b ? { x: a > c ? 1 : 2, y: c } : undefined; if (o === undefined) return { n, none: true }; return { n, x: o.x, y: o.y };`,
  optionalLiteral: `const o = a > b ? { kind: "some", x: c } : undefined; return { n, k: o?.kind, is: o?.kind === "some", x: o?.x };`,
  orValue: `${SMALL} const v = i || 7; const w = j && i > 0 ? 3 : 4; return { n, v, w };`,
  helpers: `${SMALL} return { n, big: larger(a, b), small: larger(i, j), mixed: larger(s, 0n), twice: twice(i), sum: addAll(i, j, 3), text: nameOf(a & 3n) };`,
  helperOptional: `const x = maybe(a); if (x === undefined) return { n, v: 0n }; return { n, v: x, y: maybe(b) };`,
  helperRecord: `const r = pair(a, b); return { n, low: r.low, high: r.high, r, other: pair(c, d).low };`,
  helperOptionalRecord: `return maybePair(a, b, n);`,
  helperFails: `const q = ratio(a, b & 3n); return { n, q };`,
  helperFailsInside: `return { n, q: a > c ? nested(a, b & 1n) : 0n };`,
  helperVoid: `note(n, a); if (a > b) note(n, b); a > c && note(n, c); a > d ? note(n, d) : note(n, e); return { n, v: 1 };`,
  evaluatedOnce: `note(n, a); const m = Math.max(signedOf(n, a), Math.min(signedOf(n, b), 5)); return { n, v: Math.abs(signedOf(n, c)), m, w: maybe(a) === a, o: Math.abs(signedOf(n, d) - 7) };`,
  helperContext: `return { n, v: firstArgument(ctx), w: idOf(ctx) === ID };`,
  helperUnused: `return { n, v: ignores(a, b), w: always() };`,
  helperEarly: `return { n, v: classify(a, b) };`,
  helperLoop: `return { n, v: bits(a) };`,
  hostConstants: `${SMALL} return { n, v: LIST[1], w: TABLE.deep.value, x: Color.Green, y: Neg.Down, z: NEGATIVE, b: BIG, c: TABLE.text, len: LIST.length, flag: FLAG && a > b, named: TABLE["deep"].value, neg: i === NEGATIVE };`,
  deadCode: `if (FLAG) return { n, v: 1 }; const x = a / b; return { n, v: x };`,
  emits: `drops.emit({ n, x: 300, y: -1, z: a, w: b, who: "a rather long name", flag: a > b }); if (a > b) drops.emit({ n, x: Number(c & 0xffffn), y: 5, z: c, w: d, who: comm(), flag: true }); return a > d ? { n, v: 1 } : undefined;`,
  emitRecord: `const r = row(n, a); drops.emit(r); drops.emit(row(n, b)); for (let i = 0; i < 3; i++) { if (ctx.args[i] > 100n) drops.emit(row(n, ctx.args[i])); }`,
  onlyEmits: `if (a > b) { drops.emit({ n, x: 1, y: 2, z: 3n, w: 4n, who: "x", flag: false }); return; } drops.emit({ n, w: 5n, z: 4n, y: 3, x: 2, flag: true, who: "y" });`,
  numbers: `return { n, v: num(a), w: num(BigInt.asIntN(64, a)) };`,
  taskValues: `return { n, p: pid(), same: pid() > 0, later: ktimeNs() >= 0n, order: ktimeNs() - ktimeNs() <= 0n };`,
  effectsInOrder: `order.set(1, 0n); const x = order.has(1) ? (order.delete(1) ? 10 : 20) : 30; const y = [order.has(1), order.delete(1)]; order.set(2, a); const z = (order.get(2) ?? 0n) ^ (order.delete(2) ? 1n : 2n) ^ (order.get(2) ?? 7n); return { n, x, y, z, gone: undefinedOf(order.delete(3)) };`,
  comma: `const x = a > b ? 1 : 0, y = x + 1; let p = y, q = p; p = 5; q += p; return { n, x, y, p, q };`,
  templates: "const s = `plain`; return { n, s, t: comm() === `parity-test` };",
  typesErased: `const x = a as bigint; const y = (b satisfies bigint); return { n, v: (x & y) as unknown as bigint };`,
  empty: `; {} if (a > b) {} else {} return { n };`,
};

const HOST = `
const LIST = [10, 20, 30]; const TABLE = { deep: { value: 7n }, text: "words" } as const; const NEGATIVE = -3; const BIG = 0xffff_ffff_ffff_fff0n; const FLAG = false;
enum Color { Red, Green = 5 } enum Neg { Down = -4 }
const small = hash({ key: "u8", value: "u32" }); const order = hash({ key: "u32", value: "u64" });
const drops = event({ n: "u64", x: "u8", y: "s16", z: "u64", w: "s64", who: "comm", flag: "bool" });
const larger = fn((x: any, y: any) => (x > y ? x : y));
const twice = fn((x: number) => x * 2);
const addAll = fn((x: number, y: number, z: number) => { const t = twice(x); return t + y + z; });
const nameOf = fn((x: bigint) => { if (x === 0n) return "zero"; if (x === 1n) return "one"; return "several of them"; });
const maybe = fn((x: bigint) => { if (x > 100n) return x; });
const pair = fn((x: bigint, y: bigint) => (x < y ? { low: x, high: y } : { low: y, high: x }));
const maybePair = fn((x: bigint, y: bigint, n: bigint) => { if (x > y) return { n, x, kind: "pair" }; return undefined; });
const ratio = fn((x: bigint, y: bigint) => x / y);
const nested = fn((x: bigint, y: bigint) => ratio(x, y) + ratio(x, y));
const note = fn((n: bigint, x: bigint) => { drops.emit({ n, x: 1, y: 1, z: x, w: x, who: "note", flag: true }); });
const firstArgument = fn((c: any) => c.args[0]);
const idOf = fn((c: any) => c.id);
const ignores = fn((x: bigint, unused: bigint) => x & 1n);
const always = fn(() => 5);
const classify = fn((x: bigint, y: bigint) => { if (x < y) { if (x === 0n) return 1; return 2; } for (let i = 0; i < 3; i++) { if (x >> BigInt(i) === y) return 10 + i; } return 3; });
const bits = fn((x: bigint) => { let count = 0; for (let i = 0; i < 64; i++) { if (((x >> BigInt(i)) & 1n) === 1n) count++; } return count; });
const row = fn((n: bigint, x: bigint) => ({ n, x: Number(x & 0xffffn), y: Number(x & 0xffn) - 128, z: x, w: x, who: "row", flag: x > 5n }));
const signedOf = fn((n: bigint, x: bigint) => { drops.emit({ n, x: 1, y: 1, z: x, w: x, who: "once", flag: true }); return Number(BigInt.asIntN(32, x)); });
const undefinedOf = fn((x: boolean) => { if (x) return; });
`;

const needs = [requireRoot];
const names = Object.keys(HANDLERS);
const sharing = /drops|note\(|ratio\(|nested\(/;

describeWhere(needs, "handlers do in the kernel what they do in Node", () => {
  test("one probe each, in one program", async () => {
    const own = names.filter((name) => !sharing.test(HANDLERS[name] as string));
    for (let at = 0; at < own.length; at += 40) {
      const part = own.slice(at, at + 40);
      const run = await runBoth(scriptOf(HOST + part.map((name) => probeOf(name, HANDLERS[name] as string)).join("\n")), INPUTS);
      const { problems, same, ended } = compareRuns(run);
      expect(problems.slice(0, 10)).toEqual([]);
      expect(same + ended).toBe(part.length * INPUTS.length);
    }
  });

  test.each(names.filter((name) => sharing.test(HANDLERS[name] as string)))("alone: %s", async (name) => {
    const { problems, same, ended } = compareRuns(
      await runBoth(scriptOf(HOST + probeOf(name, HANDLERS[name] as string)), INPUTS),
    );
    expect(problems.slice(0, 10)).toEqual([]);
    expect(same + ended).toBe(INPUTS.length);
  });
});
