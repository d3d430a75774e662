import { expect, test } from "vitest";
import { describeWhere, requireRoot } from "../e2e/harness/requirements.js";
import { compareRuns } from "./harness/agreement.js";
import { makeInputs } from "./harness/inputs.js";
import { probeOf, runBoth, scriptOf } from "./harness/run.js";

const INPUTS = makeInputs(60, 7);
const SMALL = "const i = Number(a & 15n) - 5, j = Number(b & 7n), s = BigInt.asIntN(64, a);";

const casesOf = (count: number, text: (k: number) => string): string =>
  Array.from({ length: count }, (_, k) => `case ${text(k)}: v = ${k * 7}; break;`).join(" ");

/** Loops, switches and jumps of every form. */
const CONTROL: Readonly<Record<string, string>> = {
  whileCounts: `let x = a & 0xffn; let bits = 0; while (x > 0n) { x >>= 1n; bits++; } return { n, bits };`,
  whileBreak: `let x = a; let steps = 0; while (true) { if (x < 10n) break; x /= 3n; steps += 1; } return { n, x, steps };`,
  whileContinue: `let at = 0; let odd = 0; while (at < 5) { const v = ctx.args[at]; at++; if (v % 2n === 0n) continue; odd++; } return { n, odd, at };`,
  whileReturn: `let x = a; while (x !== 0n) { if (x % 7n === 3n) return { n, x }; x >>= 2n; } return { n, x: 1n };`,
  whileNested: `let x = j0(a); let sum = 0; while (x > 0) { let y = x; while (y > 0) { sum += y; y -= 2; if (sum > 40) break; } x--; } return { n, sum };`,
  doWhile: `let x = a & 31n; let rounds = 0; do { x = x / 2n; rounds++; } while (x > 3n); return { n, x, rounds };`,
  doWhileContinue: `let x = j0(a); let seen = 0; do { x--; if (x % 2 === 0) continue; seen++; } while (x > 0); return { n, x, seen };`,
  doOnce: `let x = 0; do { x = j0(a); if (x > 3) break; x += 10; } while (false); return { n, x };`,
  forEver: `let x = a; let steps = 0; for (;;) { if (x === 0n || steps > 20) break; x >>= 3n; steps++; } return { n, x, steps };`,
  forNoInit: `let k = 3; for (; k < 9; ) { k += 2; } return { n, k };`,
  forTwoVariables: `let sum = 0; for (let lo = 0, hi = j0(a); lo < hi; lo++, hi--) sum += hi - lo; return { n, sum };`,
  forDoubling: `let sum = 0; for (let k = 1; k < 100; k *= 2) { if (k === 16) continue; sum += k; } return { n, sum };`,
  forBigint: `let sum = 0n; for (let k = 0n; k < 8n; k++) sum += k * (a & 3n); return { n, sum };`,
  forBigintDown: `let sum = 0n; for (let k = 6n; k >= -2n; k -= 2n) sum += k; return { n, sum };`,
  forNotEqual: `let count = 0; for (let k = 0; k !== 6; k++) count += k; return { n, count };`,
  forCounterChanged: `let rounds = 0; for (let k = 0; k < 10; k++) { if (k === j0(a)) k += 2; rounds++; } return { n, rounds };`,
  forUnknownLimit: `let count = 0; for (let k = 0; k < j0(a) * 3; k++) count += 2; return { n, count };`,
  many1000: `let x = a & 0xffffn; let odd = 0; for (let k = 0; k < 1_000; k++) { x = (x * 75n + 74n) % 65537n; if ((x & 1n) === 1n) odd++; } return { n, x, odd };`,
  many10000: `let x = a & 0xffffn; let big = 0; for (let k = 0; k < 10_000; k++) { x = (x * 75n + BigInt(k)) % 65537n; if (x > 60_000n) { big += 3; continue; } if (k > 9_990 && x < 5n) break; } return { n, x, big };`,
  manyWithState: `let min = 70_000n; let at = -1; let x = b & 0xffffn; for (let k = 0; k < 3_000; k++) { x = (x * 75n + 74n) % 65537n; if (x < min) { min = x; at = k; } } return { n, min, at };`,
  manyReturn: `let x = a & 0xffffn; for (let k = 0; k < 5_000; k++) { x = (x * 75n + 74n) % 65537n; if (x < 30n) return { n, k, x }; } return { n, k: -1, x };`,
  manyFails: `let product = 1; for (let k = 0; k < 2_000; k++) { if (k < j0(a) * 12) product = product * 3 + 1; } return { n, product };`,
  manyNested: `let sum = 0; for (let k = 0; k < 200; k++) { for (let m = 0; m < 200; m++) { if (m > k) break; if ((m ^ k) % 5 === j0(a)) continue; sum++; } } return { n, sum };`,
  manyOptional: `let last: number | undefined; let who = "nobody"; let x = a & 0xffffn; for (let k = 0; k < 1_500; k++) { x = (x * 75n + 74n) % 65537n; if (x === 77n) { last = k; who = "found"; } } return { n, last, who };`,
  labelBreak: `let sum = 0; outer: for (let p = 0; p < 4; p++) { for (let q = 0; q < 4; q++) { if (ctx.args[q] > 1000n && p === 1) break outer; if (q > p) continue outer; sum += 10 * p + q; } sum += 100; } return { n, sum };`,
  labelMany: `let found = -1; let x = a & 0xffffn; search: for (let p = 0; p < 300; p++) { for (let q = 0; q < 1_000; q++) { x = (x * 75n + 74n) % 65537n; if (x < 3n) { found = p; break search; } if (x < 2_000n) continue search; } } return { n, found };`,
  labelBlock: `let v = 0; check: { if (a < b) break check; v = 1; if (c < d) { v = 2; break check; } v += 10; } return { n, v };`,
  labelWhile: `let p = 5; let s2 = 0; out: while (p > 0) { p--; let q = 3; do { q--; if (q === p) continue out; if (ctx.args[q] === 0n) break out; s2 += q; } while (q > 0); } return { n, p, s2 };`,
  switchNumber: `${SMALL} let v = 0; switch (i) { case 0: v = 1; break; case 1: case 2: v = 2; break; case -3: v = 5; default: v += 7; } return { n, v };`,
  switchDefaultFirst: `${SMALL} let v = 0; switch (j) { default: v = 9; case 1: v += 1; break; case 2: v = 20; case 3: v += 3; } return { n, v };`,
  switchBigint: `let v = ""; switch (a) { case 0n: v = "zero"; break; case 18446744073709551615n: v = "most"; break; case 65535n: v = "word"; break; default: v = "other"; } return { n, v };`,
  switchSigned: `let v = 0; switch (BigInt.asIntN(64, a)) { case -1n: v = 1; break; case 9223372036854775807n: v = 2; break; case -2n: v = 3; } return { n, v };`,
  switchText: `switch (comm()) { case "nobody": return { n, v: 1 }; case "parity-test": return { n, v: 2 }; } return { n, v: 3 };`,
  switchExpression: `${SMALL} switch (true) { case i > 5: return { n, v: "high" }; case i < 0: return { n, v: "low" }; default: return { n, v: "mid" }; }`,
  switchVariables: `${SMALL} let v = -1; switch (i) { case j: v = 1; break; case j - 1: v = 2; break; case j * 2: v = 3; break; } return { n, v };`,
  switchInLoop: `let v = 0; for (let k = 0; k < 5; k++) { switch (Number(ctx.args[k] & 3n)) { case 0: continue; case 1: v += 1; break; case 2: v += 10; default: v += 100; } v += 1000; } return { n, v };`,
  switchInMany: `let x = a & 0xffffn; let v = 0; for (let k = 0; k < 2_000; k++) { x = (x * 75n + 74n) % 65537n; switch (Number(x & 7n)) { case 0: continue; case 1: v += 1; break; case 2: v += 3; default: v += 5; } if (v > 5_000) break; } return { n, v, x };`,
  switchReturns: `${SMALL} switch (j) { case 0: return { n, v: "a" }; case 1: { const q = i; return { n, v: "b", q }; } default: return { n, v: "c" }; }`,
  // More cases than clang takes levels of nesting.
  switchLong: `let v = -1; switch (Number(a & 511n)) { ${casesOf(300, String)} default: v = -2; } return { n, v, id: digitsOfId(ctx.id) };`,
  switchLongText: `let v = -1; const t = a % 2n === 0n ? "t7" : a % 3n === 0n ? "t29" : comm(); switch (t) { ${casesOf(30, (k) => `"t${k}"`)} case "parity-test": v = -3; } return { n, v };`,
  switchEnum: `${SMALL} switch (i) { case Color.Red: return { n, v: 1 }; case Color.Green: return { n, v: 2 }; } return { n, v: 0 };`,
  switchNested: `${SMALL} let v = 0; switch (j & 1) { case 0: switch (i & 1) { case 0: v = 1; break; case 1: v = 2; } v += 10; break; case 1: v = 3; } return { n, v };`,
  switchScope: `${SMALL} switch (j) { case 1: const q = 5; return { n, v: q + i }; case 2: return { n, v: 2 }; } return { n, v: 0 };`,
  ofArgs: `let most = 0n; for (const v of ctx.args) if (v > most) most = v; return { n, most };`,
  ofLiteral: `let sum = 0n; for (const v of [a & 0xffn, b & 0xffn, 7n]) { if (v === 3n) continue; sum += v; if (sum > 300n) break; } return { n, sum };`,
  ofList: `let sum = 0; for (const p of PRIMES) { if (p > j0(a) * 3) break; sum += p; } return { n, sum };`,
  ofFew: `let sum = 0; for (const p of LIST) { if (p === 20 && a > b) continue; sum += p; } return { n, sum };`,
  ofBigs: `let hits = 0; for (const v of BIGS) if (v === (a & 3n)) hits++; return { n, hits };`,
  ofFlags: `let on = 0; for (const flag of FLAGS) if (flag && a > b) on++; return { n, on };`,
  ofObjects: `for (const { name, low, high } of RANGES) { if ((a & 0xffffn) >= low && (a & 0xffffn) < high) return { n, name, low }; } return { n, name: "none", low: 0n };`,
  ofTuples: `let v = 0; for (const [word, count] of PAIRS) { if (word === "two" && a > b) continue; v += count; if (v > 6) break; } return { n, v };`,
  ofReturn: `for (const p of PRIMES) if (BigInt(p) > (a & 31n)) return { n, p }; return { n, p: 0 };`,
  ofLet: `let total = 0; for (let p of LIST) { p += j0(a); p *= 2; total += p; } return { n, total };`,
  ofInner: `let pairs = 0; for (const p of LIST) for (const q of PRIMES) { if (q > p) break; pairs += 1; } return { n, pairs };`,
  ofTable: `let sum = 0; for (let k = 0; k < 8; k++) { sum += PRIMES[k] * k; } return { n, sum, at: PRIMES[j0(a)] };`,
  takeObject: `const { x, y: why, z = 5, inner: { deep, list: [first, , third] } } = { x: a, y: b > c, z: a > b ? 7 : undefined, inner: { deep: c & 3n, list: [j0(a), 2, 3] } }; return { n, x, why, z, deep, first, third };`,
  takeContext: `const { id, args: [p, , q] } = ctx; return { n, same: id === ID, p, q };`,
  takeHost: `const { name, low: from, high = 3n } = RANGES[1]; const [[word], , third] = PAIRS; const { length } = LIST; return { n, name, from, high, word, third: third[1], length };`,
  takeLet: `let { x, y } = { x: a & 0xffn, y: 1 }; x += 5n; y *= 3; let [p, q] = [1, j0(a)]; p += q; return { n, x, y, p, q };`,
  takeMapValue: `spots.set({ at: Number(a & 3n), side: "left" }, { count: Number(b & 0xffffn), last: c }); const spot = spots.get({ at: Number(a & 3n), side: "left" }); if (spot === undefined) return; const { count, last } = spot; const { last: again = 0n } = spots.get({ at: 3, side: "left" }) ?? { count: 1, last: 2n }; return { n, count, last, again: a < 4n ? 0n : again & 0n };`,
  takeParameters: `return { n, v: distance({ x: Number(a & 0xffn), y: 3 }, [Number(b & 0xffn), 4]), w: sizeOf({ low: a & 0xffn, high: 256n }), z: orElse({ some: a > b ? 5 : undefined }) };`,
  swap: `let p = a; let q = b; if (p > q) [p, q] = [q, p]; let x = 1; let y = true; [x, y] = [j0(a), a > b]; return { n, p, q, x, y };`,
  rotate: `let p = a & 0xffn; let q = b & 0xffn; let r = 0n; for (let k = 0; k < 5; k++) [p, q, r] = [q, r ^ 1n, p]; return { n, p, q, r };`,
  assignObject: `let x = 0; let y = 0n; ({ x, y } = a > b ? { x: 1, y: c } : { x: 2, y: d }); let z = 1; ({ k: z = 9 } = { k: a > c ? 3 : undefined }); return { n, x, y, z };`,
  assignNested: `let p = 0n; let q = 0; ({ o: [p], r: { s: q } } = { o: [a], r: { s: j0(b) } }); return { n, p, q };`,
  nullishAssign: `let x = a > b ? a : undefined; x ??= 7n; let y: number | undefined; y ??= j0(a); y ??= 100; let z = 5; z ??= 9; return { n, x, y: y + 1, z, q: x & 1n };`,
  orAssign: `let x = j0(a); x ||= 9; let y = a > b; y ||= c > d; let z = a > b ? 0n : undefined; z ||= 3n; return { n, x, y, z };`,
  andAssign: `let x = j0(a); x &&= 10; let y = a > b; y &&= c > d; let z = a > b ? c : undefined; z &&= 3n; return { n, x, y, z };`,
  bareLet: `let x: bigint; if (a > b) x = a; else x = b; let y: number | undefined; let z: number; z = 5; z++; return { n, x, y, z };`,
  missingArguments: `const some = a > b ? c & 255n : undefined; return { n, p: plus(j0(a)), q: plus(j0(a), 4), r: plus(1, undefined), s: scaled(c & 255n), t: scaled(c & 255n, 7n), u: scaled(3n, some), v: scaled(3n, some, 2n), w: located(), x: located({ at: j0(b) }), y: plus(2, a > b ? 3 : undefined) };`,
  bareRecord: `let best: { k: string; v: bigint } | undefined; let pair: { x: number; y?: bigint }; pair = { x: j0(a), y: a > b ? c & 7n : undefined }; for (let k = 0; k < 4; k++) { const v = ctx.args[k] & 0xffffn; if (best === undefined || v > best.v) best = { k: k > 1 ? "late" : "early", v }; } if (a > d) best = undefined; return { n, k: best?.k, v: best?.v, x: pair.x, y: pair.y };`,
  sequences: `let x = 0, y = 5; for (let p = 0, q = 9; p < q; p += 2, q--) x++, y += p; x += 1, y -= 1; a > b ? (x++, y++) : x--; return { n, x, y };`,
  chains: `const v = a > b ? c > d ? 1 : 2 : a === b ? 3 : c > d ? 4 : 5; return { n, v };`,
  deepReturn: `for (const p of LIST) { for (let q = 0; q < 3; q++) { if (p === 20) { while (true) { if (a > b) return { n, p, q }; break; } } } } return { n, p: 0, q: 0 };`,
  shadows: `let x = 1; { let x = 2; { const x = 3; if (a > b) return { n, x }; } x++; if (c > d) return { n, x }; } for (let x = 5; x < 6; x++) { if (a > c) return { n, x }; } return { n, x };`,
  templates: `return { n, t: \`\${a}:\${j0(b)}\`, u: "x" + (a > b) + c, v: \`[\${comm()}]\`, w: a > b ? \`up \${a}\` : \`up \${b}\`, x: \`\${a > b ? c : undefined}\${"!"}\${1 + 1}\`, y: comm() + "/" + d, z: 1 + 2 + "3" + 4 };`,
  templateKept: `const label = \`\${a & 0xffn}-\${j0(b)}\`; const twice = \`<\${label}>\`; if (a > b) return { n, label, o: { twice } }; return { n, label, many: tagged(c) };`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a script's text
  templateSpecial: 'return { n, t: `\\u0000\\"\\\\ \\u2028 \\${x} ${a}` };',
  eachEntry: `tally.set(Number(a & 7n), b & 0xffffn); let sum = 0n; let keys = 0; for (const [key, value] of tally) { if (key === 3) continue; sum += value; keys += key; } return { n, sum, keys };`,
  eachKey: `names.set({ port: Number(b & 3n), side: "in" }, { count: j0(a), last: c }); let ports = 0; for (const { port, side } of names.keys()) if (side === "in") ports += port + 1; return { n, ports };`,
  eachValue: `names2.set(b & 3n, { count: j0(a), last: c }); let most = 0; let last = 0n; for (const { count, last: when } of names2.values()) { if (count > most) most = count; last ^= when; } return { n, most, last };`,
  eachBreak: `few.set(j0(a), 1); let seen = 0; for (const [key] of few.entries()) { seen++; if (key < 0 || seen === 3) break; } return { n, seen };`,
  eachReturn: `some.set(Number(a & 15n), b); for (const [key, value] of some) if (value === b && key === Number(a & 15n)) return { n, key }; return { n, key: -1 };`,
  eachNested: `left.set(j0(a), 1); right.set(j0(b), 2); let pairs = 0; outer: for (const [p] of left) { for (const [, q] of right) { pairs += q; if (pairs > 1_000) break outer; } pairs += p * 0; } return { n, pairs };`,
  eachFails: `risky.set(j0(a), a & 0xffn); let product = 1n; for (const [, value] of risky) product *= (value << 20n) + 3n; return { n, product };`,
  eachInHelper: `helped.set(j0(a), b & 0xffn); return { n, all: totalOf(3), has: findsIn(b & 0xffn) };`,
  eachOfArray: `slots.set(j0(a), b & 0xffn); let sum = 0n; let index = 0; for (const [at, value] of slots) { sum += value; index += at; } return { n, sum, index };`,
  eachEmpty: `let found = 0; for (const [key] of never) { found = 1; if (key === 9) found = 2; } return { n, found };`,
  helperLoops: `return { n, v: digits(a), w: digits(b & 0xffn), x: firstPrime(a & 63n), y: hashOf(c) };`,
  helperNestedLoops: `return { n, v: untilFound(a & b, c > d), w: roundsOf(a) };`,
  flagAfterRounds: `let v = a > b; for (let i = Number(a & 3n); i !== 0; i--) { if (v) continue; v ||= b > c; } let w = 3; while (w > 0) { w -= 1; if (v) break; } return { n, v, w };`,
  flagOfMap: `let seen = false; let rest = Number(a & 3n); while (rest !== 0) { rest--; if (flags.has(rest)) seen = true; } let w = 3; while (w > 0) { w--; if (seen) break; } return { n, seen, w };`,
  indexInLoop: `let k = 0; for (const p of PRIMES) { if (ctx.args[Number(a & 7n)] === ctx.args[4]) break; k += p; } return { n, k };`,
  chosenRecord: `const o = c > d ? { p: c, q: 1 } : undefined; chosen.set(1, o?.p === a ? { p: b, q: 1n } : { p: a, q: 2n }); return { n, r: chosen.get(1), v: Math.abs(o?.p === a ? -3 : j0(a) - 9) };`,
  searchBesideLiteral: `if (comm().endsWith("t")) return { kind: "x", n, v: comm().includes("é") }; return { n, kind: "y", v: comm().startsWith("p") };`,
  neverFits: `const big = 9007199254740991; if (a > b) return { n, v: Math.abs(big * -1 * big) }; let w = a & 1n; w = w << 2147483647n; return { n, w };`,
  helperFailsInRound: `return { n, v: powers(a & 63n) };`,
};

