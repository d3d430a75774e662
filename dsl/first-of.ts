import { refuseDeclaration } from "./declaration-error.js";
import type { EventOf, Probe } from "./probe.js";
import { declaringScript, type ProbeDeclaration } from "./script.js";
import type { EventStream } from "./stream.js";

// biome-ignore lint/suspicious/noExplicitAny: any context, any result
type AnyProbe = Probe<any, any>;

/** A last alternative that every kernel has: see `nothing`. */
export class Nothing {
  /** What is missing then. */
  readonly because: string | undefined;

  constructor(because: string | undefined) {
    this.because = because;
  }
}

/**
 * As the last alternative of `firstOf`: where the kernel has none of the others, the script runs without this probe.
 * @param because what is missing then; `-v` says it beside why the others could not be used
 * @example
 * firstOf(
 *   fexit("inet_hash_connect", ({ sk }) => searched(addressOf(sk))),
 *   nothing("the search for a port is not measured"),
 * );
 */
export function nothing(because?: string): Nothing {
  return new Nothing(because);
}

/** The events of alternatives: of whichever is used. */
export type EventsOfAny<P extends readonly unknown[]> = P[number] extends infer One
  ? One extends Probe<infer _, infer R>
    ? EventOf<R>
    : never
  : never;

/**
 * Alternatives for one fact, best first: the first that this kernel has is used, the others are left out. `-v` says which and why.
 * Where it has none of them that is an error, unless the last is `nothing()`.
 * @returns a stream of the events of whichever is used
 * @example
 * const connects = firstOf(
 *   fentry("tcp_connect", ({ sk }) => ({ port: sk.__sk_common.skc_num })),
 *   kprobe("tcp_connect", ({ sk }) => ({ port: sk.__sk_common.skc_num })),
 * );
 */
export function firstOf<const P extends readonly [AnyProbe, ...AnyProbe[], AnyProbe | Nothing] | readonly [AnyProbe]>(
  ...alternatives: P
): EventStream<EventsOfAny<P>> {
  const script = declaringScript();
  const last: unknown = alternatives.at(-1);
  const orNothing = last instanceof Nothing ? last : undefined;
  const probes = (orNothing === undefined ? alternatives : alternatives.slice(0, -1)) as readonly AnyProbe[];
  const found = probes.map((probe) => takeOut(script.probes, script.streams.indexOf(probe as never)));
  const [first, ...rest] = found;
  if (first === undefined)
    refuseDeclaration("firstOf(): there is no alternative", "write hooks in the call: firstOf(fentry(…), kprobe(…))");
  script.probes.push({
    target: first.target,
    handler: first.handler,
    stream: first.stream,
    otherwise: [...first.otherwise, ...rest.flatMap((one) => [one, ...one.otherwise])],
    ...(orNothing === undefined ? {} : { orNothing }),
  });
  return alternatives[0] as EventStream<EventsOfAny<P>>;
}

function takeOut(probes: ProbeDeclaration[], stream: number): ProbeDeclaration {
  const at = stream === -1 ? -1 : probes.findIndex((probe) => probe.stream === stream && probe.orNothing === undefined);
  const [found] = at === -1 ? [] : probes.splice(at, 1);
  if (found === undefined)
    refuseDeclaration(
      "firstOf(): an alternative is no probe of this script, or is an alternative already",
      "write the hooks in the call, and nothing() last: firstOf(fentry(…), kprobe(…))",
    );
  return found;
}
