import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DiagnosticError } from "../../diagnostics/diagnostic.js";
import { parseCpuList } from "../../kernel/cpus.js";
import { type CProgram, compileC } from "../fixtures/c-program.js";
import { collect } from "./harness/collect.js";
import { describeWhere, lacking, requireRoot, requireTool } from "./harness/requirements.js";

const needs = [requireRoot, requireTool("taskset", "util-linux"), requireTool("gcc")];

const CPUS = parseCpuList(readFileSync("/sys/devices/system/cpu/online", "utf8"));
const HZ = 199;

/** Seconds of CPU time that a process has had: utime and stime of proc(5), in ticks of 10 ms. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function end(...children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }),
  );
}

/** A busy process on each CPU: one that is idle may sleep through its ticks. */
const busyCpus = (): ChildProcess[] =>
  CPUS.map((cpu) => spawn("taskset", ["-c", String(cpu), "sh", "-c", "while :; do :; done"], { stdio: "ignore" }));

describeWhere(needs, "profile", () => {
  test("samples each CPU at the rate, and a busy process as often as it had the CPU", { timeout: 60_000 }, async () => {
    const busy = busyCpus();
    try {
      await sleep(300);
      const pids = busy.map(({ pid }) => pid as number);
      const times: number[] = [];
      let seconds = 0;
      const { streams, counters } = await collect(
        `
import { cpu, pid, profile } from "tsprobe";
export const samples = profile(${HZ}, ({ ip }) => ({ cpu: cpu(), pid: pid(), user: ip < 0x8000000000000000n }));`,
        async () => {
          const before = pids.map(cpuSeconds);
          const began = performance.now();
          await sleep(3000);
          seconds = (performance.now() - began) / 1000;
          times.push(...pids.map((pid, i) => cpuSeconds(pid) - (before[i] as number)));
        },
      );
      expect(counters).toEqual([]);
      const samples = streams[0] ?? [];
      for (const cpu of CPUS) {
        const rate = samples.filter((sample) => sample.cpu === cpu).length / seconds;
        console.log(`CPU ${cpu}: ${rate.toFixed(1)} samples a second of ${HZ}`);
        expect(rate).toBeGreaterThan(HZ * 0.85);
        expect(rate).toBeLessThan(HZ * 1.1);
      }
      for (const [i, pid] of pids.entries()) {
        const own = samples.filter((sample) => sample.pid === pid);
        console.log(`busy on CPU ${CPUS[i]}: ${own.length} samples in ${times[i]?.toFixed(2)} s of CPU time`);
        expect(own.every((sample) => sample.cpu === CPUS[i])).toBe(true);
        // Samples of a process that shares its CPU are a matter of chance.
        const expected = (times[i] as number) * HZ;
        expect(Math.abs(own.length - expected)).toBeLessThan(expected * 0.15 + 5 * Math.sqrt(expected) + 5);
        // A shell's loop is mostly in the shell.
        expect(own.filter((sample) => sample.user).length).toBeGreaterThan(own.length * 0.5);
      }
    } finally {
      await end(...busy);
    }
  });

  test("a rate above the kernel's limit is refused before anything is loaded", async () => {
    const most = Number(readFileSync("/proc/sys/kernel/perf_event_max_sample_rate", "utf8"));
    const source = `import { profile } from "tsprobe"; export const p = profile(${most + 1}, () => ({ hit: true }));`;
    await expect(collect(source, async () => {})).rejects.toThrow(
      `TSP3055 ${most + 1} samples a second are more than this kernel takes (${most}) at ${most + 1}`,
    );
  });
});

/** Touches pages one after the other, and gives up the CPU so often; prints where, and what the kernel has counted meanwhile. */
const SOURCE = `
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
int main(void) {
  int pages, sleeps;
  puts("ready");
  fflush(stdout);
  if (scanf("%d %d", &pages, &sleeps) != 2) return 1;
  long size = sysconf(_SC_PAGESIZE);
  char *memory = mmap(0, pages * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(memory, pages * size, MADV_NOHUGEPAGE);
  struct rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  for (long i = 0; i < pages; i++) memory[i * size + i % size] = 1;
  for (int i = 0; i < sleeps; i++) {
    struct timespec time = { 0, 1000000 };
    nanosleep(&time, 0);
  }
  getrusage(RUSAGE_SELF, &after);
  printf("%p %ld %ld\\n", (void *)memory, (after.ru_minflt - before.ru_minflt) + (after.ru_majflt - before.ru_majflt),
    (after.ru_nvcsw - before.ru_nvcsw) + (after.ru_nivcsw - before.ru_nivcsw));
  fflush(stdout);
  scanf("%d", &pages);
}`;

let program: CProgram;
beforeAll(() => {
  if (lacking(needs) === undefined) program = compileC(SOURCE, { name: "tsp-faults" });
});
afterAll(() => program?.remove());

