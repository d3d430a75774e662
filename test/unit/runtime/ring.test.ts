import { afterEach, expect, test } from "vitest";
import { MemoryRing } from "./memory-ring.js";

let ring: MemoryRing;
afterEach(() => ring.close());

test("hands out records in order and frees their rounded lengths", () => {
  ring = new MemoryRing(4096);
  expect(ring.drainText()).toEqual({ texts: [], bytes: 0, empty: true });
  ring.send("a");
  ring.send("12345678");
  ring.send("");
  expect(ring.ring.pending).toBe(16 + 16 + 8);
  expect(ring.drainText()).toEqual({ texts: ["a", "12345678", ""], bytes: 40, empty: true });
  expect(ring.ring.pending).toBe(0);
  expect(ring.drainText()).toEqual({ texts: [], bytes: 0, empty: true });
});

test("a record that wraps around the end is contiguous", () => {
  ring = new MemoryRing(4096);
  const text = "0123456789".repeat(100);
  for (let round = 0; round < 20; round++) {
    ring.send(`${round}:${text}`);
    ring.send(`second ${round}`);
    expect(ring.drainText().texts).toEqual([`${round}:${text}`, `second ${round}`]);
  }
});

test("stops before a record that is reserved and not sent yet, and goes on after it", () => {
  ring = new MemoryRing(4096);
  ring.send("one");
  const late = ring.reserve(Buffer.from("two"));
  ring.send("three");
  expect(ring.drainText()).toEqual({ texts: ["one"], bytes: 16, empty: true });
  expect(ring.drainText()).toEqual({ texts: [], bytes: 0, empty: true });
  late.submit();
  expect(ring.drainText().texts).toEqual(["two", "three"]);
});

test("skips records that were given back", () => {
  ring = new MemoryRing(4096);
  ring.reserve(Buffer.from("unused")).discard();
  ring.send("kept");
  ring.reserve(Buffer.from("unused")).discard();
  expect(ring.drainText()).toEqual({ texts: ["kept"], bytes: 48, empty: true });
});

test.each([2n ** 31n - 16n, 2n ** 32n - 8n, 2n ** 53n - 16n, 2n ** 64n - 16n])("positions go on past %d", (start) => {
  ring = new MemoryRing(4096, start);
  for (let round = 0; round < 6; round++) ring.send(`r${round}`);
  expect(ring.drainText()).toEqual({ texts: ["r0", "r1", "r2", "r3", "r4", "r5"], bytes: 96, empty: true });
  ring.send("next");
  expect(ring.drainText().texts).toEqual(["next"]);
});

test("stops at the bound on records", () => {
  ring = new MemoryRing(4096);
  for (let index = 0; index < 10; index++) ring.send(String(index));
  expect(ring.drainText(4)).toEqual({ texts: ["0", "1", "2", "3"], bytes: 64, empty: false });
  expect(ring.drainText(4).texts).toEqual(["4", "5", "6", "7"]);
  expect(ring.drainText(4)).toEqual({ texts: ["8", "9"], bytes: 32, empty: true });
});

test("stops at the bound on time, also when each record takes long", () => {
  ring = new MemoryRing(65_536);
  for (let index = 0; index < 1000; index++) ring.send(String(index));
  let handled = 0;
  const began = performance.now();
  const { empty } = ring.ring.drain(Number.POSITIVE_INFINITY, 5, () => {
    handled++;
    for (const until = performance.now() + 1; performance.now() < until; );
  });
  expect(empty).toBe(false);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(handled).toBeLessThan(20);
  expect(ring.drainText().texts[0]).toBe(String(handled)); // nothing lost, nothing twice
});

test("a record whose handler throws counts as read", () => {
  ring = new MemoryRing(4096);
  for (const text of ["one", "two", "three"]) ring.send(text);
  let seen = 0;
  expect(() =>
    ring.ring.drain(100, 100, () => {
      if (++seen === 2) throw new Error("mine");
    }),
  ).toThrow("mine");
  expect(ring.drainText().texts).toEqual(["three"]);
});

test("publishes its position while it drains, so that a full ring empties before the end", () => {
  ring = new MemoryRing(4096);
  for (let index = 0; index < 200; index++) ring.send("x".repeat(8)); // 200 × 16 of 4096 bytes
  const free: number[] = [];
  ring.ring.drain(1000, 1000, () => {
    free.push(ring.publishedPosition());
  });
  expect(free[0]).toBe(0);
  expect(free.at(-1)).toBeGreaterThan(1024);
});

test("after close it gives out nothing", () => {
  ring = new MemoryRing(4096);
  ring.send("late");
  ring.ring.close();
  expect(ring.drainText()).toEqual({ texts: [], bytes: 0, empty: true });
  expect(ring.ring.pending).toBe(0);
});
