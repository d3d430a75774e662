import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openElf } from "../../kernel/elf/index.js";
import { readUsdtNotes } from "../../kernel/user/usdt-notes.js";
import { waitUntil } from "../fixtures/bpf/tracing.js";
import { type CProgram, compileC } from "../fixtures/c-program.js";
import { SDT_HEADER } from "../fixtures/sdt.js";
import { collect } from "./harness/collect.js";
import { describeWhere, lacking, requireRoot, requireTool } from "./harness/requirements.js";

const needs = [requireRoot, requireTool("gcc")];

/** Prints what its semaphore says each time it passes its probes; each place has its arguments elsewhere. */
const SOURCE = `
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
${SDT_HEADER}
SDT_SEMAPHORE(tsp_semaphore);
static int32_t counted = -1;
__attribute__((noinline)) void first(int32_t a, uint64_t b) {
  SDT(tsptest, step, tsp_semaphore, "-4@%[a] 8@%[b]", [a] "r"(a), [b] "r"(b));
}
__attribute__((noinline)) void second(int32_t a, uint64_t b) {
  volatile int32_t kept = a;
  volatile uint64_t large = b;
  SDT(tsptest, step, tsp_semaphore, "-4@%[a] 8@%[b]", [a] "m"(kept), [b] "m"(large));
}
__attribute__((noinline)) void third(uint64_t b) {
  (void)b;
  SDT(tsptest, step, tsp_semaphore, "-4@%[a] 8@%[b]", [a] "n"(-5), [b] "r"(b));
}
__attribute__((noinline)) void fourth(uint8_t *bytes, uint64_t i) {
  SDT(tsptest, small, 0, "1@%[byte] -1@%[byte] -2@%[word] 8@%[i]", [byte] "m"(bytes[i]), [word] "r"((int16_t)(-2 * (int)i)), [i] "r"(i));
}
#ifdef __x86_64__
__attribute__((noinline)) void fifth(void) { SDT(tsptest, global, 0, "-4@%[a]", [a] "m"(counted)); }
__attribute__((noinline)) void sixth(double d) { SDT(tsptest, real, 0, "8f@%[d] 8@%[n]", [d] "x"(d), [n] "n"(6)); }
__attribute__((noinline)) void seventh(void) { SDT(tsptest, wild, 0, "8@%[a]", [a] "m"(*(uint64_t *)16)); }
#else
__attribute__((noinline)) void fifth(void) { SDT(tsptest, global, 0, "-4@%[a]", [a] "r"(counted)); }
__attribute__((noinline)) void sixth(double d) { SDT(tsptest, real, 0, "8f@%[d] 8@%[n]", [d] "w"(d), [n] "n"(6)); }
__attribute__((noinline)) void seventh(void) { SDT(tsptest, wild, 0, "8@[%[a]]", [a] "r"(16)); }
#endif
int main(void) {
  int times;
  uint8_t bytes[256];
  for (int i = 0; i < 256; i++) bytes[i] = i;
  puts("ready");
  fflush(stdout);
  while (scanf("%d", &times) == 1) {
    for (int i = 0; i < times; i++) {
      first(-i, (1ull << 63) + i);
      second(-1000 - i, 77000000000ull + i);
      third(i);
      fourth(bytes, i % 256);
      counted = i - 3;
      fifth();
      sixth(0.5);
      seventh();
    }
    printf("%d\\n", *(volatile unsigned short *)&tsp_semaphore);
    fflush(stdout);
  }
}`;

let program: CProgram;
beforeAll(() => {
  if (lacking(needs) === undefined) program = compileC(SOURCE, { name: "tsp-usdt", flags: ["-O2"] });
});
afterAll(() => program?.remove());

const file = () => JSON.stringify(program.path);
const TIMES = 600;
const each = Array.from({ length: TIMES }, (_, i) => i);

/** Passes the probes when told to, and says what the semaphore was. */
class Running {
  readonly #child = spawn(program.path, { stdio: ["pipe", "pipe", "inherit"] });
  readonly #lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  readonly ready = this.#lines.next();

