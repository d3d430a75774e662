import { declareProbe, type Probe } from "./probe.js";
import type { ForeignContext, ForeignName, RawTracepointContext, RawTracepointName } from "./types.js";

/**
 * Runs a handler at a tracepoint with the tracepoint's own arguments, before the kernel copies any of them into a record: cheaper than
 * `tracepoint`, and pointers to structs can be followed (BPF_PROG_TYPE_RAW_TRACEPOINT; where the kernel allows it, tp_btf).
 * @param name without its category: "sched_switch"; system calls share "sys_enter" and "sys_exit"
 * @param handler kernel code; it gets the arguments by their names in the kernel's source
 * @example
 * export const switches = rawTracepoint("sched_switch", ({ prev, next }) => ({ from: prev.pid, to: next.pid }));
 */
export function rawTracepoint<S extends string, const R>(
  name: ForeignName<S>,
  handler: (args: ForeignContext) => R,
): Probe<ForeignContext, R>;
export function rawTracepoint<N extends RawTracepointName, const R>(
  name: N,
  handler: (args: RawTracepointContext<N>) => R,
): Probe<RawTracepointContext<N>, R>;
export function rawTracepoint(name: string, handler: (args: never) => unknown): Probe<never, unknown> {
  return declareProbe({ kind: "rawTracepoint", name: String(name) }, handler);
}
