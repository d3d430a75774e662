import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readSync } from "node:fs";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openElf } from "../../kernel/elf/index.js";
import { waitUntil } from "../fixtures/bpf/tracing.js";
import { type CProgram, compileC } from "../fixtures/c-program.js";
import { ScriptFolder } from "../unit/compiler/capture/built.js";
import { collect } from "./harness/collect.js";
import { describeWhere, lacking, requireRoot, requireTool, tsprobeEntry } from "./harness/requirements.js";

const needs = [requireRoot, requireTool("gcc")];

/** Calls each function so often, with arguments that are known. */
const SOURCE = `
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#define KEEP __attribute__((noinline, used))
KEEP int64_t mix(int8_t a, uint16_t b, int32_t c, uint64_t d, _Bool e, const char *f, int32_t g, uint64_t h) {
  __asm__ volatile("" ::: "memory");
  return a + b + c + (int64_t)d + e + (f != 0) + g + (int64_t)h;
}
KEEP int16_t half(int n) { __asm__ volatile("" ::: "memory"); return (int16_t)(-n / 2); }
static KEEP unsigned hidden(unsigned n) { __asm__ volatile("" ::: "memory"); return n * 2; }
KEEP int nothing(void) { __asm__ volatile("" ::: "memory"); return 0; }
int data_not_code = 7;
int main(int argc, char **argv) {
  int times = argc > 1 ? atoi(argv[1]) : 1;
  long sum = 0;
  for (int i = 0; i < times; i++) {
    sum += mix(-1 - i % 100, 60000 + i, -100000 - i, 0xfedcba9876543210ull + i, i & 1, argv[0], -7 - i, 1ull << 63 | i);
    sum += half(2 * i);
    sum += hidden(i);
    sum += nothing();
  }
  printf("%d %p\\n", (int)(sum & 1), (void *)argv[0]);
  return 0;
}`;

/** Calls a function as often as each line it reads says; prints the function's address first. */
const LOOP = `
#include <stdio.h>
__attribute__((noinline)) unsigned round_of(unsigned n) { __asm__ volatile("" ::: "memory"); return n; }
int main(void) {
  unsigned times;
  printf("%p\\n", (void *)round_of);
  fflush(stdout);
  while (scanf("%u", &times) == 1) {
    for (unsigned n = 0; n < times; n++) round_of(n);
    puts("done");
    fflush(stdout);
  }
}`;

let program: CProgram;
let loops: CProgram;
beforeAll(() => {
  if (lacking(needs) !== undefined) return;
  program = compileC(SOURCE, { name: "tsp-uprobed", flags: ["-O1"] });
  loops = compileC(LOOP, { name: "tsp-loop", flags: ["-O1"] });
});
afterAll(() => {
  program?.remove();
  loops?.remove();
});

/** The first byte of the instruction that uprobes write: int3 on x86-64, brk on arm64 (arch/arm64/include/asm/debug-monitors.h). */
const BREAKPOINT = process.arch === "x64" ? 0xcc : 0xa0;

/** A process that makes calls when it is told to. */
class Loop {
  readonly #child;
  readonly #lines;
  readonly ready: Promise<bigint>;

