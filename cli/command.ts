import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";

/** How the command ended. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How long the command has to end by SIGTERM. */
const TERM_MS = 1_000;

/**
 * Runs a command for --command. A shell of ours waits until it is let go, so that probes are attached before the command does anything,
 * and then becomes the command's shell by a single execve: what the kernel sees from there on is the command's.
 * Its standard output goes to standard error: ours is for data.
 */
export class TracedCommand {
  readonly #child: ChildProcess;
  /** Settles when it has ended. */
  readonly ended: Promise<CommandEnd>;
  #over = false;

  /** @param command as one would type it into a shell */
  constructor(command: string) {
    const script = 'read -r go <&3 || exit 0; exec 3<&-; exec /bin/sh -c "$1"';
    this.#child = spawn("/bin/sh", ["-c", script, "sh", command], { stdio: ["inherit", 2, 2, "pipe"] });
    // When it is ended before it was let go.
    this.#gate.on("error", () => {});
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", (code, signal) => {
        this.#over = true;
        resolve({ code, signal });
      });
    });
    this.ended.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Lets it begin. */
  go(): void {
    this.#gate.end("go\n");
  }

  /** Ends it, if it is still at work. */
  async end(): Promise<void> {
    if (this.#over) return;
    this.#gate.destroy();
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), TERM_MS);
    await this.ended.catch(() => {});
    clearTimeout(timer);
  }

  get #gate(): Writable {
    return this.#child.stdio[3] as Writable;
  }
}
