import type { IrModule } from "../compiler/ir/nodes.js";
import { IteratorProbe } from "../dsl/iter.js";
import type { Script } from "../dsl/script.js";
import type { Session } from "../runtime/session.js";

/** The iterators of a script, connected to the programs that were made of them. */
export class Iterators {
  readonly #probes: readonly IteratorProbe<never, unknown>[];
  readonly #alone: boolean;

  constructor(script: Script, module: IrModule, session: Session) {
    const handlers = module.handlers.filter(({ hook }) => hook.attach.kind === "iter");
    this.#probes = handlers.flatMap(({ stream, functionName }) => {
      const probe = script.streams[stream] as unknown;
      if (!(probe instanceof IteratorProbe)) return [];
      probe.connect(() => session.runIterator(functionName));
      return [probe as IteratorProbe<never, unknown>];
    });
    const { start, exit, every } = script.host;
    this.#alone = handlers.length === module.handlers.length && start.length + exit.length + every.length === 0;
  }

  /** A script of nothing but iterators, which asks for nothing itself: each is run once, and that is all. Otherwise undefined. */
  runAlone(): Promise<void> | undefined {
    if (!this.#alone || this.#probes.length === 0 || this.#probes.some(({ wasRead }) => wasRead)) return undefined;
    return this.#probes.reduce((before, probe) => before.then(() => probe.runOnce()), Promise.resolve());
  }

  /** They cannot be run any more. */
  disconnect(): void {
    for (const probe of this.#probes) probe.connect(undefined);
  }
}
