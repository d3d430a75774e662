import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resolvePerfEvent, resolveProfile } from "../../../hooks/samples.js";
import { type Machine, machineOf } from "../../../kernel/user/machine.js";
import { PERF_EVENTS } from "../../../kernel/user/perf-events.js";

const x86 = machineOf("x64") as Machine;
const arm = machineOf("arm64") as Machine;
const event = (name: string, period = 1) => resolvePerfEvent({ kind: "perfEvent", name, period, hz: undefined }, x86);
const rated = (name: string, hz: number) => resolvePerfEvent({ kind: "perfEvent", name, period: undefined, hz }, x86);

test("samples are a CPU clock with a frequency", () => {
  expect(resolveProfile({ kind: "profile", hz: 99 }, x86)).toEqual({
    hook: {
      section: "perf_event",
      title: "profile:99hz",
      attach: { kind: "perfEvent", type: 1, config: 0n, frequency: 99, period: undefined },
      context: {
        key: "tsp_sample",
        title: "a sample",
        fields: [{ name: "ip", cType: "u64", offset: 128, size: 8, type: { kind: "pointer" } }],
      },
    },
  });
});

test("fields of struct bpf_perf_event_data, behind the registers", () => {
  const fields = (machine: Machine) => {
    const resolved = resolvePerfEvent({ kind: "perfEvent", name: "page-faults", period: 1, hz: undefined }, machine);
    return "hook" in resolved ? resolved.hook.context.fields.map(({ name, offset }) => [name, offset]) : [];
  };
  expect(fields(x86)).toEqual([
    ["ip", 128],
    ["samplePeriod", 168],
    ["addr", 176],
  ]);
  expect(fields(arm)).toEqual([
    ["ip", 256],
    ["samplePeriod", 272],
    ["addr", 280],
  ]);
});

// Numbers of include/uapi/linux/perf_event.h.
test.each([
  ["cpu-clock", 1, 0n],
  ["task-clock", 1, 1n],
  ["page-faults", 1, 2n],
  ["faults", 1, 2n],
  ["context-switches", 1, 3n],
  ["cs", 1, 3n],
  ["cpu-migrations", 1, 4n],
  ["minor-faults", 1, 5n],
  ["major-faults", 1, 6n],
  ["alignment-faults", 1, 7n],
  ["emulation-faults", 1, 8n],
  ["cycles", 0, 0n],
  ["instructions", 0, 1n],
  ["cache-references", 0, 2n],
  ["cache-misses", 0, 3n],
  ["branches", 0, 4n],
  ["branch-instructions", 0, 4n],
  ["branch-misses", 0, 5n],
  ["bus-cycles", 0, 6n],
  ["ref-cycles", 0, 9n],
  ["L1-dcache-loads", 3, 0n],
  ["L1-dcache-load-misses", 3, 0x1_00_00n],
  ["LLC-store-misses", 3, 0x1_01_02n],
  ["dTLB-prefetches", 3, 0x2_03n],
])("%s is %i:%i", (name, type, config) => {
  expect(PERF_EVENTS.get(name)).toMatchObject({ type, config });
  expect(event(name, 10)).toMatchObject({ hook: { attach: { type, config, period: 10, frequency: undefined } } });
});

test("a rate instead of a period", () => {
  expect(rated("cycles", 99)).toMatchObject({
    hook: { attach: { period: undefined, frequency: 99 }, title: "perfEvent:cycles:99hz" },
  });
});

test("refused: names that are none, and rates beyond the kernel's limit", () => {
  expect(event("page-fault")).toMatchObject({
    refusal: {
      code: "TSP3056",
      message: "there is no perf event page-fault",
      hints: ["did you mean page-faults?"],
      culprit: "page-fault",
    },
  });
  expect(event("something-else")).toMatchObject({
    refusal: { hints: [expect.stringMatching(/^those of the kernel are cpu-clock, task-clock, page-faults, /)] },
  });
  const most = Number(readFileSync("/proc/sys/kernel/perf_event_max_sample_rate", "utf8"));
  const refusal = {
    code: "TSP3055",
    message: `${most + 1} samples a second are more than this kernel takes (${most})`,
    failure: "kernel",
  };
  expect(resolveProfile({ kind: "profile", hz: most + 1 }, x86)).toMatchObject({ refusal });
  expect(rated("cycles", most + 1)).toMatchObject({ refusal });
  expect(resolveProfile({ kind: "profile", hz: most }, x86)).toHaveProperty("hook");
});
