import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
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

test.each(["1", "0", "one"])("a pool of one thread (UV_THREADPOOL_SIZE=%s) stays free for others", (size) => {
  const module = (path: string) => JSON.stringify(new URL(`../../../runtime/${path}`, import.meta.url).pathname);
  const directory = mkdtempSync(join(tmpdir(), "tsprobe-wait-"));
  const outfile = join(directory, "pool.mjs");
  buildSync({
    stdin: {
      contents: `import { stat } from "node:fs/promises";
        import { Waiter } from ${module("wait.ts")};
        import { libc } from ${module("ffi/libc.ts")};
        const waiter = new Waiter([libc.eventfd(0, ${EFD_NONBLOCK})]);
        const waiting = waiter.wait();
        await new Promise((resolve) => setTimeout(resolve, 50));
        await stat("/");
        const closed = waiter.close();
        await waiting;
        await closed;
        console.log("done");`,
      resolveDir: dirname(fileURLToPath(import.meta.url)),
    },
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    outfile,
  });
  // Beside the packages it imports.
  symlinkSync(fileURLToPath(new URL("../../../node_modules", import.meta.url)), join(directory, "node_modules"));
  const env = { ...process.env, UV_THREADPOOL_SIZE: size };
  try {
    expect(execFileSync(process.execPath, [outfile], { env, encoding: "utf8", timeout: 10_000, killSignal: "SIGKILL" })).toBe(
      "done\n",
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("asleep, it notices once that a pipe has lost its reader, and then goes on waiting", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "tsprobe-wait-")), "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, "w");
  rmSync(dirname(path), { recursive: true });
  const fd = libc.eventfd(0, EFD_NONBLOCK);
  let closed = 0;
  const waiter = new Waiter([fd], { fd: writer, onClosed: () => closed++ });
  const first = waiter.wait();
  await sleep(30);
  expect(closed).toBe(0);
  closeSync(reader);
  await first;
  expect(closed).toBe(1);
  let woken = false;
  const second = waiter.wait().then(() => {
    woken = true;
  });
  await sleep(30);
  expect(woken).toBe(false);
  signal(fd);
  await second;
  expect(closed).toBe(1);
  await waiter.close();
  closeSync(fd);
  closeSync(writer);
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
