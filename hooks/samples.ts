import { readFileSync } from "node:fs";
import { describeTarget, type HookTarget, type PerfEventTarget } from "../dsl/targets.js";
import { nearestNames } from "../kernel/nearest.js";
import { type Machine, machineOf } from "../kernel/user/machine.js";
import { PERF_EVENTS } from "../kernel/user/perf-events.js";
import type { ContextField, HandlerContext, HookRefusal, ResolvedHook } from "./hook.js";
import { refuse } from "./user-file.js";

const PERF_TYPE_SOFTWARE = 1;
const PERF_COUNT_SW_CPU_CLOCK = 0n;
const MAX_RATE = "/proc/sys/kernel/perf_event_max_sample_rate";

/** Samples of every CPU: `profile`. A timer on each CPU (perf_swevent_init_hrtimer, kernel/events/core.c). */
export function resolveProfile(target: Extract<HookTarget, { kind: "profile" }>, machine = machineOf()): ResolvedHook {
  const refused = tooFast(target.hz) ?? unknownMachine(machine);
  if (refused !== undefined) return refused;
  return perfHook(describeTarget(target), sampleContext(machine as Machine), {
    type: PERF_TYPE_SOFTWARE,
    config: PERF_COUNT_SW_CPU_CLOCK,
    frequency: target.hz,
    period: undefined,
  });
}

/** Occurrences of a perf event: `perfEvent`. Whether the processor has it, only opening it tells. */
export function resolvePerfEvent(target: PerfEventTarget, machine = machineOf()): ResolvedHook {
  const event = PERF_EVENTS.get(target.name);
  if (event === undefined) {
    const near = nearestNames(target.name, [...PERF_EVENTS.keys()], 3);
    const software = [...PERF_EVENTS].filter(([, { isHardware }]) => !isHardware).map(([name]) => name);
    return refuse(
      "TSP3056",
      `there is no perf event ${target.name}`,
      [near.length > 0 ? `did you mean ${near.join(" or ")}?` : `those of the kernel are ${software.join(", ")}`],
      { culprit: target.name },
    );
  }
  const refused = (target.hz === undefined ? undefined : tooFast(target.hz)) ?? unknownMachine(machine);
  if (refused !== undefined) return refused;
  return perfHook(describeTarget(target), perfEventContext(machine as Machine, `the perf event ${target.name}`), {
    type: event.type,
    config: event.config,
    frequency: target.hz,
    period: target.period,
  });
}

interface PerfSettings {
  readonly type: number;
  readonly config: bigint;
  readonly frequency: number | undefined;
  readonly period: number | undefined;
}

function perfHook(title: string, context: HandlerContext, settings: PerfSettings): ResolvedHook {
  const attach = Object.freeze({ kind: "perfEvent" as const, ...settings });
  return { hook: Object.freeze({ section: "perf_event", context, attach, title }) };
}

/** struct bpf_perf_event_data (include/uapi/linux/bpf_perf_event.h): registers, sample_period, addr. */
function sampleContext(machine: Machine): HandlerContext {
  return Object.freeze({ key: "tsp_sample", title: "a sample", fields: Object.freeze([instructionField(machine)]) });
}

function perfEventContext(machine: Machine, title: string): HandlerContext {
  const behind = machine.registersSize;
  const fields: readonly ContextField[] = [
    instructionField(machine),
    { name: "samplePeriod", cType: "__u64", offset: behind, size: 8, type: { kind: "int", size: 8, signed: false } },
    { name: "addr", cType: "__u64", offset: behind + 8, size: 8, type: { kind: "pointer" } },
  ];
  return Object.freeze({ key: "tsp_perf_event", title, fields: Object.freeze(fields) });
}

function instructionField(machine: Machine): ContextField {
  const offset = machine.registerOffset(machine.instructionPointer) as number;
  return { name: "ip", cType: "u64", offset, size: 8, type: { kind: "pointer" } };
}

/** Above this the kernel refuses with EINVAL (perf_event_open). */
function tooFast(hz: number): { readonly refusal: HookRefusal } | undefined {
  const most = maxSampleRate();
  if (most === undefined || hz <= most) return undefined;
  return refuse(
    "TSP3055",
    `${hz} samples a second are more than this kernel takes (${most})`,
    ["99 is usual; the limit is the sysctl kernel.perf_event_max_sample_rate"],
    { culprit: String(hz), failure: "kernel" },
  );
}

function maxSampleRate(): number | undefined {
  try {
    return Number.parseInt(readFileSync(MAX_RATE, "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}

function unknownMachine(machine: Machine | undefined): { readonly refusal: HookRefusal } | undefined {
  if (machine !== undefined) return undefined;
  return refuse("TSP3051", `samples cannot be taken on this architecture yet (${process.arch})`, ["x86-64 and arm64 can"], {
    failure: "kernel",
  });
}
