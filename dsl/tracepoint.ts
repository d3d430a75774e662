import { declareProbe, type Probe } from "./probe.js";
import type {
  ForeignContext,
  ForeignName,
  PatternContext,
  TracepointContext,
  TracepointName,
  TracepointPattern,
} from "./types.js";

/**
 * Runs a handler in the kernel each time a tracepoint is hit. The object it returns is sent as an event; returning nothing sends nothing.
 * @param name "category:event", as /sys/kernel/tracing/available_events shows it. Several by one pattern, with `*` for any text
 *   ("tcp:*", "syscalls:sys_enter_*"): the handler can use the fields that all of them have alike, and `probeName()`
 * @param handler kernel code: see docs/language.md for what it may contain
 * @example
 * export const states = tracepoint("sock:inet_sock_set_state", (ctx) => ({ port: ctx.sport, to: ctx.newstate }));
 * states.on((e) => console.log(e.port, e.to));
 */
export function tracepoint<S extends string, const R>(
  name: ForeignName<S>,
  handler: (ctx: ForeignContext) => R,
): Probe<ForeignContext, R>;
export function tracepoint<P extends TracepointPattern, const R>(
  pattern: P,
  handler: (ctx: PatternContext<P>) => R,
): Probe<PatternContext<P>, R>;
export function tracepoint<N extends TracepointName, const R>(
  name: N,
  handler: (ctx: TracepointContext<N>) => R,
): Probe<TracepointContext<N>, R>;
export function tracepoint(name: string, handler: (ctx: never) => unknown): Probe<never, unknown> {
  return declareProbe({ kind: "tracepoint", name: String(name) }, handler);
}
