import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { onTestFinished } from "vitest";
import { toolEnvironment } from "./requirements.js";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls back when the test is over, however it ended. */
export type WhenFinished = (callback: () => Promise<void>) => void;

/** A child process with its output gathered as it comes. */
export class RunningProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #changed = new Set<() => void>();
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";
  #over = false;
  #ofTest: boolean;

  /**
   * @param stdout a file descriptor for its standard output, which is then not gathered
   * @param whenFinished says when the test is over; concurrent tests have to give their context's, since the global one
   * takes the process of one for the other's
   */
  constructor(
    argv: readonly string[],
    env: NodeJS.ProcessEnv = {},
    stdout: number | "pipe" = "pipe",
    whenFinished: WhenFinished = onTestFinished,
  ) {
    this.#child = spawn(argv[0] as string, argv.slice(1), {
      stdio: ["ignore", stdout, "pipe"],
      env: { ...toolEnvironment(), ...env },
    });
    this.pid = this.#child.pid ?? -1;
    for (const name of ["stdout", "stderr"] as const) {
      this.#child[name]?.setEncoding("utf8").on("data", (text: string) => {
        this[name] += text;
        this.#notify();
      });
    }
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        this.#over = true;
        this.#notify();
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
    this.#ofTest = this.#endWithTest(whenFinished);
    // Nobody may be waiting yet when it fails to start; `until` and `stop` report it.
    this.ended.catch(() => undefined);
  }

  get running(): boolean {
    return !this.#over;
  }

  /** Whether it ends with a test. Those that a hook has started do not. */
  get ofTest(): boolean {
    return this.#ofTest;
  }

  /** Lets it go on for the tests that come. */
  outliveTest(): void {
    this.#ofTest = false;
  }

  /** A test that times out or fails leaves no process behind. @returns false when it was started outside of a test */
  #endWithTest(whenFinished: WhenFinished): boolean {
    try {
      whenFinished(async () => {
        if (this.#ofTest && this.running) await this.stop("SIGTERM").catch(() => undefined);
      });
      return true;
    } catch {
      return false;
    }
  }

  #notify(): void {
    for (const listener of this.#changed) listener();
  }

  /** Resolves when `condition` holds; rejects with all output when the process ends or the time is up before. */
  async until(condition: () => boolean, what: string, timeoutMs = 20_000): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (failure?: string) => {
        clearTimeout(timer);
        this.#changed.delete(check);
        if (failure === undefined) resolve();
        else
          reject(
            new Error(
              `${failure} while waiting for ${what}\nstdout:\n${this.stdout.slice(-4000)}\nstderr:\n${this.stderr.slice(-4000)}`,
            ),
          );
      };
      const check = () => {
        if (condition()) finish();
        else if (this.#over) finish("the process ended");
      };
      const timer = setTimeout(() => finish(`${timeoutMs} ms passed`), timeoutMs);
      this.#changed.add(check);
      check();
    });
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.#over) this.#child.kill(signal);
  }

  /** Closes our end of its standard output, as `head -1` does when it has its line. */
  closeStdout(): void {
    this.#child.stdout?.destroy();
  }

  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<Ended> {
    this.kill(signal);
    const timer = setTimeout(() => this.kill("SIGKILL"), 10_000);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Wraps a command so that it finds tracefs: as it is where tracefs is mounted, else with its own mount in its own mount
 * namespace, so that nothing of the machine changes. The pid stays the command's.
 */
export function withTracefs(argv: readonly string[]): string[] {
  if (existsSync("/sys/kernel/tracing/events")) return [...argv];
  const script = '{ [ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing; } && exec "$@"';
  return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", ...argv];
}
