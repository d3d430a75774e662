import { setTimeout as sleep } from "node:timers/promises";
import type { Ended, RunningProcess } from "./process.js";
import type { Row } from "./rows.js";

/** A tracer of sock:inet_sock_set_state that is attached. */
export interface Tracer {
  readonly name: string;
  readonly process: RunningProcess;
  /** The complete rows printed so far. */
  rows(): Row[];
}

/**
 * Lets the tracers catch up with traffic that is over: until each has shown `count` rows that `own` picks, and then a
 * while longer, in which rows too many would come. Does not fail on too few: the comparison says which are missing.
 */
export async function settle(tracers: readonly Tracer[], count: number, own: (rows: Row[]) => Row[], quietMs = 150): Promise<void> {
  await Promise.all(
    tracers.map((tracer) => tracer.process.until(() => own(tracer.rows()).length >= count, `${count} rows of ${tracer.name}`, 5000).catch(() => undefined)),
  );
  await sleep(quietMs);
}

/** Ends all tracers with Ctrl-C and returns how each ended. */
export async function stopAll(tracers: readonly Tracer[]): Promise<Ended[]> {
  return Promise.all(tracers.map((tracer) => tracer.process.stop("SIGINT")));
}