const HOST = `
const LIST = [10, 20, 30]; const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31]; const BIGS = [0n, 1n, 5n, 0xffff_ffff_ffff_ffffn, 3n, 2n]; const FLAGS = [true, false, true, true, false, true];
const RANGES = [{ name: "low", low: 0n, high: 100n }, { name: "user", low: 100n, high: 0xc000n }, { name: "any", low: 0xc000n, high: 0x10000n }];
const PAIRS = [["one", 1], ["two", 2], ["three", 3], ["four", 4]] as const;
enum Color { Red, Green = 5 }
const j0 = fn((x: bigint) => Number(x & 7n));
const digits = fn((x: bigint) => { let left = x; let count = 0; do { left /= 10n; count++; } while (left > 0n); return count; });
const firstPrime = fn((x: bigint) => { for (const p of PRIMES) if (BigInt(p) > x) return p; return undefined; });
const hashOf = fn((x: bigint) => { let h = x & 0xffffffffn; for (let k = 0; k < 1_000; k++) { h = ((h << 5n) ^ (h >> 2n) ^ BigInt(k)) & 0xffffffffn; if (h === 0n) return -1n; } return h; });
const tally = hash({ key: "u8", value: "u64" }); const names = hash({ key: { port: "u16", side: "comm" }, value: { count: "u8", last: "u64" } }); const names2 = lruHash({ key: "u64", value: { count: "u8", last: "u64" }, max: 64 });
const few = hash({ key: "u32", value: "u8" }); const some = hash({ key: "u8", value: "u64" }); const left = hash({ key: "u8", value: "u8" }); const right = hash({ key: "u8", value: "u8" });
const risky = hash({ key: "u8", value: "u64" }); const helped = hash({ key: "u8", value: "u64" }); const slots = t.array({ value: "u64", length: 9 }); const never = hash({ key: "u8", value: "u8" });
const totalOf = fn((scale: number) => { let sum = 0n; for (const value of helped.values()) { if (value === 77n) continue; sum += value; } return sum * BigInt(scale); });
const findsIn = fn((wanted: bigint) => { for (const [key, value] of helped) if (value === wanted) return key >= 0; return false; });
const spots = hash({ key: { at: "u8", side: "comm" }, value: { count: "u32", last: "u64" } });
const distance = fn(({ x, y }: any, [p, q]: any) => Math.abs(x - p) + Math.abs(y - q));
const sizeOf = fn(({ high, low }: any) => high - low);
const orElse = fn(({ some = 3 }: any) => some * 2);
const digitsOfId = fn((x: bigint) => { switch (x) { case 0n: return 0; case 1n: case 2n: return 1; } return 2; });
const plus = fn((x: number, y?: number) => x + (y ?? 100));
const STEP = 3n;
const scaled = fn((x: bigint, by = STEP, more = by + 1n) => x * by + more);
const located = fn(({ at } = { at: 9 }) => at + 1);
const tagged = fn((x: bigint) => \`#\${x}\`);
const flags = hash({ key: "u8", value: "u64" }); const chosen = hash({ key: "u8", value: { p: "u64", q: "u64" } });
const untilFound = fn((x: bigint, stop: boolean) => { for (const v of BIGS) { for (let i = 1; i < 40; i *= 3) { if (v === x) continue; } } let w = Number(x & 3n); do { w--; if (stop) break; } while (w > 0); return w; });
const roundsOf = fn((x: bigint) => { let s = 0; for (let k = 0; k < 4; k++) { let w = Number(x & 7n); while (w > 0) { w--; s++; } } return s; });
const powers = fn((x: bigint) => { let y = 1n; for (let k = 0; k < 4_000; k++) { if (BigInt(k) > x) return y; y = y * 3n; } return 0n; });
`;