  get pid(): number {
    return this.#child.pid as number;
  }

  async go(times: number): Promise<number> {
    this.#child.stdin.write(`${times}\n`);
    const { value } = await this.#lines.next();
    return Number(value);
  }

  async end(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.stdin.end();
    await ended;
  }
}

/** Runs a script while the program passes each of its probes so often. */
async function passing(source: string) {
  const running = new Running();
  try {
    await running.ready;
    const before = await running.go(1);
    let during = 0;
    const collected = await collect(source, async () => {
      during = await running.go(TIMES);
    });
    return { ...collected, pid: running.pid, semaphore: [before, during, await running.go(1)] };
  } finally {
    await running.end();
  }
}

describeWhere(needs, "usdt", () => {
  test("one probe at three places: in registers, in memory, as a constant", async () => {
    const elf = openElf(program.path);
    const places = readUsdtNotes(elf).filter(({ name }) => name === "step");
    elf.close();
    // The test means something only while the compiler places them differently.
    expect(new Set(places.map((place) => place.arguments)).size).toBe(3);
    const { streams, counters, pid, semaphore } = await passing(`
import { pid, usdt } from "tsprobe";
export const steps = usdt(${file()}, "tsptest:step", { args: { a: "s32", b: "u64" } }, ({ a, b }) => ({ pid: pid(), a, b }));`);
    expect(counters).toEqual([]);
    expect(streams[0]).toEqual(
      each.flatMap((i) => [
        { pid, a: 0 - i, b: (1n << 63n) + BigInt(i) },
        { pid, a: -1000 - i, b: 77_000_000_000n + BigInt(i) },
        { pid, a: -5, b: BigInt(i) },
      ]),
    );
    // Counted up once for each place.
    expect(semaphore).toEqual([0, 3, 0]);
  });

  test("widths and signs are those of the file, then those that are declared", async () => {
    const { streams, counters } = await passing(`
import { usdt } from "tsprobe";
export const own = usdt(${file()}, "tsptest", "small", { args: { byte: "auto", signed: "auto", word: "auto", i: "auto" } },
  ({ byte, signed, word, i }) => ({ byte, signed, word, i }));
export const declared = usdt(${file()}, "small", { args: { byte: "s8", signed: "u64", word: "u16", i: "bool" } },
  (x) => ({ byte: x.byte, signed: x.signed, word: x.word, i: x.i }));
export const globals = usdt(${file()}, "tsptest:global", { args: { counted: "s32" } }, (x) => ({ counted: x.counted }));
export const passed = usdt(${file()}, "tsptest:global", () => ({ passed: true }));`);
    expect(counters).toEqual([]);
    const numbers = each.map((i) => i % 256);
    expect(streams[0]).toEqual(
      numbers.map((i) => ({ byte: BigInt(i), signed: BigInt.asIntN(8, BigInt(i)), word: -2n * BigInt(i), i: BigInt(i) })),
    );
    expect(streams[1]).toEqual(
      numbers.map((i) => ({
        byte: (i << 24) >> 24,
        signed: BigInt.asUintN(64, BigInt.asIntN(8, BigInt(i))),
        word: (-2 * i) & 0xffff,
        i: i !== 0,
      })),
    );
    expect(streams[2]).toEqual(each.map((i) => ({ counted: i - 3 })));
    expect(streams[3]).toEqual(each.map(() => ({ passed: true })));
  });

  test("memory that is not there ends the run and is counted", async () => {
    const { streams, counters } = await passing(`
import { usdt } from "tsprobe";
export const wild = usdt(${file()}, "tsptest:wild", { args: { a: "u64" } }, ({ a }) => ({ a }));
export const real = usdt(${file()}, "tsptest:real", { args: { d: "u64", n: "u64" } }, ({ n }) => ({ n }));`);
    expect(streams[0]).toEqual([]);
    expect(streams[1]).toEqual(each.map(() => ({ n: 6n })));
    expect(counters.map(({ site, count }) => ({ reason: site.reason, subject: site.subject, count }))).toEqual([
      { reason: "read", subject: "a", count: BigInt(TIMES) },
    ]);
  });
});

