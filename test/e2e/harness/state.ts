import type { Script } from "../../../dsl/script.js";
import type { CounterReading } from "../../../runtime/counters.js";
import { type Libbpf, openLibbpf } from "../../../runtime/libbpf/library.js";
import type { SessionInput } from "../../../runtime/session.js";
import { compileText, objectOf } from "../../parity/harness/run.js";

/** A script in the kernel, whose maps and aggregations can be read. */
export interface Running {
  readonly script: Script;
  /** Ends it; `atEnd` runs when it is detached and its state can still be read. Gives the counters that are not zero. */
  end(atEnd?: () => Promise<void> | void): Promise<readonly CounterReading[]>;
}

const EINVAL = 22;

/** The kernel as it was before it could read maps in batches (5.6). */
export function withoutBatches(): Libbpf {
  const libbpf = openLibbpf();
  const none = () => -EINVAL;
  return { ...libbpf, api: { ...libbpf.api, mapLookupBatch: none, mapLookupAndDeleteBatch: none } as unknown as Libbpf["api"] };
}

/** Compiles a script's text and attaches it. @param more for the session */
export async function startScript(source: string, more: Partial<SessionInput> = {}): Promise<Running> {
  const { m, script, program } = await compileText(source);
  const object = await objectOf(m, program);
  let atEnd: (() => Promise<void> | void) | undefined;
  const session = m.session.openSession({
    program,
    object,
    streams: script.streams,
    state: script,
    decoders: program.events.map(m.decode.compileDecoder),
    log: () => {},
    ...more,
    beforeUnload: () => atEnd?.(),
    onCallbackError: (error) => {
      throw error;
    },
  });
  session.attach();
  session.start();
  return {
    script,
    async end(last) {
      let failure: unknown;
      atEnd = async () => {
        try {
          await last?.();
        } catch (error) {
          failure = error;
        }
      };
      const { counters } = await session.stop();
      if (failure !== undefined) throw failure;
      return counters.filter(({ count }) => count > 0n);
    },
  };
}
