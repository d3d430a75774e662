import { closeSync, readSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Delivery } from "../../../runtime/deliver.js";
import { libc } from "../../../runtime/ffi/libc.js";
import { Waiter } from "../../../runtime/wait.js";
import { MemoryRing } from "./memory-ring.js";

let ring: MemoryRing;
let doorbell: number;
let waiter: Waiter;
let delivery: Delivery;
let texts: string[];
let errors: unknown[];
let states: string[];
let congested: boolean;

/** What the kernel does when it finds the consumer at the new record. */
function ringBell(): void {
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(1n);
  writeSync(doorbell, one);
}

function silenceBell(): void {
  try {
    readSync(doorbell, Buffer.alloc(8));
  } catch {
    // was silent
  }
}

function create(onText: (text: string) => void = () => {}): void {
  delivery = new Delivery(ring.ring, waiter, {
    onRecord: (offset, length) => {
      silenceBell();
      const text = Buffer.from(ring.ring.bytes.subarray(offset, offset + length)).toString();
      texts.push(text);
      onText(text);
    },
    mayDrain: () => !congested,
    onTurn: (state) => void states.push(state),
    onError: (error) => void errors.push(error),
  });
  delivery.start();
}

beforeEach(() => {
  ring = new MemoryRing(65_536);
  doorbell = libc.eventfd(0, 0o4000);
  waiter = new Waiter([doorbell]);
  texts = [];
  errors = [];
  states = [];
  congested = false;
});

afterEach(async () => {
  delivery.halt();
  await waiter.close();
  ring.close();
  closeSync(doorbell);
});

test("delivers what is there when it starts, without a wake-up", async () => {
  ring.send("early");
  create();
  await sleep(10);
  expect(texts).toEqual(["early"]);
});

test("while events flow it needs no wake-up, and then sleeps", async () => {
  create();
  await sleep(10);
  ring.send("first");
  ringBell();
  while (texts.length === 0) await sleep(1);
  ring.send("second"); // no bell: the pause between drains has to find it
  await sleep(40);
  expect(texts).toEqual(["first", "second"]);
  expect(states.at(-1)).toBe("falling asleep");
  ring.send("third");
  await sleep(40);
  expect(texts).not.toContain("third"); // asleep: no timer looks
  ringBell();
  await sleep(20);
  expect(texts).toContain("third");
});

test("a slow handler leaves timers their turn", async () => {
  for (let index = 0; index < 200; index++) ring.send(String(index));
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  create(() => {
    for (const until = performance.now() + 1; performance.now() < until; );
  });
  while (texts.length < 200) await sleep(5);
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(10);
  expect(texts).toEqual(Array.from({ length: 200 }, (_, index) => String(index)));
});

test("what a handler throws arrives at onError, and nothing is delivered after it", async () => {
  const mine = new Error("mine");
  for (const text of ["one", "two", "three"]) ring.send(text);
  create((text) => {
    if (text === "two") throw mine;
  });
  await sleep(20);
  expect(errors).toEqual([mine]);
  expect(texts).toEqual(["one", "two"]);
});

test("leaves records in the ring while the output is congested", async () => {
  congested = true;
  ring.send("kept back");
  create();
  await sleep(30);
  expect(texts).toEqual([]);
  congested = false;
  await sleep(30);
  expect(texts).toEqual(["kept back"]);
});

test("after halt nothing is delivered", async () => {
  create();
  await sleep(10);
  delivery.halt();
  ring.send("late");
  ringBell();
  await sleep(20);
  expect(texts).toEqual([]);
});
