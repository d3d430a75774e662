import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type * as Test from "../../dsl/test/index.js";
import { addressOf } from "../../runtime/ffi/memory.js";
import { describeWhere, requireRoot } from "../e2e/harness/requirements.js";
import { compareRuns } from "./harness/agreement.js";
import type { Input } from "./harness/inputs.js";
import { loadModules } from "./harness/modules.js";
import { probeOf, runBoth, scriptOf } from "./harness/run.js";

/** Sixteen bytes each: an IPv6 address, which begins with an IPv4 one and with a hardware address. */
const BLOCKS = [
  [10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1],
  [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  [0, 0x1b, 0x44, 0x11, 0x3a, 0xb7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  [10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
];
const held: Buffer[] = [];

async function makeInputs(): Promise<Input[]> {
  const { resolveOwn } = await loadModules();
  const { putUserMemory } = createRequire(import.meta.url)(fileURLToPath(resolveOwn["tsprobe/test"] as string)) as typeof Test;
  const places = BLOCKS.map((block) => {
    const buffer = Buffer.from(block);
    held.push(buffer);
    putUserMemory(addressOf(buffer), buffer);
    return addressOf(buffer);
  });
  return places.flatMap((a) => places.map((b): Input => [a, b, 0n, 0n, 0n]));
}

const WIDE = `const x = userBytes(a, 16), y = userBytes(b, 16); if (x === undefined || y === undefined) return;`;
const SHORT = `const p = userBytes(a, 4), q = userBytes(b, 4); if (p === undefined || q === undefined) return;`;
const HARD = `const h = userBytes(a, 6), k = userBytes(b, 6); if (h === undefined || k === undefined) return;`;

const HANDLERS: Readonly<Record<string, string>> = {
  wide: `${WIDE} return { n, same: ip(x) === ip(y), not: ip(x) !== ip(y), x: ip(x) };`,
  short: `${SHORT} return { n, same: ip(p) === ip(q), p: ip(p), q: ip(q) };`,
  mixed: `${SHORT} const y = userBytes(b, 16); if (y === undefined) return; return { n, mixed: ip(p) === ip(y) };`,
  hard: `${HARD} return { n, same: mac(h) === mac(k), h: mac(h), is: mac(h) === "00:1b:44:11:3a:b7", not: mac(k) !== "00:1b:44:11:3a:b7", l: mac(h) ? 1 : 2 };`,
  literals: `${WIDE} const i = ip(x); return { n, b: i === "::1", c: i === "::ffff:10.0.0.1", d: i === "2001:db8::1", f: i === "10.0.0.1", e: i === "", j: i ? 1 : 2 };`,
  dotted: `${SHORT} const i = ip(p); return { n, a: i === "10.0.0.1", e: i !== "0.0.0.0", v: i === "::1" };`,
  choice: `${WIDE} const m = ip(x) === "::1" ? ip(x) : ip(y); return { n, m, is: m === ip(y) };`,
  hardChoice: `${HARD} const m = mac(h) === mac(k) ? mac(h) : mac(k); return { n, m, is: m === mac(h) };`,
  optional: `${WIDE} const o = ip(x) === "::" ? undefined : ip(x); return { n, o, is: o === ip(y), no: o === "::1" };`,
  helpers: `${WIDE} return { n, m: local(ip(x)), k: kept(ip(y)) };`,
  hardHelpers: `${HARD} return { n, s: sameHost(mac(h), mac(k)) };`,
};
const HOST = `import { mac, userBytes } from "tsprobe";
const local = fn((address: string) => address === "10.0.0.1" || address === "::1");
const kept = fn((address: string) => address);
const sameHost = fn((x: string, y: string) => x === y);
`;

const needs = [requireRoot];

describeWhere(needs, "addresses are equal in the kernel when their texts are in Node", () => {
  test("IPv4, IPv6, IPv4-mapped and hardware addresses", async () => {
    const inputs = await makeInputs();
    const names = Object.keys(HANDLERS);
    const run = await runBoth(scriptOf(HOST + names.map((name) => probeOf(name, HANDLERS[name] as string)).join("\n")), inputs);
    const { problems, same } = compareRuns(run);
    expect(problems.slice(0, 5)).toEqual([]);
    expect(same).toBe(names.length * inputs.length);
  });
});
