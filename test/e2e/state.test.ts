import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { Aggregation, KeyedAggregation } from "../../dsl/aggregations.js";
import type { Histogram } from "../../dsl/histogram.js";
import type { KernelArray, KernelMap } from "../../dsl/maps.js";
import type { Stats } from "../../dsl/readings.js";
import { GracePeriod } from "../../runtime/maps/grace-period.js";
import { describeWhere, requireRoot, requireTool } from "./harness/requirements.js";
import { type Running, startScript, withoutBatches } from "./harness/state.js";

/** Numbers no system call has: parity takes 6,000,000 and up. */
const NUMBER = 8_000_000n + BigInt(process.pid % 1_000_000);
const CALLER = fileURLToPath(new URL("./workload/caller.mjs", import.meta.url));
const CALLS = 500_000;
/** Two processes, each on a CPU of its own where there are two. */
const WORKERS = [1n, 2n];
const TOTAL = CALLS * WORKERS.length;

const head = (host: string, handler: string) => `import * as t from "tsprobe";
import { pid, tracepoint } from "tsprobe";
${host}
tracepoint("raw_syscalls:sys_enter", (ctx) => {
  if (ctx.id !== ${NUMBER}n) return;
  const i = ctx.args[0], worker = Number(ctx.args[1] & 0xffn);
${handler}
});`;

let running: Running | undefined;
afterEach(async () => {
  await running?.end();
  running = undefined;
});

