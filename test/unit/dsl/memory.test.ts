import { beforeEach, expect, test } from "vitest";
import { ip, mac } from "../../../dsl/builtins.js";
import { bytes, str, userBytes, userStr } from "../../../dsl/builtins-text.js";
import { formatIp, parseIp } from "../../../dsl/ip-text.js";
import { formatMac, parseMac } from "../../../dsl/mac-text.js";
import { fakeKernelMemory, fakeUserMemory } from "../../../dsl/memory.js";
import { putKernelMemory, putUserMemory } from "../../../dsl/test/index.js";

beforeEach(() => {
  fakeKernelMemory.clear();
  fakeUserMemory.clear();
});

test("texts end at their NUL, or are cut at a whole character", () => {
  putKernelMemory(0x1000n, "eth0");
  putKernelMemory(0x2000n, "é".repeat(40));
  putUserMemory(0x1000n, "/etc/passwd");
  expect([str(0x1000n), str(0x1002n), str(0x1000n, 3), str(0x1004n)]).toEqual(["eth0", "h0", "et", ""]);
  expect([str(0x2000n), str(0x2000n, 64), str(0x2000n, 65), str(0x2000n, 256)]).toEqual([
    "é".repeat(31),
    "é".repeat(31),
    "é".repeat(32),
    "é".repeat(40),
  ]);
  expect([userStr(0x1000n), userStr(0x1005n, 256), str("a text", 4)]).toEqual(["/etc/passwd", "passwd", "a t"]);
});

test("memory that is not there: an error that says what to do, or undefined for that of a process", () => {
  expect(() => str(5n)).toThrow("str(): no memory at 5 in this test; give it with putKernelMemory() of tsprobe/test");
  putKernelMemory(0x1000n, Uint8Array.of(1, 2, 3));
  putUserMemory(0x1000n, Uint8Array.of(1, 2, 3));
  expect(() => bytes(0x1000n, 4)).toThrow("bytes(): no memory at 4096");
  expect(() => str(0x1000n, 8)).toThrow("no memory");
  expect([userStr(5n), userBytes(0x1000n, 4), userBytes(0x1003n, 1), userStr(0x1000n, 8)]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect([bytes(0x1000n, 3), userBytes(0x1001n, 2), str(0x1000n, 3)]).toEqual([
    Uint8Array.of(1, 2, 3),
    Uint8Array.of(2, 3),
    "\u0001\u0002",
  ]);
});

test("what was put last counts, and is a copy", () => {
  const data = Uint8Array.of(7, 8);
  putUserMemory(1n, data);
  data[0] = 9;
  expect(userBytes(1n, 2)).toEqual(Uint8Array.of(7, 8));
  putUserMemory(1n, "x");
  expect(userBytes(1n, 2)).toEqual(Uint8Array.of(120, 0));
});

test("hardware addresses", () => {
  putKernelMemory(0x10n, Uint8Array.of(0, 0x1b, 0x44, 0x11, 0x3a, 0xb7));
  expect(mac(bytes(0x10n, 6))).toBe("00:1b:44:11:3a:b7");
  expect(formatMac([1, 2, 255, 254, 253, 252, 251, 250], 2)).toBe("ff:fe:fd:fc:fb:fa");
  expect(parseMac("00:1b:44:11:3a:b7")).toEqual(Uint8Array.of(0, 0x1b, 0x44, 0x11, 0x3a, 0xb7));
  for (const wrong of [
    "",
    "00:1B:44:11:3A:B7",
    "00-1b-44-11-3a-b7",
    "00:1b:44:11:3a",
    "00:1b:44:11:3a:b7:00",
    "0:1b:44:11:3a:b7",
  ])
    expect(parseMac(wrong)).toBeUndefined();
});

test("addresses are read as they are written", () => {
  const texts = [
    "0.0.0.0",
    "10.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "2001:db8::1",
    "fe80::1:2:3:4",
    "1:2:3:4:5:6:7:8",
    "::ffff:1.2.3.4",
    "1::",
  ];
  for (const text of texts) {
    const parsed = parseIp(text);
    expect(parsed === undefined ? undefined : formatIp(parsed.family, parsed.bytes)).toBe(text);
    expect(ip(parsed?.bytes as never)).toBe(text);
  }
  expect(formatIp(10, parseIp("2001:0DB8:0::0:1")?.bytes ?? [])).toBe("2001:db8::1");
  expect(formatIp(10, parseIp("64:ff9b::192.0.2.33")?.bytes ?? [])).toBe("64:ff9b::c000:221");
  for (const wrong of ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "::1%lo", "1::2::3", "12345::", "localhost"])
    expect(parseIp(wrong)).toBeUndefined();
});
