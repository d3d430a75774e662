import type { IrModule } from "../compiler/ir/nodes.js";
import { IteratorProbe } from "../dsl/iter.js";
import type { Script } from "../dsl/script.js";
import type { Session } from "../runtime/session.js";

/** Whether a script is nothing but iterators and asks for nothing itself: each is run once then, shown, and that is all. */
export function isIteratorsOnly({ probes, host }: Script): boolean {
  const asks = host.start.length + host.exit.length + host.every.length > 0;
  return !asks && probes.length > 0 && probes.every(({ target, otherwise }) => target.kind === "iter" && otherwise.length === 0);
}

/** The iterators of a script, connected to the programs that were made of them. */
export class Iterators {
  readonly #probes: readonly IteratorProbe<never, unknown>[];

  constructor(script: Script, module: IrModule, session: Session) {
    this.#probes = module.handlers.flatMap(({ stream, functionName, hook }) => {
      const probe = script.streams[stream] as unknown;
      if (hook.attach.kind !== "iter" || !(probe instanceof IteratorProbe)) return [];
      probe.connect(() => session.runIterator(functionName));
      return [probe as IteratorProbe<never, unknown>];
    });
  }

  /** Runs each once, one after the other. */
  async runAll(): Promise<void> {
    for (const probe of this.#probes) await probe.runOnce();
  }
}
