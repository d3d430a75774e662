import { afterAll, beforeAll, expect, test } from "vitest";
import { ephemeralPorts, measureKernelWording } from "./harness/kernel-wording.js";
import { compareWithStories } from "./harness/match-stories.js";
import { describeWhere, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";
import { ofPorts } from "./harness/rows.js";
import { settle, stopAll, type Tracer } from "./harness/tracer.js";
import { startBpftrace } from "./harness/tracer-bpftrace.js";
import { scenarios } from "./workload/index.js";
import type { KernelWording } from "./workload/scenario.js";
import { Stage } from "./workload/stage.js";

// The expectations of the workload against a witness that shares nothing with tsprobe: if these fail, the
// expectations are wrong, not the tool.
describeWhere([requireRoot, requireTracefs, requireTool("bpftrace"), requireTool("tc", "iproute2")], "the workload, seen by bpftrace", () => {
  let stage: Stage;
  let tracer: Tracer;
  let kernel: KernelWording;
  const rounds = Number(process.env["TSPROBE_E2E_ROUNDS"] ?? 1);

  beforeAll(async () => {
    kernel = measureKernelWording();
    [stage, tracer] = await Promise.all([Stage.open({ cpu: 0 }), startBpftrace()]);
  }, 30_000);
  afterAll(async () => {
    await Promise.all([stage?.close(), tracer && stopAll([tracer])]);
  });

  for (const scenario of scenarios) {
    test(scenario.name, { timeout: 10_000 * rounds }, async () => {
      for (let round = 0; round < rounds; round++) {
        const played = await scenario.play(stage, { cpu: 0 });
        const stories = played.expected(kernel);
        const count = stories.reduce((sum, story) => sum + story.transitions.length, 0);
        await settle([tracer], count, (rows) => ofPorts(rows, played.ports));
        const rows = ofPorts(tracer.rows(), played.ports);
        expect(compareWithStories(rows, stories, { ephemeral: ephemeralPorts() })).toEqual([]);
      }
    });
  }
});
