import type { ChildProcess } from "node:child_process";

/** What ends this process, and from a terminal the processes of its group, of which the child is none. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * The process group of a child that was started with `detached`. It does not outlive this process: signals reach the child, though it is
 * in no group of the terminal's.
 */
export class OwnGroup {
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    process.on("exit", this.kill);
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  /** Ends all of it, and no longer reads what it writes: a process that has left the group may hold the pipes open. */
  readonly kill = (): void => {
    const { pid, stdout, stderr } = this.#child;
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended.
    }
    stdout?.destroy();
    stderr?.destroy();
  };

  /** To be called when the child has ended: its number may then be another's. */
  forget(): void {
    process.off("exit", this.kill);
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }

  readonly #onSignal = (name: NodeJS.Signals): void => {
    this.kill();
    this.forget();
    // With nobody else to act on it, it ends this process, as it would without us.
    if (process.listenerCount(name) === 0) process.kill(process.pid, name);
  };
}
