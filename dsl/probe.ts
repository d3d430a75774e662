import { declaringScript } from "./script.js";
import { EventStream, type ReaderWatch } from "./stream.js";
import type { HookTarget } from "./targets.js";

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

/** Adds a probe to the script being declared. */
export function declareProbe<C, R>(target: HookTarget, handler: (ctx: C) => R): Probe<C, R> {
  const script = declaringScript();
  const probe = new Probe(handler, script);
  script.probes.push({
    target: Object.freeze(target),
    handler: handler as (ctx: never) => unknown,
    stream: script.streams.length,
    otherwise: [],
  });
  script.streams.push(probe as unknown as EventStream<never>);
  return probe;
}
