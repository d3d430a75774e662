import type { CounterReading } from "../../../runtime/counters.js";
import { EndedRun } from "./instrument.js";
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

/** What does not end a run. */
const ONLY_COUNTED = new Set(["lost", "map-full", "replaced", "evicted"]);

/** Compares what the probes of a script did. Channels are compared in scripts of one probe only. */
export function compareRuns(run: BothRuns): Agreement {
  const problems: string[] = [];
  let [same, ended] = [0, 0];
  const single = run.node.length === 1;
  for (const [index, outcomes] of run.node.entries()) {
    for (const [i, outcome] of outcomes.entries()) {
      const got = (run.kernel[i] ?? []).filter(({ stream }) => single || stream === run.streams[index]);
      const known = outcome.ended === undefined || outcome.ended instanceof RangeError || outcome.ended instanceof EndedRun;
      if (!known || !isSameList(got, outcome.sent)) problems.push(describe(run, index, i, got));
      else if (outcome.ended === undefined) same++;
      else ended++;
    }
  }
  const counted = run.counters.filter(({ site }) => !ONLY_COUNTED.has(site.reason));
  const total = Number(counted.reduce((sum, { count }) => sum + count, 0n));
  if (problems.length === 0 && total !== ended)
    problems.push(
      `the kernel counted ${total} ended runs, not ${ended}: ${counted
        .filter(({ count }) => count > 0n)
        .map((c) => `${c.count} ${textOf(run, c)}`)
        .join("; ")}`,
    );
  for (const { site, count } of run.counters)
    if (site.reason === "lost" && count > 0n) problems.push(`${count} events were lost at ${site.subject}`);
  return { same, ended, problems };
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_, v) => (typeof v === "bigint" ? `${v}n` : v === undefined ? "undefined" : v));

const placeText = (run: BothRuns, index: number): string => run.text.slice(run.places[index]?.start, run.places[index]?.end);

const textOf = (run: BothRuns, { site }: CounterReading): string =>
  `${site.reason} at ${run.text.slice(site.span.start, site.span.end)}`;

function describe(run: BothRuns, index: number, i: number, got: readonly Sent[]): string {
  const { ended, sent }: Outcome = run.node[index]?.[i] ?? { sent: [] };
  const node =
    ended === undefined ? show(sent) : `${show(sent)} until ${ended instanceof EndedRun ? endText(run, ended) : ended}`;
  return `input ${i} ${show(run.inputs[i])}: Node ${node}, kernel ${show(got)}, of ${placeText(run, index)}`;
}

function endText(run: BothRuns, { message }: EndedRun): string {
  const [start, end] = message.split("-").map(Number);
  return `"${run.text.slice(start, end)}" did not fit`;
}

function isSameList(a: readonly Sent[], b: readonly Sent[]): boolean {
  return a.length === b.length && a.every((sent, i) => sent.stream === b[i]?.stream && isSame(sent.event, b[i]?.event));
}
