import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSink, type Sink } from "../../../../runtime/output/sink.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsprobe-sink-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Both ends of a real pipe of 64 KiB; the reader takes what there is. */
function openPipe(): { reader: number; writer: number; read: () => string } {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, "w");
  const chunk = Buffer.alloc(1 << 17);
  const read = (): string => {
    try {
      return chunk.toString("utf8", 0, readSync(reader, chunk));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return "";
      throw error;
    }
  };
  return { reader, writer, read };
}

function open(fd: number): { sink: Sink; told: string[] } {
  const told: string[] = [];
  return {
    told,
    sink: createSink({ fd, onClosed: () => told.push("closed"), onError: (error) => told.push(String(error.code)) }),
  };
}

describe("sink on a pipe", () => {
  test("flush writes the lines at once", () => {
    const { writer, read } = openPipe();
    const { sink } = open(writer);
    sink.line("one");
    sink.line("zwei ü");
    expect(read()).toBe("");
    sink.flush();
    expect(read()).toBe("one\nzwei ü\n");
  });

  test("a line nobody flushes is written when the event loop turns", async () => {
    const { writer, read } = openPipe();
    open(writer).sink.line("one");
    await sleep(1);
    expect(read()).toBe("one\n");
  });

  test("a reader that stands still does not hold up the event loop, and gets everything in the end", async () => {
    const { writer, read } = openPipe();
    const { sink, told } = open(writer);
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${"x".repeat(100)}`);
    const start = performance.now();
    for (const line of lines) sink.line(line);
    sink.flush();
    expect(performance.now() - start, "milliseconds for 2 MB into a pipe of 64 KiB that nobody reads").toBeLessThan(1500);
    expect(sink.congested).toBe(true);
    let ended = false;
    const end = sink.end().then(() => {
      ended = true;
    });
    await sleep(30);
    expect(ended).toBe(false);
    let received = "";
    for (const deadline = Date.now() + 10_000; !ended && Date.now() < deadline; await sleep(1)) received += read();
    await end;
    received += read();
    expect(received).toBe(lines.map((line) => `${line}\n`).join(""));
    expect(sink.congested).toBe(false);
    expect(told).toEqual([]);
  });

  test("the reader's end is told once, and end() does not wait for it", async () => {
    const { reader, writer } = openPipe();
    const { sink, told } = open(writer);
    closeSync(reader);
    for (let i = 0; i < 3; i++) {
      sink.line("x");
      sink.flush();
    }
    await sink.end();
    expect(told).toEqual(["closed"]);
  });

  test("a reader that somebody else has seen leaving is told once too, and nothing is written after it", async () => {
    const { writer, read } = openPipe();
    const { sink, told } = open(writer);
    expect(sink.pipe).toBeTypeOf("number");
    sink.line("x");
    sink.readerGone();
    sink.readerGone();
    sink.line("y");
    await sink.end();
    expect(read()).toBe("");
    expect(told).toEqual(["closed"]);
  });

  test("a reader that leaves while it is congested is noticed", async () => {
    const { reader, writer } = openPipe();
    const { sink, told } = open(writer);
    sink.line("x".repeat(1 << 21));
    sink.flush();
    expect(sink.congested).toBe(true);
    closeSync(reader);
    await sink.end();
    expect(told).toEqual(["closed"]);
    expect(sink.congested).toBe(false);
  });
});

test("a full disk is told as an error, once", async () => {
  const { sink, told } = open(openSync("/dev/full", "w"));
  sink.line("x");
  sink.flush();
  sink.line("y");
  await sink.end();
  expect(told).toEqual(["ENOSPC"]);
});

test("a file is appended to at its own offset", () => {
  const path = join(folder, "file");
  const fd = openSync(path, "w");
  const { sink } = open(fd);
  expect(sink.pipe).toBeUndefined();
  sink.line("one");
  sink.flush();
  sink.line("two");
  sink.flush();
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
});

test("a process killed with SIGKILL loses no line that was flushed", async () => {
  const source = `
    import { createSink } from "./sink.ts";
    const sink = createSink({ fd: 1, onClosed() {}, onError() {} });
    for (let i = 0; i < 500; i++) { sink.line("line " + i); if (i % 7 === 0) sink.flush(); }
    sink.flush();
    process.kill(process.pid, "SIGKILL");`;
  const script = join(folder, "killed.mjs");
  await build({
    stdin: { contents: source, resolveDir: join(import.meta.dirname, "../../../../runtime/output") },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: script,
  });
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  let received = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    received += text;
  });
  const signal = await new Promise((resolve) => child.on("close", (_, name) => resolve(name)));
  expect(signal).toBe("SIGKILL");
  expect(received).toBe(Array.from({ length: 500 }, (_, i) => `line ${i}\n`).join(""));
});
