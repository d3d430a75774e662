import type { CounterReason, CounterSite } from "../../compiler/program.js";
import { placeText } from "./place.js";

/** What happened in a run, for the words at its end and the JSON record. */
export interface RunSummary {
  /** Events that were written or handed to callbacks. In a script with `rows` these are its rows, not what it makes them of. */
  readonly delivered: number;
  /** From attached to detached. */
  readonly durationMs: number;
  /** Those that are zero are not mentioned. */
  readonly counters: readonly { readonly site: CounterSite; readonly count: bigint }[];
  /** Runs of a probe the kernel left out, by the script's name for it. */
  readonly missedRuns: readonly { readonly probe: string; readonly count: bigint }[];
  /** Hits of kprobes that the kernel did not call the program for; `count` undefined: it does not count them. */
  readonly missedHits?: readonly { readonly probe: string; readonly count: bigint | undefined; readonly returns: boolean }[];
  /** Events dropped because a `for await` loop was too slow. */
  readonly hostDropped: number;
  /** Events that arrived and were not handed on, because the run had ended (`--events` reached, or out of time). 0 if left out. */
  readonly discarded?: number;
  /** Places are shown relative to it. */
  readonly workingDirectory: string;
}

/** Events that the kernel side wanted to send and that no one got. */
export function totalLost({ counters, hostDropped }: Pick<RunSummary, "counters" | "hostDropped">): bigint {
  let lost = BigInt(hostDropped);
  for (const { site, count } of counters) if (site.reason === "lost") lost += count;
  return lost;
}

interface Explanation {
  /** What is counted. */
  readonly one: string;
  readonly many: string;
  readonly tell: (count: string, subject: string, place: string) => string;
  /** What can be done about it. */
  readonly hint: string;
}

const explanations: Readonly<Record<CounterReason, Explanation>> = {
  lost: {
    one: "event",
    many: "events",
    tell: (count, subject, place) => `lost ${count} of "${subject}" at ${place}: the ring buffer was full`,
    hint: "give a larger --ring-size, or return early from the handler for what is not needed",
  },
  "map-full": {
    one: "update",
    many: "updates",
    tell: (count, subject, place) => `${count} of map "${subject}" failed at ${place}: it was full`,
    hint: "raise the map's max, or use lruHash, which makes room by itself",
  },
  replaced: {
    one: "record",
    many: "records",
    tell: (count, subject, place) => `${count} of stash "${subject}" never ended: the same key was put again at ${place}`,
    hint: "a key that tells apart what runs at the same time, such as the thread, is not replaced",
  },
  evicted: {
    one: "record",
    many: "records",
    tell: (count, subject, place) => `${count} of stash "${subject}" (${place}) never ended: dropped to make room`,
    hint: "raise the stash's max",
  },
  stack: {
    one: "stack",
    many: "stacks",
    tell: (count, subject, place) => `${count} of "${subject}" at ${place} could not be kept`,
    hint: "there were too many different ones at a time: give a smaller depth, kstack(16)",
  },
  overflow: early("an integer result did not fit its type", "widen the operands, to bigint if need be"),
  division: early("division by zero", "check the divisor before dividing"),
  loop: early("a loop went on beyond its limit", "give the loop a condition that ends it sooner"),
  range: early("an index or a shift count was out of range", "check it before use"),
  nested: early(
    "other runs of it were under way on that CPU, and had all the memory for long texts",
    "read shorter texts, of at most 64 bytes",
  ),
  read: early("kernel memory could not be read", "the object may have been freed: check pointers before following them"),
};

function early(why: string, hint: string): Explanation {
  return {
    one: "run",
    many: "runs",
    tell: (count, subject, place) => `${count} of "${subject}" ended early at ${place}: ${why}`,
    hint,
  };
}

function counted(count: bigint | number, one: string, many: string): string {
  return `${count} ${BigInt(count) === 1n ? one : many}`;
}

/**
 * The words at the end of a run, for standard error: one line of totals, then one line and its hint for everything
 * that was lost or went wrong.
 */
export function summaryLines(summary: RunSummary): readonly string[] {
  const lines = [
    `${counted(summary.delivered, "event", "events")} in ${durationText(summary.durationMs)}, ${totalLost(summary)} lost`,
  ];
  for (const { site, count } of summary.counters) {
    if (count === 0n) continue;
    const { one, many, tell, hint } = explanations[site.reason];
    lines.push(tell(counted(count, one, many), site.subject, placeText(site.span, summary.workingDirectory)), `  hint: ${hint}`);
  }
  for (const { probe, count } of summary.missedRuns) {
    if (count === 0n) continue;
    lines.push(
      `the kernel skipped ${counted(count, "run", "runs")} of "${probe}": it was hit while another BPF program was running on that CPU`,
    );
  }
  lines.push(...missedHitLines(summary.missedHits ?? []));
  if (summary.hostDropped > 0) {
    lines.push(`dropped ${counted(summary.hostDropped, "event", "events")} in this process: a "for await" loop was too slow`);
    lines.push("  hint: take events with .on(), or do less for each");
  }
  const { discarded = 0 } = summary;
  if (discarded > 0)
    lines.push(`${counted(discarded, "more event", "more events")} arrived but came too late to be delivered: the run had ended`);
  return lines;
}

function missedHitLines(missedHits: NonNullable<RunSummary["missedHits"]>): readonly string[] {
  const lines: string[] = [];
  // At the beginning of functions only probes that hit each other are missed; of returns all beyond a number of calls at a time.
  const unknown = missedHits.filter(({ count, returns }) => count === undefined && returns).map(({ probe }) => `"${probe}"`);
  for (const { probe, count = 0n, returns } of missedHits) {
    if (count === 0n) continue;
    const hits = returns ? counted(count, "return", "returns") : counted(count, "hit", "hits");
    const why = returns ? "it follows a limited number of calls at a time" : "it was hit inside of another kprobe";
    lines.push(`the kernel missed ${hits} of "${probe}": ${why}`);
    if (returns) lines.push("  hint: fexit misses none, where the kernel has it");
  }
  if (unknown.length > 0)
    lines.push(
      `whether returns of ${unknown.join(", ")} were missed is not known: this kernel does not count it (Linux 6.7 and newer do)`,
    );
  return lines;
}

/** A duration for people, never rounded up: "850 ms", "3.2 s", "2 min 5 s", "1 h 2 min". */
export function durationText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (seconds < 1) return `${Math.floor(ms)} ms`;
  if (minutes < 1) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
