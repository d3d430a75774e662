import type { HostCallback, HostHooks } from "../dsl/host.js";

/** Runs a script's onStart, every and onExit callbacks; what one throws ends the run. */
export class HostHookRunner {
  readonly #hooks: HostHooks;
  readonly #onError: (error: unknown) => void;
  readonly #timers: NodeJS.Timeout[] = [];

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
    for (const callback of this.#hooks.start) this.#call(callback).catch(this.#onError);
    for (const { ms, callback } of this.#hooks.every) {
      let busy = false;
      const timer = setInterval(() => {
        if (busy) return;
        busy = true;
        this.#call(callback)
          .finally(() => {
            busy = false;
          })
          .catch(this.#onError);
      }, ms);
      this.#timers.push(timer);
    }
  }

  /** No interval calls back from now on. */
  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  /** onExit, one after the other. @throws what one of them throws, after the others had their turn */
  async exit(): Promise<void> {
    const failures: unknown[] = [];
    for (const callback of this.#hooks.exit) await this.#call(callback).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  async #call(callback: HostCallback): Promise<void> {
    await callback();
  }
}
