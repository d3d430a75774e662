import { afterAll, beforeAll, expect, test } from "vitest";
import { ephemeralPorts, measureKernelWording } from "./harness/kernel-wording.js";
import { compareWithStories } from "./harness/match-stories.js";
import { tellOwners } from "./harness/owner-stories.js";
import { playBefore, Witnesses } from "./harness/play.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";
import { type Row, splitIntoLives } from "./harness/rows.js";
import { startLibbpfTools } from "./harness/tracer-libbpf-tools.js";
import { startTsprobe } from "./harness/tracer-tsprobe.js";
import { scenarios } from "./workload/index.js";
import type { KernelWording } from "./workload/scenario.js";
import { Stage } from "./workload/stage.js";

const needs = [
  requireRoot,
  requireTracefs,
  requireBuild,
  requireTool("tcpstates", "libbpf-tools"),
  requireTool("tc", "iproute2"),
];

/**
 * Each socket's rows in order, the sockets in an order of their own, without times. Who ran is compared where both name it: theirs
 * is also whoever an interrupt fell upon. Their first row of a connect has no local port yet.
 */
function facts(rows: readonly Row[]): string[][] {
  return splitIntoLives(rows)
    .map((life) =>
      life.map(({ sk, laddr, lport, raddr, rport, from, to }) => {
        const local = to === "SYN_SENT" ? laddr : `${laddr}:${lport}`;
        return `${sk} ${local} ${raddr}:${rport} ${from} -> ${to}`;
      }),
    )
    .sort((a, b) => (a.join() < b.join() ? -1 : 1));
}

/** Rows of the same change for which ours names who ran, and theirs somebody else. libbpf-tools cuts the command's name. */
function disagreements(ours: readonly Row[], theirs: readonly Row[]): string[] {
  const key = (row: Row) => facts([row]).flat().join();
  const named = new Map(theirs.map((row) => [key(row), row]));
  return ours.flatMap((row) => {
    const other = named.get(key(row));
    if (row.cpid === undefined || other === undefined) return [];
    const [own, their] = [`${row.cpid} ${row.ccomm?.slice(0, 10)}`, `${other.pid} ${other.comm.slice(0, 10)}`];
    return own === their ? [] : [`${key(row)}: ${own}, not ${their}`];
  });
}

/** What tcpstates says of its own losses. */
function countLost(stderr: string): number {
  return [...stderr.matchAll(/lost (\d+) events/gi)].reduce((sum, match) => sum + Number(match[1]), 0);
}

describeWhere(needs, "tsprobe and libbpf-tools' tcpstates on the same traffic", () => {
  // One CPU: tcpstates has a perf buffer per CPU and prints them one after the other.
  const options = { cpu: 0 };
  const witnesses = new Witnesses([() => startTsprobe("json"), startLibbpfTools]);
  let stage: Stage;
  let kernel: KernelWording;

  beforeAll(async () => {
    kernel = measureKernelWording();
    [stage] = await Promise.all([Stage.open(options), witnesses.open()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([stage?.close(), witnesses.close()]);
  }, 30_000);

  for (const scenario of scenarios) {
    test(scenario.name, { timeout: 40_000 }, async () => {
      const lostBefore = countLost(witnesses.tracers[1]?.process.stderr ?? "");
      const { stories, seen } = await playBefore(witnesses, scenario, stage, kernel, options);
      const [ours, theirs] = seen.map(({ rows }) => rows);
      expect(compareWithStories(ours ?? [], tellOwners(stories), { ephemeral: ephemeralPorts() })).toEqual([]);
      expect(disagreements(ours ?? [], theirs ?? [])).toEqual([]);
      expect(ours?.some(({ cpid }) => cpid !== undefined)).toBe(true);
      const lost = countLost(seen[1]?.tracer.process.stderr ?? "") - lostBefore;
      if (lost === 0) expect(facts(ours ?? [])).toEqual(facts(theirs ?? []));
      else {
        // Its perf buffer is 64 KiB a CPU, and 200 connections at once are more than that. What it did show must agree.
        console.warn(`${scenario.name}: libbpf-tools' tcpstates lost ${lost} events`);
        const [known, shown] = [new Set(facts(ours ?? []).flat()), facts(theirs ?? []).flat()];
        expect(shown.filter((row) => !known.has(row))).toEqual([]);
        expect(shown.length + lost).toBeGreaterThanOrEqual(known.size);
      }
    });
  }
});
