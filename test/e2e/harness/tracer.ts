import { setTimeout as sleep } from "node:timers/promises";
import type { RunningProcess } from "./process.js";
import { ofPorts, type Row } from "./rows.js";

/** A tracer of sock:inet_sock_set_state that is attached. */
export interface Tracer {
  readonly name: string;
  readonly process: RunningProcess;
  /** The complete rows printed so far. */
  rows(): Row[];
}

/** Picks a scenario's rows: those that came after `tracer` had shown `already` rows, and have one of its ports. */
export function ownRows(tracer: Tracer, already: number, ports: readonly number[]): Row[] {
  // The kernel gives a port out again before long, so ports alone would mix scenarios.
  return ofPorts(tracer.rows().slice(already), ports);
}

/**
 * Waits until `shown` counts at least `count`, and then a while longer, in which rows too many would come. Does not
 * fail on too few: the comparison says which are missing.
 */
export async function settle(tracer: Tracer, count: number, shown: () => readonly Row[], patienceMs: number): Promise<void> {
  await tracer.process.until(() => shown().length >= count, `${count} rows of ${tracer.name}`, patienceMs).catch(() => undefined);
  await sleep(150);
}
