import { nameOf, refuseDeclaration } from "./declaration-error.js";
import { declareProbe, type Probe } from "./probe.js";

/** What the handler of `profile` receives. */
export interface SampleContext {
  /** Address of the instruction that was interrupted: in the kernel or in the process. */
  readonly ip: bigint;
}

/** What the handler of `perfEvent` receives. */
export interface PerfEventContext extends SampleContext {
  /** How many occurrences this one stands for. */
  readonly samplePeriod: bigint;
  /** The address that is concerned: of page faults, the address that was used; else mostly 0. */
  readonly addr: bigint;
}

/** How often `perfEvent` runs its handler: every so many occurrences, or as often as gives about so many samples a second. */
export type PerfEventOptions =
  | { readonly period: number; readonly hz?: undefined }
  | { readonly hz: number; readonly period?: undefined };

/**
 * Runs a handler in the kernel so many times a second on every CPU, idle ones too (then `pid()` is 0). Rates beside round numbers
 * (99, 199) do not beat with what the system does itself 100 times a second.
 * @param hz samples a second on each CPU; at most kernel.perf_event_max_sample_rate
 * @example
 * const busy = count();
 * profile(99, () => { if (pid() !== 0) busy.add(); });
 */
export function profile<const R>(hz: number, handler: (ctx: SampleContext) => R): Probe<SampleContext, R> {
  return declareProbe({ kind: "profile", hz: checkCount("profile()", "rate", hz) }, handler);
}

/**
 * Runs a handler in the kernel when a counter of the kernel or the processor has counted so far, on every CPU: perf_event_open(2).
 * @param name as `perf list` shows it: "page-faults", "context-switches", "cycles", "cache-misses" …
 * @param options `period`: every so many occurrences (1: each); `hz`: about so many times a second
 * @example
 * export const faults = perfEvent("page-faults", { period: 1 }, ({ addr }) => ({ pid: pid(), addr }));
 */
export function perfEvent<const R>(
  name: string,
  options: PerfEventOptions,
  handler: (ctx: PerfEventContext) => R,
): Probe<PerfEventContext, R> {
  const call = "perfEvent()";
  if (typeof name !== "string") refuseDeclaration(`${call}: ${nameOf(name)} is no event`, 'name one, such as "page-faults"');
  const { period, hz } = (options ?? {}) as { period?: unknown; hz?: unknown };
  if ((period === undefined) === (hz === undefined))
    refuseDeclaration(`${call}: either a period or a rate is needed`, "write { period: 1 } for every occurrence, or { hz: 99 }");
  return declareProbe(
    {
      kind: "perfEvent",
      name,
      period: period === undefined ? undefined : checkCount(call, "period", period),
      hz: hz === undefined ? undefined : checkCount(call, "rate", hz),
    },
    handler,
  );
}

function checkCount(call: string, what: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  return refuseDeclaration(`${call}: ${nameOf(value)} is no ${what}`, "give a whole number from 1 on");
}
