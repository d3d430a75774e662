import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { driverArguments } from "../../../../compiler/clang/flags.js";
import { describeWhere } from "../../../e2e/harness/requirements.js";
import { compileForFixture, goldenCases } from "../../../golden/compiled.js";
import { installedClangs, requireClang } from "../clang/support.js";

const EVERY_KIND = `
import { hash, ip, tracepoint, userStr } from "tsprobe";
const kept = hash({ key: "u8", value: { who: "str32", from: "ip", n: "u64" } });
const NUMBERS = [1, 2, 3, 4, 5, 6];
export const all = tracepoint("raw_syscalls:sys_enter", ({ args: [a, b] }) => {
  const text = userStr(b, 32) ?? "none";
  if (text === "abab") return { a };
  const address = a > b ? ip(0x0100007f) : ip(0x0100000a);
  const record = { x: 1, y: 2n, z: true, t: "a text of more than eight" };
  const chosen = a > b ? record : { x: 3, y: 4n, z: false, t: "t" };
  const list = [1, 2, 3, 4, 5];
  const maybe = a > 7n ? 5 : undefined;
  kept.set(1, { who: text, from: ip(Number(a & 7n)), n: 1n });
  kept.set(2, { who: "constant", from: ip(0x0100007f), n: 2n });
  return { text, address, record, chosen, list, maybe, at: NUMBERS[Number(a & 7n)], f: ip(Number(a & 7n)) };
});
`;

/**
 * Clang 16 forgets the stores before a load from constant memory (printVariable). Whether it does depends on what stands around, so
 * that none is allowed.
 */
describeWhere([requireClang], "no constant is copied from memory", () => {
  const cases = goldenCases(join(import.meta.dirname, "../../../golden/c"), "c").map(([name, { script }]) => ({ name, script }));
  test.each([...cases, { name: "every kind", script: EVERY_KIND }])("$name", async ({ script }) => {
    const { c } = await compileForFixture(script);
    for (const clang of installedClangs) {
      const { stdout, stderr } = spawnSync(clang, [...driverArguments("assembly"), "-emit-llvm"], {
        input: c,
        encoding: "utf8",
        maxBuffer: 1 << 26,
      });
      expect([clang, stderr, stdout.includes("define ")]).toEqual([clang, "", true]);
      const constants = new Set([...stdout.matchAll(/^(@\S+) = .*\bconstant\b/gm)].map(([, name]) => name));
      const copies = [...stdout.matchAll(/call void @llvm\.memcpy\.[^(]*\((.*)/g)].map(([, text = ""]) => text);
      expect(copies.filter((text) => [...text.matchAll(/@[\w.]+/g)].some(([name]) => constants.has(name)))).toEqual([]);
    }
  });
});
