import type { HostCallback, HostHooks, Interval } from "../dsl/host.js";

/** Runs a script's onStart, every and onExit callbacks; what one throws ends the run. */
export class HostHookRunner {
  readonly #hooks: HostHooks;
  readonly #onError: (error: unknown) => void;
  readonly #timers: NodeJS.Timeout[] = [];
  /** Calls that are not over yet. */
  readonly #atWork = new Set<Promise<void>>();

  constructor(hooks: HostHooks, onError: (error: unknown) => void) {
    this.#hooks = hooks;
    this.#onError = onError;
  }

  /** Whether something goes on calling back. */
  get lives(): boolean {
    return this.#timers.length > 0;
  }

  /** To be called when the probes are attached. */
  start(): void {
    const { start, every } = this.#hooks;
    const begun = [...start, ...every];
    this.#hooks.onAdded = (added) => this.#begin(added);
    for (const each of begun) this.#begin(each);
  }

  /** No interval calls back from now on. */
  stop(): void {
    this.#hooks.onAdded = () => {};
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  /** Settles when the calls that are at work are over. */
  async settled(): Promise<void> {
    while (this.#atWork.size > 0) await Promise.allSettled(this.#atWork);
  }

  /** onExit, one after the other. @throws what one of them throws, after the others had their turn */
  async exit(): Promise<void> {
    const failures: unknown[] = [];
    for (const callback of this.#hooks.exit) await call(callback).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  #begin(added: HostCallback | Interval): void {
    if (typeof added === "function") {
      this.#watch(call(added));
      return;
    }
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      this.#watch(
        call(added.callback).finally(() => {
          busy = false;
        }),
      );
    }, added.ms);
    this.#timers.push(timer);
  }

  #watch(called: Promise<void>): void {
    const watched = called.catch(this.#onError).finally(() => this.#atWork.delete(watched));
    this.#atWork.add(watched);
  }
}

async function call(callback: HostCallback): Promise<void> {
  await callback();
}
