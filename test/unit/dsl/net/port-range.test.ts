import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { localPortRange, parsePortRange } from "../../../../dsl/net/port-range.js";

test("a range, and the reserved ports that lie in it", () => {
  expect(parsePortRange("32768\t60999\n\n")).toEqual({ low: 32_768, high: 60_999, reserved: new Set(), size: 28_232 });
  expect(parsePortRange("1000\t1999\n8080,1000-1002,1500,1998-2005\n")).toEqual({
    low: 1000,
    high: 1999,
    reserved: new Set([1000, 1001, 1002, 1500, 1998, 1999]),
    size: 994,
  });
});

test.skipIf(process.platform !== "linux")("this machine's", () => {
  const [low, high] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
  expect(localPortRange()).toMatchObject({ low, high });
  expect(localPortRange("/proc/self/ns/net")).toEqual(localPortRange());
  expect(() => localPortRange("/proc/self/ns/nothing")).toThrow();
});
