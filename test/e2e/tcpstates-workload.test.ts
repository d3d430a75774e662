import { afterAll, beforeAll, expect, test } from "vitest";
import { ephemeralPorts, measureKernelWording } from "./harness/kernel-wording.js";
import { compareWithStories } from "./harness/match-stories.js";
import { playBefore, Witnesses } from "./harness/play.js";
import { describeWhere, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";
import { startBpftrace } from "./harness/tracer-bpftrace.js";
import { scenarios } from "./workload/index.js";
import type { KernelWording } from "./workload/scenario.js";
import { Stage } from "./workload/stage.js";

const needs = [requireRoot, requireTracefs, requireTool("bpftrace"), requireTool("tc", "iproute2")];
/** How often each scenario is played: TSPROBE_E2E_ROUNDS=20 shows that the workload is deterministic. */
const rounds = Number(process.env.TSPROBE_E2E_ROUNDS ?? 1);

// The expectations of the workload against a witness that shares nothing with tsprobe: if these fail, the
// expectations are wrong, not the tool.
describeWhere(needs, "the workload, seen by bpftrace", () => {
  // One CPU: bpftrace has a buffer per CPU and prints them one after the other.
  const options = { cpu: 0 };
  const witnesses = new Witnesses([startBpftrace]);
  let stage: Stage;
  let kernel: KernelWording;

  beforeAll(async () => {
    kernel = measureKernelWording();
    [stage] = await Promise.all([Stage.open(options), witnesses.open()]);
  }, 30_000);
  afterAll(async () => {
    await Promise.all([stage?.close(), witnesses.close()]);
  }, 30_000);

  for (const scenario of scenarios) {
    test(scenario.name, { timeout: 20_000 * rounds }, async () => {
      for (let round = 0; round < rounds; round++) {
        const { stories, seen } = await playBefore(witnesses, scenario, stage, kernel, options);
        for (const { rows } of seen) expect(compareWithStories(rows, stories, { ephemeral: ephemeralPorts() })).toEqual([]);
      }
    });
  }
});
