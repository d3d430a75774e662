import type { CounterReading } from "../../../runtime/counters.js";
import type { Recording } from "./instrument.js";
import type { BothRuns, Outcome, Sent } from "./run.js";

/** How a comparison went. */
export interface Agreement {
  /** Runs whose events are the same. */
  readonly same: number;
  /** Runs that the kernel ended, where Node's exact value has no place in the kernel. */
  readonly ended: number;
  /** Where they disagree, for people. */
  readonly problems: readonly string[];
}

/** Same values; -0 and 0 are one, since the kernel's integers have one zero. */
export function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return a === b;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  if (ArrayBuffer.isView(a) || ArrayBuffer.isView(b)) return isSame([...(a as Uint8Array)], [...(b as Uint8Array)]);
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_, v) => (typeof v === "bigint" ? `${v}n` : v === undefined ? "undefined" : v));

/** Compares a script of probes that share no channels, or of one probe. */
export function compareRuns(run: BothRuns): Agreement {
  const problems: string[] = [];
  let [same, ended] = [0, 0];
  const faults = run.counters.filter(({ site }) => site.reason !== "lost" && site.reason !== "map-full");
  for (const { site, count } of run.counters)
    if (site.reason === "lost" && count > 0n) problems.push(`${count} events were lost at ${site.subject}`);
  const single = run.node.length === 1;
  for (const [index, outcomes] of run.node.entries()) {
    const place = run.places[index] as { start: number; end: number };
    const own = single ? faults : faults.filter(({ site }) => site.span.start >= place.start && site.span.end <= place.end);
    let endedHere = 0;
    for (const [i, outcome] of outcomes.entries()) {
      const got = (run.kernel[i] ?? []).filter(({ stream }) => single || stream === run.streams[index]);
      const agrees = outcome.thrown === undefined && isSameList(got, outcome.sent);
      if (agrees) {
        same++;
        continue;
      }
      endedHere++;
      const describe = () =>
        `input ${i} ${show(run.inputs[i])}: Node ${outcome.thrown === undefined ? show(outcome.sent) : String(outcome.thrown)}, kernel ${show(got)}`;
      if (!isSameList(got, outcome.sent.slice(0, got.length)) || got.length > outcome.sent.length) problems.push(describe());
      else if (!own.some((fault) => fault.count > 0n && isJustified(fault, outcome, run.text))) {
        problems.push(
          `${describe()}; ended without reason (${own
            .filter((f) => f.count > 0n)
            .map((f) => `${f.site.reason} at ${run.text.slice(f.site.span.start, f.site.span.end)}`)
            .join("; ")})`,
        );
      } else ended++;
    }
    const counted = own.reduce((sum, { count }) => sum + count, 0n);
    if (counted !== BigInt(endedHere))
      problems.push(
        `probe ${index}: the kernel counted ${counted} ended runs, but ${endedHere} runs differ: ${run.text.slice(place.start, place.end)}`,
      );
  }
  return { same, ended, problems };
}

function isSameList(a: readonly Sent[], b: readonly Sent[]): boolean {
  return a.length === b.length && a.every((sent, i) => sent.stream === b[i]?.stream && isSame(sent.event, b[i]?.event));
}

/** Whether the exact value at the place of a fault really does not fit there in this run. */
function isJustified({ site }: CounterReading, { thrown, recording }: Outcome, text: string): boolean {
  if (thrown !== undefined) return true;
  const { start, end } = site.span;
  const values = (recording as Recording).get(`${start}-${end}`) ?? [];
  if (site.reason === "range") {
    const counts = [...(recording as Recording)]
      .filter(([key]) => key.endsWith(`-${end}`) && Number(key.split("-")[0]) >= start)
      .flatMap(([, list]) => list);
    return [...values, ...counts].some(
      (value) => typeof value === "bigint" || (typeof value === "number" && (value < 0 || value >= 4)),
    );
  }
  if (site.reason === "division")
    return (
      values.some((value) => Number.isNaN(value) || value === Infinity || value === -Infinity) ||
      text.slice(start, end).startsWith("Math.trunc")
    );
  return values.some((value) => (typeof value === "bigint" ? value < 0n || value >= 2n ** 63n : !Number.isSafeInteger(value)));
}
