import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { missedRunsOf } from "./harness/bpf-programs.js";
import { ephemeralPorts, measureKernelWording } from "./harness/kernel-wording.js";
import { compareWithStories, countTransitions } from "./harness/match-stories.js";
import { tellOwners } from "./harness/owner-stories.js";
import { playBefore, Witnesses } from "./harness/play.js";
import { isProcessOneHidden } from "./harness/process-one.js";
import { readStatesJson } from "./harness/read-states.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";
import { type Row, splitIntoLives } from "./harness/rows.js";
import { ownRows } from "./harness/tracer.js";
import { startTsprobe } from "./harness/tracer-tsprobe.js";
import { conversationStories, converse } from "./workload/conversation.js";
import { scenarios } from "./workload/index.js";
import type { KernelWording } from "./workload/scenario.js";
import { Stage } from "./workload/stage.js";

const needs = [requireRoot, requireTracefs, requireBuild, requireTool("tc", "iproute2")];

/** A row without its time: three tracers read the clock one after the other. */
function withoutTime({ ms: _, cpid: __, ccomm: ___, ...row }: Row) {
  return row;
}

function sortedLives(rows: readonly Row[]): Row[][] {
  const key = (life: Row[]) => life.map((row) => `${row.sk} ${row.lport} ${row.rport} ${row.from} ${row.to}`).join();
  return splitIntoLives(rows).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

describeWhere(needs, "tsprobe run probes/tcpstates.ts shows exactly what TCP did", () => {
  const witnesses = new Witnesses([() => startTsprobe("json"), () => startTsprobe("csv"), () => startTsprobe("table")]);
  let stage: Stage;
  let kernel: KernelWording;

  beforeAll(async () => {
    kernel = measureKernelWording();
    [stage] = await Promise.all([Stage.open(), witnesses.open()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([stage?.close(), witnesses.close()]);
  }, 30_000);

  for (const scenario of scenarios) {
    test(scenario.name, { timeout: 40_000 }, async () => {
      const { stories, seen } = await playBefore(witnesses, scenario, stage, kernel);
      for (const { tracer, rows } of seen) {
        const differences = compareWithStories(rows, tellOwners(stories), { ephemeral: ephemeralPorts() });
        expect(differences, tracer.name).toEqual([]);
      }
      // The same run in every format says the same, command names and kernel addresses included.
      const [json, csv, table] = seen.map(({ rows }) => sortedLives(rows));
      const facts = (lives: Row[][] | undefined, commLength = 16) =>
        lives?.map((life) => life.map((row) => ({ ...withoutTime(row), comm: row.comm.slice(0, commLength) })));
      expect(facts(csv)).toEqual(facts(json));
      // The table cuts the command's name, as BCC's does.
      expect(facts(table, 10)).toEqual(facts(json, 10));
      for (const other of [csv, table]) {
        const times = other?.flat().map((row, index) => Math.abs((row.ms ?? Number.NaN) - (json?.flat()[index]?.ms ?? 0)));
        // Each tracer's program reads the clock by itself, microseconds apart unless an interrupt comes between.
        expect(Math.max(...(times ?? []))).toBeLessThan(100);
      }
    });
  }

  test("Ctrl-C: exit code 130, and an account of every event", { timeout: 30_000 }, async () => {
    const missed = witnesses.tracers.map((tracer) => missedRunsOf(tracer.process.pid));
    const names = witnesses.tracers.map((tracer) => tracer.name);
    const ended = await witnesses.close();
    for (const [index, { code, stderr }] of ended.entries()) {
      expect(code, names[index]).toBe(130);
      expect(stderr).toMatch(/\b0 lost\b/);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
    const { rows, lost, summaries } = readStatesJson(ended[0]?.stdout ?? "");
    expect(lost).toEqual([]);
    expect(summaries).toHaveLength(1);
    expect(summaries[0]).toMatchObject({ delivered: rows.length, lost: 0 });
    // What the kernel itself counts for this program, read from outside before the end.
    expect(reportedMisses(summaries)).toBe(missed[0]);
  });

  test("what the kernel skips is told: rows and skipped runs make up all transitions", { timeout: 120_000 }, async () => {
    // Delayed ACKs of 200 sockets, due while the other side's 200 shutdown() calls run the probe: see many-at-once.ts.
    const plan = {
      listenOn: "127.3.4.30",
      connectTo: "127.3.4.30",
      closesFirst: "client",
      connections: 200,
      establishedMs: 20,
    } as const;
    for (let performance = 1; ; performance++) {
      const tracer = await startTsprobe("json");
      let expected = 0;
      let shown = 0;
      for (const halfClosedMs of [33, 36, 39]) {
        const already = tracer.rows().length;
        const done = await converse(stage.client, stage.server, { ...plan, halfClosedMs });
        expected += countTransitions(conversationStories(done, kernel));
        await sleep(300);
        shown += ownRows(tracer, already, done.ports).length;
      }
      const missed = missedRunsOf(tracer.process.pid);
      const { stdout, stderr } = await tracer.process.stop("SIGINT");
      const { rows, summaries } = readStatesJson(stdout);
      const behindGaps = rowsBehindGaps(rows);
      expect(behindGaps.filter(({ ms }) => ms !== 0)).toEqual([]);
      expect(/^changes of state not seen: (\d+);/m.exec(stderr)?.[1] ?? "0").toBe(String(behindGaps.length));
      expect(shown).toBeLessThanOrEqual(expected);
      expect(reportedMisses(summaries)).toBe(missed);
      if (missed > 0) expect(stderr).toMatch(new RegExp(`\\b${missed} runs\\b`));
      if (shown + missed < expected && performance < 3 && (await isProcessOneHidden())) {
        console.warn(`${expected - shown - missed} transitions of ${expected} were neither shown nor counted; once more`);
        continue;
      }
      expect(shown + missed).toBeGreaterThanOrEqual(expected);
      return;
    }
  });
});

/** The rows that do not begin where the row before them ended. One that begins in CLOSE, or is a child's first, is another socket's. */
function rowsBehindGaps(rows: readonly Row[]): Row[] {
  return splitIntoLives(rows).flatMap((life) =>
    life.filter(({ from, to }, at) => at > 0 && from !== life[at - 1]?.to && from !== "CLOSE" && to !== "SYN_RECV"),
  );
}

/** The runs that the tool says the kernel skipped. */
function reportedMisses(summaries: readonly Record<string, unknown>[]): number {
  return summaries
    .flatMap((summary) => (summary.missedRuns ?? []) as { count: number }[])
    .reduce((sum, { count }) => sum + count, 0);
}
