import type { CounterReading } from "../../../runtime/counters.js";
import { compileText, objectOf } from "../../parity/harness/run.js";

export interface Collected {
  /** Events of the script's streams, in order of declaration. */
  readonly streams: readonly Readonly<Record<string, unknown>>[][];
  /** Counters that are not zero. */
  readonly counters: readonly CounterReading[];
}

/** Compiles a script's text, attaches it, does some work, and gives what came. */
export async function collect(source: string, work: () => Promise<void>): Promise<Collected> {
  const { m, script, program } = await compileText(source);
  const object = await objectOf(m, program);
  const streams: Readonly<Record<string, unknown>>[][] = script.streams.map(() => []);
  for (const [i, stream] of script.streams.entries())
    stream.on((event) => streams[i]?.push(event as Readonly<Record<string, unknown>>));
  const decoders = program.events.map(m.decode.compileDecoder);
  const session = m.session.openSession({ program, object, streams: script.streams, decoders, log: () => {} });
  session.attach();
  session.start();
  await work().finally(() => session.stop());
  const { counters } = await session.stop();
  return { streams, counters: counters.filter(({ count }) => count > 0n) };
}
