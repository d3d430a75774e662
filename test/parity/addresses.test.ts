import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type * as Test from "../../dsl/test/index.js";
import { addressOf } from "../../runtime/ffi/memory.js";
import { skips, unlessRoot } from "../e2e/kernel-skip.js";
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

const READ = `const x = userBytes(a, 16), y = userBytes(b, 16), p = userBytes(a, 4), q = userBytes(b, 4), h = userBytes(a, 6), k = userBytes(b, 6);
  if (x === undefined || y === undefined || p === undefined || q === undefined || h === undefined || k === undefined) return;`;

const HANDLERS: Readonly<Record<string, string>> = {
  same: `${READ} return { n, xy: ip(x) === ip(y), pq: ip(p) === ip(q), mixed: ip(p) === ip(y), not: ip(x) !== ip(y), hk: mac(h) === mac(k), x: ip(x), p: ip(p), h: mac(h) };`,
  literals: `${READ} return { n, a: ip(p) === "10.0.0.1", b: ip(x) === "::1", c: ip(x) === "::ffff:10.0.0.1", d: ip(x) === "2001:db8::1", e: ip(p) !== "0.0.0.0", f: ip(x) === "10.0.0.1", g: mac(h) === "00:1b:44:11:3a:b7", i: ip(x) === "", j: ip(x) ? 1 : 2, l: mac(h) ? 1 : 2 };`,
  values: `${READ} const first = ip(p) === "10.0.0.1" ? ip(p) : ip(y); const m = ip(x) === ip(y) ? mac(h) : mac(k); const o = ip(x) === "::" ? undefined : ip(x); return { n, first, m, o, same: first === ip(y), om: o === ip(y), hm: m === mac(h) };`,
  helpers: `${READ} return { n, l: local(ip(p)), m: local(ip(x)), k: kept(ip(x)), s: sameHost(mac(h), mac(k)) };`,
};
const HOST = `import { mac, userBytes } from "tsprobe";
const local = fn((address: string) => address === "10.0.0.1" || address === "::1");
const kept = fn((address: string) => address);
const sameHost = fn((x: string, y: string) => x === y);
`;

const skip = skips("parity of addresses", unlessRoot());

describe.skipIf(skip)("addresses are equal in the kernel when their texts are in Node", () => {
  test("IPv4, IPv6, IPv4-mapped and hardware addresses", async () => {
    const inputs = await makeInputs();
    const names = Object.keys(HANDLERS);
    const run = await runBoth(scriptOf(HOST + names.map((name) => probeOf(name, HANDLERS[name] as string)).join("\n")), inputs);
    const { problems, same } = compareRuns(run);
    expect(problems.slice(0, 5)).toEqual([]);
    expect(same).toBe(names.length * inputs.length);
  });
});
