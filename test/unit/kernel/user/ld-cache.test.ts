import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseLdCache } from "../../../../kernel/user/ld-cache.js";
import { buildLdCache } from "../../../fixtures/ld-cache.js";

const LIBRARIES = [
  { name: "libz.so.1", path: "/lib/x86_64-linux-gnu/libz.so.1", flags: 0x0303, isSpecial: false },
  { name: "libz.so.1", path: "/lib/i386-linux-gnu/libz.so.1", flags: 0x0003, isSpecial: false },
  { name: "libfast.so", path: "/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libfast.so", flags: 0x0303, isSpecial: true },
];

test("entries in their order", () => {
  expect(parseLdCache(buildLdCache(LIBRARIES))).toEqual(LIBRARIES);
});

test("behind a table of the old format", () => {
  expect(parseLdCache(buildLdCache(LIBRARIES, { oldEntries: 3 }))).toEqual(LIBRARIES);
});

test("what is cut off, or something else, gives what is there", () => {
  const whole = buildLdCache(LIBRARIES);
  expect(parseLdCache(Buffer.alloc(0))).toEqual([]);
  expect(parseLdCache(Buffer.from("something else, and long enough to be looked at as a header"))).toEqual([]);
  for (let length = 0; length < whole.length; length += 7) {
    const found = parseLdCache(whole.subarray(0, length));
    expect(found).toEqual(LIBRARIES.slice(0, found.length));
  }
});

test.skipIf(!existsSync("/etc/ld.so.cache") || !existsSync("/sbin/ldconfig"))("this machine's, as ldconfig -p lists it", () => {
  const listed = [...execFileSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" }).matchAll(/^\t(\S+) \(.*\) => (.*)$/gm)];
  const parsed = parseLdCache(readFileSync("/etc/ld.so.cache"));
  expect(listed.length).toBeGreaterThan(0);
  expect(parsed.map(({ name, path }) => [name, path])).toEqual(listed.map(([, name, path]) => [name, path]));
});
