import { refuseDeclaration } from "./declaration-error.js";
import type { EventOf, Probe } from "./probe.js";
import { currentScript, type ProbeDeclaration } from "./script.js";
import type { EventStream } from "./stream.js";

// biome-ignore lint/suspicious/noExplicitAny: any context, any result
type AnyProbe = Probe<any, any>;

/** The events of alternatives: of whichever is used. */
export type EventsOfAny<P extends readonly AnyProbe[]> = P[number] extends Probe<infer _, infer R> ? EventOf<R> : never;

/**
 * Alternatives for one fact, best first: the first that this kernel has is used, the others are left out. `-v` says which and why.
 * @returns a stream of the events of whichever is used
 * @example
 * const connects = firstOf(
 *   fentry("tcp_connect", ({ sk }) => ({ port: sk.__sk_common.skc_num })),
 *   kprobe("tcp_connect", ({ sk }) => ({ port: sk.__sk_common.skc_num })),
 * );
 */
export function firstOf<const P extends readonly [AnyProbe, ...AnyProbe[]]>(...alternatives: P): EventStream<EventsOfAny<P>> {
  const script = currentScript();
  const found = alternatives.map((probe) => takeOut(script.probes, script.streams.indexOf(probe as never)));
  const [first, ...rest] = found as [ProbeDeclaration, ...ProbeDeclaration[]];
  script.probes.push({
    target: first.target,
    handler: first.handler,
    stream: first.stream,
    otherwise: [...first.otherwise, ...rest.flatMap((one) => [one, ...one.otherwise])],
  });
  return alternatives[0] as EventStream<EventsOfAny<P>>;
}

function takeOut(probes: ProbeDeclaration[], stream: number): ProbeDeclaration {
  const at = stream === -1 ? -1 : probes.findIndex((probe) => probe.stream === stream);
  const [found] = at === -1 ? [] : probes.splice(at, 1);
  if (found === undefined)
    refuseDeclaration(
      "firstOf(): an alternative is no probe of this script, or is an alternative already",
      "write the hooks in the call: firstOf(fentry(…), kprobe(…))",
    );
  return found;
}