/** Runs the program under a script; what it says of itself. */
async function running(script: string, pages: number, sleeps: number) {
  const child = spawn(program.path, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    await lines.next();
    let said: string[] = [];
    const collected = await collect(script, async () => {
      child.stdin.write(`${pages} ${sleeps}\n`);
      said = String((await lines.next()).value).split(" ");
    });
    return {
      ...collected,
      pid: child.pid as number,
      memory: BigInt(said[0] as string),
      faults: Number(said[1]),
      switches: Number(said[2]),
    };
  } finally {
    await end(child);
  }
}

const pageSize = Number(spawnSync("getconf", ["PAGESIZE"], { encoding: "utf8" }).stdout);

describeWhere(needs, "perfEvent", () => {
  test("page faults: each one, with its address, as many as the kernel counts for the process", async () => {
    const PAGES = 2000;
    const { streams, counters, pid, memory, faults } = await running(
      `
import { comm, perfEvent, pid } from "tsprobe";
export const all = perfEvent("page-faults", { period: 1 }, ({ addr, samplePeriod, ip }) =>
  comm() === "tsp-faults" ? { pid: pid(), addr, samplePeriod, user: ip < 0x8000000000000000n } : undefined);
export const minor = perfEvent("minor-faults", { period: 1 }, ({ addr }) => (comm() === "tsp-faults" ? { addr } : undefined));
export const tenths = perfEvent("faults", { period: 10 }, () => (comm() === "tsp-faults" ? { some: true } : undefined));`,
      PAGES,
      0,
    );
    expect(counters).toEqual([]);
    const own = (streams[0] ?? []).filter(
      ({ addr }) => (addr as bigint) >= memory && (addr as bigint) < memory + BigInt(PAGES * pageSize),
    );
    expect(own).toEqual(
      Array.from({ length: PAGES }, (_, i) => ({
        pid,
        addr: memory + BigInt(i * pageSize + (i % pageSize)),
        samplePeriod: 1n,
        user: true,
      })),
    );
    // Before and after what it measures itself it has few of its own: reading the line, printing.
    expect(streams[0]?.length).toBeGreaterThanOrEqual(faults);
    expect(streams[0]?.length).toBeLessThan(faults + 60);
    expect(streams[1]?.length).toBeGreaterThanOrEqual(PAGES);
    // Every tenth of a CPU, whoever's it was.
    expect(streams[2]?.length).toBeGreaterThan(PAGES / 10 - 60);
    expect(streams[2]?.length).toBeLessThan(PAGES / 10 + 60);
  });

  test("context switches: as many as the kernel counts for the process", async () => {
    const { streams, counters, switches } = await running(
      `
import { comm, perfEvent, pid } from "tsprobe";
export const away = perfEvent("context-switches", { period: 1 }, () => (comm() === "tsp-faults" ? { pid: pid() } : undefined));`,
      1,
      150,
    );
    expect(counters).toEqual([]);
    expect(switches).toBeGreaterThanOrEqual(150);
    expect(streams[0]?.length).toBeGreaterThanOrEqual(switches);
    // What is beyond: its wait for the line before, and for the next one after.
    expect(streams[0]?.length).toBeLessThan(switches + 20);
  });

  test("a rate instead of a period", async () => {
    let seconds = 0;
    const busy = busyCpus();
    const { streams } = await collect(
      `
import { cpu, perfEvent } from "tsprobe";
export const ticks = perfEvent("cpu-clock", { hz: 100 }, () => ({ cpu: cpu() }));`,
      async () => {
        const began = performance.now();
        await sleep(2000);
        seconds = (performance.now() - began) / 1000;
      },
    ).finally(() => end(...busy));
    const rates = CPUS.map((cpu) => (streams[0]?.filter((event) => event.cpu === cpu).length ?? 0) / seconds);
    console.log(`ticks a second of 100, by CPU: ${rates.map((rate) => rate.toFixed(1)).join(", ")}`);
    for (const rate of rates) {
      expect(rate).toBeGreaterThan(60);
      expect(rate).toBeLessThan(140);
    }
  });

  test("the processor's counters: they count, or the machine is said not to have them", async () => {
    const busy = spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" });
    const source = `
import { cpu, perfEvent } from "tsprobe";
export const cycles = perfEvent("cycles", { period: 10_000_000 }, ({ samplePeriod }) => ({ cpu: cpu(), samplePeriod }));`;
    try {
      const { streams } = await collect(source, () => sleep(1000));
      expect(streams[0]?.length).toBeGreaterThan(10);
      expect(streams[0]?.every(({ samplePeriod }) => samplePeriod === 10_000_000n)).toBe(true);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "DiagnosticError") throw error;
      const [diagnostic] = (error as DiagnosticError).diagnostics;
      expect(diagnostic).toMatchObject({ code: "TSP7041", failure: "kernel" });
      expect(diagnostic?.message).toMatch(
        /^this machine does not have the counter of perfEvent:cycles:10000000 \(E(?:NOENT|OPNOTSUPP)\)$/,
      );
      expect(diagnostic?.hints?.at(-1)).toMatch(/^available here: cpu-clock, .*page-faults.*context-switches/);
      expect(diagnostic?.span?.file.text.slice(diagnostic.span.start, diagnostic.span.end)).toMatch(/^perfEvent\("cycles"/);
    } finally {
      await end(busy);
    }
  });
});
