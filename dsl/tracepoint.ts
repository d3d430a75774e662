import { currentScript } from "./script.js";
import { EventStream, type ReaderWatch } from "./stream.js";
import type { TracepointContext, TracepointName } from "./types.js";

/** The events a handler sends: what it returns, without "nothing". */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that only falls off its end returns void
export type EventOf<R> = Exclude<R, undefined | null | void>;

/** A probe: a stream of the events its handler returns. */
export class Probe<C, R> extends EventStream<EventOf<R>> {
  /** The handler itself: call it with a context to test it without a kernel. */
  readonly handler: (ctx: C) => R;

  constructor(handler: (ctx: C) => R, watch: ReaderWatch) {
    super(watch);
    this.handler = handler;
  }
}

/**
 * Runs a handler in the kernel each time a tracepoint is hit. The object it returns is sent as an event; returning nothing sends nothing.
 * @param name "category:event", as `tsprobe list` and /sys/kernel/tracing/available_events show it
 * @param handler kernel code: see docs/language.md for what it may contain
 * @example
 * export const states = tracepoint("sock:inet_sock_set_state", (ctx) => ({ port: ctx.sport, to: ctx.newstate }));
 * states.on((e) => console.log(e.port, e.to));
 */
export function tracepoint<N extends TracepointName, const R>(
  name: N,
  handler: (ctx: TracepointContext<N>) => R,
): Probe<TracepointContext<N>, R> {
  const script = currentScript();
  const probe = new Probe(handler, script);
  script.probes.push({
    kind: "tracepoint",
    target: String(name),
    handler: handler as (ctx: never) => unknown,
    stream: script.streams.length,
  });
  script.streams.push(probe as unknown as EventStream<never>);
  return probe;
}
