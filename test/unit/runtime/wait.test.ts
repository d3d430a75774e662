import { closeSync, readdirSync, readlinkSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { libc } from "../../../runtime/ffi/libc.js";
import { Waiter } from "../../../runtime/wait.js";

const EFD_NONBLOCK = 0o4000;

function signal(eventfd: number): void {
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(1n);
  writeSync(eventfd, one);
}

test("sleeps until a descriptor is readable", async () => {
  const fd = libc.eventfd(0, EFD_NONBLOCK);
  const waiter = new Waiter([fd]);
  let woken = false;
  const waiting = waiter.wait().then(() => {
    woken = true;
  });
  await sleep(60);
  expect(woken).toBe(false);
  signal(fd);
  await waiting;
  expect(woken).toBe(true);
  await waiter.wait(); // level-triggered: nobody has read it
  await waiter.close();
  closeSync(fd);
});

test("wake ends the wait and all later ones", async () => {
  const waiter = new Waiter([]);
  const waiting = waiter.wait();
  waiter.wake();
  await waiting;
  await waiter.wait();
  await waiter.close();
});

test("close ends the wait and closes what it opened", async () => {
  const open = () => readdirSync("/proc/self/fd").filter((fd) => /eventpoll|eventfd/.test(linkOf(fd))).length;
  const before = open();
  const waiter = new Waiter([]);
  const waiting = waiter.wait();
  await sleep(20);
  expect(open()).toBe(before + 2);
  await waiter.close();
  await waiting;
  await waiter.close();
  waiter.wake();
  expect(open()).toBe(before);
});

test("a descriptor that cannot be waited for is an error", () => {
  expect(() => new Waiter([999_999])).toThrow(/EBADF/);
});

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // the directory's own descriptor
  }
}