async function startCaller(worker: bigint, calls: number) {
  const cpu = Number(worker - 1n) % availableParallelism();
  const child = spawn("taskset", ["-c", String(cpu), process.execPath, CALLER, String(NUMBER), String(calls), String(worker)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(createInterface(child.stdout), "line");
  return {
    async run() {
      child.stdin.end("go\n");
      const [code] = (await once(child, "exit")) as [number | null];
      expect(code).toBe(0);
    },
  };
}

/** Lets all workers call at once; meanwhile `beside` is called again and again. @returns how often */
async function callFromAll(calls: number, beside: () => Promise<void> | void): Promise<number> {
  const callers = await Promise.all(WORKERS.map((worker) => startCaller(worker, calls)));
  let over = false;
  const all = Promise.all(callers.map((caller) => caller.run())).finally(() => {
    over = true;
  });
  let rounds = 0;
  while (!over) {
    await beside();
    rounds++;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await all;
  return rounds;
}

/** Sums over readings, as the host could have counted them. */
class Ledger {
  count = 0;
  sum = 0n;
  min: bigint | undefined;
  max: bigint | undefined;
  readonly buckets = new Map<bigint | undefined, number>();

  take({ count, sum, min, max }: Stats): void {
    this.count += count;
    this.sum += sum;
    if (min !== undefined && (this.min === undefined || min < this.min)) this.min = min;
    if (max !== undefined && (this.max === undefined || max > this.max)) this.max = max;
  }

  takeBuckets({ buckets }: Histogram): void {
    for (const { from, count } of buckets) this.buckets.set(from, (this.buckets.get(from) ?? 0) + count);
  }
}

const SUM = (BigInt(CALLS) * BigInt(CALLS - 1)) / 2n;
const needs = [requireRoot, requireTool("taskset", "util-linux")];

/** describe(), with time for all those calls on a slow machine. */
const describeLong = (title: string, body: () => void) => describe(title, { timeout: 300_000 }, body);

describeWhere(
  needs,
  `${TOTAL.toLocaleString("en")} events from two processes`,
  () => {
    test("aggregations that are read and reset meanwhile add up exactly", async () => {
      running = await startScript(
        head(
          `const calls = t.count();
const total = t.stats();
const byWorker = t.hist().by({ worker: "u32" });
const highest = t.max().by("u32");
const sums = t.sum().by(["u32", "u8"]);
const fine = t.quantiles({ error: 0.01 });`,
          `  calls.add();
  total.add(i);
  byWorker.add({ worker }, i);
  highest.add(worker, i);
  sums.add([worker, Number(i & 7n)], -1000n - i * 4_294_967_297n);
  fine.add(i);`,
        ),
      );
      const [calls, total, byWorker, highest, sums, fine] = running.script.state as unknown as [
        Aggregation<[], number>,
        Aggregation<[bigint], Stats>,
        KeyedAggregation<{ worker: number }, [bigint], Histogram>,
        KeyedAggregation<number, [bigint], bigint>,
        KeyedAggregation<[number, number], [bigint], bigint>,
        Aggregation<[bigint], Histogram>,
      ];
      let counted = 0;
      let resets = 0;
      const [all, fineAll] = [new Ledger(), new Ledger()];
      const workers = new Map(WORKERS.map((worker) => [Number(worker), new Ledger()]));
      const most = new Map<number, bigint>();
      const summed = new Map<string, bigint>();
      const take = async () => {
        const [one, two, three, four, five, six] = await Promise.all([
          calls.readAndReset(),
          total.readAndReset(),
          byWorker.readAndReset(),
          highest.readAndReset(),
          sums.readAndReset(),
          fine.readAndReset(),
        ]);
        counted += one;
        all.take(two);
        for (const [{ worker }, reading] of three) {
          workers.get(worker)?.take(reading);
          workers.get(worker)?.takeBuckets(reading);
        }
        for (const [worker, value] of four) most.set(worker, value);
        for (const [key, value] of five) summed.set(String(key), (summed.get(String(key)) ?? 0n) + value);
        fineAll.take(six);
        resets++;
      };
      expect(await callFromAll(CALLS, take)).toBeGreaterThan(3);
      const counters = await running.end(take);
      running = undefined;
      expect(counters).toEqual([]);
      expect(counted).toBe(TOTAL);
      const expected = { count: TOTAL, sum: 2n * SUM, min: 0n, max: BigInt(CALLS - 1) };
      expect(all).toMatchObject(expected);
      expect(fineAll).toMatchObject(expected);
      for (const ledger of workers.values()) {
        expect(ledger).toMatchObject({ count: CALLS, sum: SUM, min: 0n, max: BigInt(CALLS - 1) });
        const powers = Array.from({ length: 20 }, (_, power) => [power === 0 ? 0n : 2n ** BigInt(power - 1), power] as const);
        for (const [from, power] of powers) {
          const to = power === 0 ? 1n : 2n * from;
          const held = (to < BigInt(CALLS) ? to : BigInt(CALLS)) - from;
          expect(BigInt(ledger.buckets.get(from) ?? 0)).toBe(held);
        }
      }
      expect([...most.values()]).toEqual([BigInt(CALLS - 1), BigInt(CALLS - 1)]);
      const all5 = [...summed.values()].reduce((sum, value) => sum + value, 0n);
      expect(summed.size).toBe(16);
      expect(all5).toBe(-1000n * BigInt(TOTAL) - 2n * SUM * 4_294_967_297n);
      console.log(`${TOTAL} events in ${resets} snapshots: all exact`);
    });

    test("entry by entry, where the kernel cannot read in batches", async () => {
      running = await startScript(
        head(
          `const calls = t.count().by("u64");
const seen = t.hash({ key: "u64", value: "u32", max: 2048 });
const cells = t.perCpuArray({ value: "u64", length: 3 });`,
          "  calls.add(i & 1023n);\n  seen.incr(i & 1023n);\n  cells.incr(2);",
        ),
        { libbpf: withoutBatches() },
      );
      const [calls, seen, cells] = running.script.state as unknown as [
        KeyedAggregation<bigint, [], number>,
        KernelMap<bigint, number>,
        KernelArray<bigint>,
      ];
      let counted = 0;
      const take = async () => {
        for (const [, count] of await calls.readAndReset()) counted += count;
      };
      await callFromAll(20_000, take);
      const counters = await running.end(async () => {
        await take();
        expect(calls.size).toBe(0);
        expect([seen.size, seen.values().reduce((sum, value) => sum + value, 0)]).toEqual([1024, 40_000]);
        expect(cells.entries()).toEqual([
          [0, 0n],
          [1, 0n],
          [2, 40_000n],
        ]);
        seen.clear();
        cells.clear();
        expect([seen.size, cells.get(2)]).toEqual([0, 0n]);
      });
      running = undefined;
      expect([counters, counted]).toEqual([[], 40_000]);
    });

    test("who asks is told that a map is full", async () => {
      running = await startScript(
        head(
          `const few = t.hash({ key: "u64", value: "u32", max: 4 });\nconst by = t.count().by("u64", { max: 10 });`,
          "  few.incr(i);\n  by.add(i);",
        ),
      );
      const [few, by] = running.script.state as unknown as [KernelMap<bigint, number>, KeyedAggregation<bigint, [], number>];
      const told = { few: 0, by: 0, before: 0 };
      few.onFull((count) => {
        told.few += count;
      });
      by.onFull((count) => {
        told.by += count;
      });
      await callFromAll(1000, () => {});
      await new Promise((resolve) => setTimeout(resolve, 1500));
      told.before = told.few;
      const counters = await running.end();
      running = undefined;
      expect(counters.map(({ site, count }) => [site.reason, site.subject, Number(count)])).toEqual([
        ["map-full", "few", 2 * 996],
        ["map-full", "by", 2 * 990],
      ]);
      expect([told.few, told.by]).toEqual([2 * 996, 2 * 990]);
    });

    test("a grace period ends after the handlers that run when it begins", async () => {
      running = await startScript(
        head(
          `const runs = t.array({ value: "u64", length: 2 });\nconst slow = t.hash({ key: "u64", value: "u64" });`,
          "  runs.incr(0);\n  for (let k = 0; k < 6000; k++) { slow.incr(1n); slow.incr(2n); slow.incr(3n); slow.incr(4n); }\n  runs.incr(1);",
        ),
      );
      const [runs] = running.script.state as unknown as [KernelArray<bigint>];
      const gracePeriod = new GracePeriod();
      let inFlight = 0;
      await callFromAll(3000, async () => {
        const begun = runs.get(0);
        if (runs.get(1) >= begun) return;
        inFlight++;
        await gracePeriod.pass();
        expect(runs.get(1)).toBeGreaterThanOrEqual(begun);
      });
      await running.end();
      running = undefined;
      expect(inFlight).toBeGreaterThan(0);
    });

    test("atomic adds lose nothing, whatever the map", async () => {
      running = await startScript(
        head(
          `const one = t.hash({ key: "u8", value: "u64" });
const fresh = t.hash({ key: "u64", value: "u32", max: 4096 });
const flows = t.lruHash({ key: "u32", value: { packets: "u32", bytes: "s64" } });
const cells = t.array({ value: "u64", length: 4 });
const mine = t.perCpuHash({ key: "u32", value: "u64" });
const rows = t.perCpuArray({ value: "u32", length: 2 });`,
          `  one.incr(1);
  fresh.incr(i & 1023n);
  flows.add(7, { packets: 1, bytes: -5n });
  cells.add(Number(i & 3n), i);
  mine.add(worker, i);
  rows.incr(1);`,
        ),
      );
      const [one, fresh, flows, cells, mine, rows] = running.script.state as unknown as [
        KernelMap<number, bigint>,
        KernelMap<bigint, number>,
        KernelMap<number, { packets: number; bytes: bigint }>,
        KernelArray<bigint>,
        KernelMap<number, bigint>,
        KernelArray<number>,
      ];
      let before = 0n;
      await callFromAll(CALLS, () => {
        const now = one.get(1) ?? 0n;
        expect(now).toBeGreaterThanOrEqual(before);
        before = now;
      });
      const counters = await running.end(() => {
        expect(one.get(1)).toBe(BigInt(TOTAL));
        expect(fresh.size).toBe(1024);
        expect(fresh.values().reduce((sum, value) => sum + value, 0)).toBe(TOTAL);
        expect(flows.get(7)).toEqual({ packets: TOTAL, bytes: BigInt(TOTAL) * -5n });
        expect(cells.values().reduce((sum, value) => sum + value, 0n)).toBe(2n * SUM);
        expect(new Map(mine)).toEqual(
          new Map([
            [1, SUM],
            [2, SUM],
          ]),
        );
        expect(rows.get(1)).toBe(TOTAL);
        expect(rows.perCpu(1).reduce((sum, value) => sum + value, 0)).toBe(TOTAL);
        expect(rows.perCpu(1).filter((value) => value > 0)).toHaveLength(Math.min(2, availableParallelism()));
      });
      running = undefined;
      expect(counters).toEqual([]);
    });
  },
  describeLong,
);