const needsBpftrace = [...needs, requireTool("bpftrace")];

describeWhere(needsBpftrace, "beside bpftrace", () => {
  test("the same counts and sums of functions and probes", { timeout: 60_000 }, async () => {
    const running = new Running();
    const bpftrace = spawn(
      "bpftrace",
      [
        "-e",
        `BEGIN { printf("attached\\n"); }
         uprobe:${program.path}:third { @functions = count(); @arguments = sum(arg0); }
         usdt:${program.path}:tsptest:small { @probes = count(); @bytes = sum(arg0); @numbers = sum(arg3); }`,
      ],
      { stdio: ["ignore", "pipe", "ignore"] }, // it complains of arguments that it cannot read
    );
    let said = "";
    bpftrace.stdout.on("data", (data) => {
      said += data;
    });
    const ended = once(bpftrace, "exit");
    try {
      await running.ready;
      await waitUntil(() => said.includes("attached"), 30_000);
      const { streams } = await collect(
        `
import { uprobe, usdt } from "tsprobe";
export const functions = uprobe(${file()}, "third", { args: { b: "u64" } }, ({ b }) => ({ b }));
export const probes = usdt(${file()}, "tsptest:small", { args: { byte: "u8", signed: "s8", word: "s16", i: "u64" } }, ({ byte, i }) => ({ byte, i }));`,
        async () => {
          await running.go(TIMES);
        },
      );
      bpftrace.kill("SIGINT");
      await ended;
      const theirs = Object.fromEntries(
        [...said.matchAll(/^@(\w+): (\d+)$/gm)].map(([, name, value]) => [name, BigInt(value as string)]),
      );
      const sum = (stream: number, field: string) =>
        (streams[stream] ?? []).reduce((total, event) => total + BigInt(event[field] as number | bigint), 0n);
      expect({
        functions: BigInt(streams[0]?.length ?? 0),
        arguments: sum(0, "b"),
        probes: BigInt(streams[1]?.length ?? 0),
        bytes: sum(1, "byte"),
        numbers: sum(1, "i"),
      }).toEqual(theirs);
      expect(theirs.functions).toBe(BigInt(TIMES));
    } finally {
      bpftrace.kill("SIGKILL");
      await ended;
      await running.end();
    }
  });
});

const needsCxx = [...needs, requireTool("g++")];

describeWhere(needsCxx, "the probes of libstdc++", () => {
  let thrower: CProgram;
  beforeAll(() => {
    const source =
      "int main(int c, char **) { for (int i = 0; i < 25; i++) try { throw i; } catch (int n) { c += n; } return c == 301 ? 0 : 1; }";
    thrower = compileC(source, { name: "tsp-thrower", flags: ["-x", "c++", "-Wl,--no-as-needed", "-lstdc++"] });
  });
  afterAll(() => thrower?.remove());

  test("what is thrown is what is caught, as often", async () => {
    let child = { pid: 0, status: null as number | null };
    const { streams, counters } = await collect(
      `
import { comm, pid, usdt } from "tsprobe";
export const thrown = usdt("libstdc++", "libstdcxx:throw", { args: { object: "ptr", type: "ptr" } }, ({ object, type }) =>
  comm() === "tsp-thrower" ? { pid: pid(), object, type } : undefined);
export const caught = usdt("libstdc++.so.6", "libstdcxx:catch", { args: { object: "ptr", type: "ptr" } }, ({ object, type }) =>
  comm() === "tsp-thrower" ? { pid: pid(), object, type } : undefined);`,
      async () => {
        child = spawnSync(thrower.path);
      },
    );
    expect(child.status).toBe(0);
    expect(counters).toEqual([]);
    expect(streams[0]?.length).toBe(25);
    expect(streams[0]?.every(({ pid, object, type }) => pid === child.pid && object !== 0n && type !== 0n)).toBe(true);
    expect(streams[1]).toEqual(streams[0]);
  });
});
