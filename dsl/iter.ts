import { type EventOf, Probe } from "./probe.js";
import { declaringScript } from "./script.js";
import type { EventStream } from "./stream.js";
import type { IteratorContext, IteratorName } from "./types.js";

/** A probe that runs when it is asked to: once for each object that the kernel has at that moment. */
export class IteratorProbe<C, R> extends Probe<C, R> {
  #run: (() => Promise<void>) | undefined;
  #last: Promise<void> = Promise.resolve();
  #collect: ((event: EventOf<R>) => void) | undefined;

  /**
   * Runs the handler in the kernel for each object, and gives the events it returned. They reach `.on` and `for await` as well.
   * Can be called any time from onStart to onExit; calls that overlap wait for each other.
   * @throws Error before the probes are attached, and in plain Node
   */
  async read(): Promise<EventOf<R>[]> {
    if (this.#run === undefined)
      throw new Error("an iterator can be read once the probes are attached: call read() in onStart, every or a callback");
    const events: EventOf<R>[] = [];
    const turn = this.#last.then(async () => {
      this.#collect = (event) => events.push(event);
      try {
        await this.#run?.();
      } finally {
        this.#collect = undefined;
      }
    });
    this.#last = turn.catch(() => {});
    await turn;
    return events;
  }

  /** For the runtime: an event of this probe. */
  override deliver(event: EventOf<R>): void {
    this.#collect?.(event);
    super.deliver(event);
  }

  /** For the runtime: runs it for whoever listens. */
  async runOnce(): Promise<void> {
    await this.#run?.();
  }

  /** For the runtime: how it is run. */
  connect(run: () => Promise<void>): void {
    this.#run = run;
  }
}

/**
 * What the kernel has now: runs a handler for each task, socket, … when the script calls `.read()` (BPF iterators, Linux 5.9 and
 * newer with BTF). In the same script as other hooks: seed a map with what exists, then follow the changes.
 * @param name "task", "tcp", "udp", "unix", "task_file", "bpf_map", …: struct bpf_iter__NAME of the kernel
 * @example
 * const sockets = iter("tcp", ({ sk_common }) => ({ port: sk_common.skc_num, state: sk_common.skc_state }));
 * onStart(async () => console.log((await sockets.read()).length));
 */
export function iter<N extends IteratorName, const R>(
  name: N,
  handler: (ctx: IteratorContext<N>) => R,
): IteratorProbe<IteratorContext<N>, R> {
  const script = declaringScript();
  const probe = new IteratorProbe(handler, script);
  script.probes.push({
    target: Object.freeze({ kind: "iter" as const, name: String(name) }),
    handler: handler as (ctx: never) => unknown,
    stream: script.streams.length,
    otherwise: [],
  });
  script.streams.push(probe as unknown as EventStream<never>);
  return probe;
}