  constructor(path: string) {
    this.#child = spawn(path, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.ready = this.#lines.next().then(({ value }) => BigInt(value));
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async go(times: number): Promise<void> {
    this.#child.stdin.write(`${times}\n`);
    await this.#lines.next();
  }

  /** One byte of its memory. */
  byteAt(address: bigint): number {
    const fd = openSync(`/proc/${this.pid}/mem`, "r");
    try {
      const byte = Buffer.alloc(1);
      readSync(fd, byte, 0, 1, address);
      return byte[0] as number;
    } finally {
      closeSync(fd);
    }
  }

  async end(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.stdin.end();
    await ended;
  }
}

const TIMES = 1000;

/** Runs the program; what it printed, and its number. */
function runProgram(times = TIMES): { pid: number; pointer: bigint } {
  const { stdout, status, pid } = spawnSync(program.path, [String(times)], { encoding: "utf8" });
  expect(status).toBe(0);
  return { pid, pointer: BigInt(stdout.trim().split(" ")[1] as string) };
}

const file = () => JSON.stringify(program.path);

describeWhere(needs, "uprobe", () => {
  test("every call, with arguments of each type, in registers and on the stack", async () => {
    const source = `
import { pid, uprobe } from "tsprobe";
export const calls = uprobe(${file()}, "mix",
  { args: { a: "s8", b: "u16", c: "s32", d: "u64", e: "bool", f: "ptr", g: "s32", h: "u64" } },
  ({ a, b, c, d, e, f, g, h }) => ({ pid: pid(), a, b, c, d, e, f, g, h }));`;
    let run = { pid: 0, pointer: 0n };
    const { streams, counters } = await collect(source, async () => {
      run = runProgram();
    });
    expect(counters).toEqual([]);
    expect(streams[0]).toEqual(
      Array.from({ length: TIMES }, (_, i) => ({
        pid: run.pid,
        a: -1 - (i % 100),
        b: (60_000 + i) & 0xffff,
        c: -100_000 - i,
        d: 0xfedc_ba98_7654_3210n + BigInt(i),
        e: (i & 1) === 1,
        f: run.pointer,
        g: -7 - i,
        h: (1n << 63n) | BigInt(i),
      })),
    );
  });

  test("functions that are not exported, without arguments, by address, behind their first instruction", async () => {
    const elf = openElf(program.path);
    const address = elf.symbol("hidden")?.address as number;
    elf.close();
    const source = `
import { uprobe, uretprobe } from "tsprobe";
export const calls = uprobe(${file()}, "nothing", () => ({ called: true }));
export const named = uprobe(${file()}, "hidden", { args: { n: "u32" } }, ({ n }) => ({ n }));
export const addressed = uprobe(${file()}, ${address}, { args: { n: "u32" } }, (x) => ({ n: x.n }));
export const returned = uretprobe(${file()}, ${address}, { returns: "u32" }, ({ ret }) => ({ ret }));`;
    const { streams } = await collect(source, async () => {
      runProgram(100);
    });
    const numbers = Array.from({ length: 100 }, (_, n) => ({ n }));
    expect(streams).toEqual([numbers.map(() => ({ called: true })), numbers, numbers, numbers.map(({ n }) => ({ ret: n * 2 }))]);
  });

  test("results have the type that is declared", async () => {
    const source = `
import { uretprobe } from "tsprobe";
export const short = uretprobe(${file()}, "half", { returns: "s16" }, ({ ret }) => ({ ret }));
export const long = uretprobe(${file()}, "mix", { returns: "s64" }, (x) => ({ ret: x.ret }));
export const bare = uretprobe(${file()}, "nothing", (x) => ({ ret: x.ret }));`;
    const { streams } = await collect(source, async () => {
      runProgram(300);
    });
    const each = Array.from({ length: 300 }, (_, i) => i);
    expect(streams[0]).toEqual(each.map((i) => ({ ret: 0 - i })));
    const mix = (i: number) =>
      BigInt(-1 - (i % 100) + ((60_000 + i) & 0xffff) - 100_000 - i + (i & 1) + 1 - 7 - i) +
      0xfedc_ba98_7654_3210n +
      BigInt(i) +
      ((1n << 63n) | BigInt(i));
    expect(streams[1]).toEqual(each.map((i) => ({ ret: BigInt.asIntN(64, mix(i)) })));
    expect(streams[2]).toEqual(each.map(() => ({ ret: 0n })));
  });

  test("a library by name: calls of a child into libc, with its pointers", async () => {
    const lookups = compileC(
      `
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>
int main(void) {
  const char *node = "127.0.0.1";
  struct addrinfo *found, hints = { .ai_flags = AI_NUMERICHOST };
  for (int i = 0; i < 20; i++) if (getaddrinfo(node, 0, &hints, &found) == 0) freeaddrinfo(found);
  for (int i = 0; i < 30; i++) getppid();
  printf("%p %d\\n", (void *)node, (int)getppid());
}`,
      { name: "tsp-lookups" },
    );
    try {
      const source = `
import { comm, pid, uprobe, uretprobe } from "tsprobe";
export const asked = uprobe("libc", "getaddrinfo", { args: { node: "ptr", service: "ptr" } }, ({ node, service }) =>
  comm() === "tsp-lookups" ? { pid: pid(), node, service } : undefined);
export const answered = uretprobe("libc.so.6", "getaddrinfo", { returns: "s32" }, ({ ret }) => (comm() === "tsp-lookups" ? { ret } : undefined));
export const parents = uretprobe("libc", "getppid", { returns: "s32" }, ({ ret }) => (comm() === "tsp-lookups" ? { ret } : undefined));`;
      let child = { pid: 0, stdout: "" };
      const { streams } = await collect(source, async () => {
        child = spawnSync(lookups.path, { encoding: "utf8" });
      });
      const node = BigInt(child.stdout.split(" ")[0] as string);
      expect(streams[0]).toEqual(Array.from({ length: 20 }, () => ({ pid: child.pid, node, service: 0n })));
      expect(streams[1]).toEqual(Array.from({ length: 20 }, () => ({ ret: 0 })));
      expect(streams[2]).toEqual(Array.from({ length: 31 }, () => ({ ret: process.pid })));
    } finally {
      lookups.remove();
    }
  });
});

describeWhere(needs, "one process only", () => {
  test("others are not traced, and their memory has no breakpoint", async () => {
    const [chosen, other] = [new Loop(loops.path), new Loop(loops.path)];
    try {
      const places = await Promise.all([chosen.ready, other.ready]);
      const source = `
import { pid, uprobe } from "tsprobe";
export const rounds = uprobe(${JSON.stringify(loops.path)}, "round_of", { args: { n: "u32" }, pid: ${chosen.pid} }, ({ n }) => ({ pid: pid(), n }));`;
      let during: number[] = [];
      const { streams } = await collect(source, async () => {
        during = [chosen.byteAt(places[0]), other.byteAt(places[1])];
        await chosen.go(40);
        await other.go(50);
      });
      expect(streams[0]).toEqual(Array.from({ length: 40 }, (_, n) => ({ pid: chosen.pid, n })));
      const plain = chosen.byteAt(places[0]);
      expect(plain).not.toBe(BREAKPOINT);
      expect(during).toEqual([BREAKPOINT, plain]);
    } finally {
      await Promise.all([chosen.end(), other.end()]);
    }
  });
});

describeWhere(needs, "what is left behind", () => {
  test("nothing when a session stops: a running process has its own code again", async () => {
    const running = new Loop(loops.path);
    try {
      const place = await running.ready;
      const before = running.byteAt(place);
      let during = 0;
      const source = `
import { uprobe } from "tsprobe";
export const rounds = uprobe(${JSON.stringify(loops.path)}, "round_of", () => ({ called: true }));`;
      const { streams } = await collect(source, async () => {
        during = running.byteAt(place);
        await running.go(10);
      });
      await running.go(10);
      expect(streams[0]?.length).toBe(10);
      expect([during, running.byteAt(place)]).toEqual([BREAKPOINT, before]);
      expect(before).not.toBe(BREAKPOINT);
    } finally {
      await running.end();
    }
  });

  test.each(["SIGINT", "SIGKILL"] as const)(
    "nothing after %s",
    async (signal) => {
      const running = new Loop(loops.path);
      const folder = new ScriptFolder();
      let tracer: ChildProcess | undefined;
      try {
        const place = await running.ready;
        const before = running.byteAt(place);
        const script = folder.write(
          "script.ts",
          `import { uprobe } from "tsprobe";
export const rounds = uprobe(${JSON.stringify(loops.path)}, "round_of", () => ({ called: true }));
rounds.on(() => {});`,
        );
        tracer = spawn(process.execPath, [tsprobeEntry, "run", "--no-check", script], { stdio: "ignore" });
        const ended = once(tracer, "exit");
        await waitUntil(() => running.byteAt(place) === BREAKPOINT, 60_000);
        tracer.kill(signal);
        await ended;
        await waitUntil(() => running.byteAt(place) === before, 20_000);
        await running.go(10);
      } finally {
        tracer?.kill("SIGKILL");
        await running.end();
        folder.dispose();
      }
    },
    120_000,
  );
});
