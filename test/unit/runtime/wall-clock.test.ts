import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { wallClockSlots } from "../../../runtime/wall-clock.js";

const read = (variable: string) => {
  const { bytes } = wallClockSlots().find((slot) => slot.variable === variable) as { bytes: Uint8Array };
  return Buffer.from(bytes).readBigInt64LE();
};

test("the time since boot and its offset make the time of day", () => {
  const before = Date.now();
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
  const wall = uptime + Number(read("tsp_boot_offset") / 1_000_000n);
  // /proc/uptime has hundredths of a second.
  expect(wall).toBeGreaterThan(before - 20);
  expect(wall).toBeLessThan(Date.now() + 20);
});

test("TAI is ahead by whole seconds: the leap seconds since 1972 and ten more, or none where the kernel was not told", () => {
  const offset = read("tsp_tai_offset");
  expect(offset % 1_000_000_000n).toBe(0n);
  expect(Number(offset / 1_000_000_000n)).toBeLessThanOrEqual(0);
  expect(Number(offset / 1_000_000_000n)).toBeGreaterThanOrEqual(-60);
});