const needs = [requireRoot];
const names = Object.keys(CONTROL);

describeWhere(needs, "control flow does in the kernel what it does in Node", () => {
  test.each(Array.from({ length: Math.ceil(names.length / 20) }, (_, at) => names.slice(at * 20, at * 20 + 20)))(
    "%s …",
    async (...part) => {
      const source = scriptOf(HOST + part.map((name) => probeOf(name, CONTROL[name] as string)).join("\n"));
      const { problems, same, ended } = compareRuns(await runBoth(source, INPUTS));
      expect(problems.slice(0, 10)).toEqual([]);
      expect(same + ended).toBe(part.length * INPUTS.length);
    },
  );

  test.each([
    ["while (k < 70_000) k++;", 6],
    ["do k++; while (k < 70_000);", 6],
    ["for (let p = 0; p < 40; p++) { let left = 60_000; while (left > 0) left--; }", 2],
  ])("a run that would go on beyond the limit ends there, and is counted: %s", async (loop, inputs) => {
    const run = await runBoth(scriptOf(probeOf("p", `let k = 0; ${loop} return { n, k };`)), makeInputs(inputs, 5));
    expect(run.node.flat().every(({ sent }) => sent.length === 1)).toBe(true);
    expect(run.kernel.flat()).toEqual([]);
    expect(run.counters.filter(({ count }) => count > 0n).map(({ site, count }) => [site.reason, Number(count)])).toEqual([
      ["loop", inputs],
    ]);
  });

  test("a large helper that is called often is a function of its own, and so the program stays within its limits", async () => {
    const steps = Array.from(
      { length: 30 },
      (_, i) => `if (((x >> ${i}n) & 1n) === 1n) h = (h * ${31 + i}n + ${i}n) % 1000003n; else if (h > ${i * 7}n) h -= ${i}n;`,
    );
    const calls = Array.from({ length: 20 }, (_, i) => `v += mix(ctx.args[${i % 5}] >> ${i}n, v);`);
    const source = scriptOf(`const mix = fn((x: bigint, seed: bigint) => { let h = seed % 1000n; ${steps.join(" ")} return h; });
${probeOf("p", `let v = 0n; ${calls.join(" ")} return { n, v };`)}`);
    const { problems, same } = compareRuns(await runBoth(source, INPUTS));
    expect(problems).toEqual([]);
    expect(same).toBe(INPUTS.length);
  });
});
