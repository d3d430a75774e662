import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { diedOfMemory, errorLine, softLimit } from "./limits.js";
import { type CommandRequest, encodeFrame, FrameReader, type HostMessage, type HostReply, type HostSetup } from "./protocol.js";

/** How a request ended that the host did not answer. */
export type HostEnd =
  | { readonly kind: "signal"; readonly signal: string; readonly stderr: string }
  | { readonly kind: "timeout"; readonly seconds: number }
  | { readonly kind: "not-started"; readonly reason: string };

interface Pending {
  readonly resolve: (end: HostReply | HostEnd) => void;
}

const STDERR_LIMIT = 64 * 1024;
const DEFAULT_STACK_KIB = 984;
const WANTED_STACK_KIB = 4000;

/**
 * V8's stack, in KiB. WebAssembly runs on it, and clang's parser and optimiser recurse. V8 does not look how much the system
 * gives: beyond that the process crashes, so half of the limit of this process, which the child inherits, is the most.
 */
function stackKib(): number {
  const soft = softLimit("Max stack size") ?? 0;
  const most = Number.isFinite(soft) ? Math.floor(soft / 1024 / 2) : WANTED_STACK_KIB;
  return Math.max(DEFAULT_STACK_KIB, Math.min(WANTED_STACK_KIB, most));
}

/** Options that a user set for their own programs (--inspect, --require) are not for this one. */
function hostEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("NODE_")));
}

/**
 * The process that runs the module (host.ts). It starts to load at once, and ends with this process at the latest, whose
 * pipe it reads. It keeps this process alive only while a request is under way.
 */
export class HostProcess {
  readonly #child: ChildProcess;
  readonly #reader = new FrameReader<HostMessage>();
  readonly #exited: Promise<void>;
  #pending: Pending | undefined;
  #stderr = "";
  #end: HostEnd | undefined;

  /** @param host path of host.js, bundled @param note takes what is worth a line of -v */
  constructor(host: string, setup: HostSetup, note: (text: string) => void) {
    const options = ["--no-warnings", "--expose-gc", `--stack-size=${stackKib()}`];
    this.#child = spawn(process.execPath, [...options, host, JSON.stringify(setup)], { cwd: "/", env: hostEnvironment() });
    this.#child.stdout?.on("data", (piece: Buffer) => {
      for (const message of this.#reader.add(piece)) {
        if (message.kind === "note") note(message.text);
        else this.#settle(message);
      }
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (this.#stderr.length < STDERR_LIMIT) this.#stderr += text;
    });
    // When it ends before it has read everything, its exit tells more than EPIPE.
    this.#child.stdin?.on("error", () => {});
    this.#exited = new Promise((resolve) => {
      const over = (end: HostEnd) => {
        this.#end ??= end;
        this.#settle(this.#end);
        resolve();
      };
      this.#child.once("error", (error) => over({ kind: "not-started", reason: error.message }));
      this.#child.once("close", (code, signal) => {
        const reason = errorLine(this.#stderr) ?? `its process ended with exit code ${code}`;
        if (signal !== null && !diedOfMemory(this.#stderr)) over({ kind: "signal", signal, stderr: this.#stderr });
        else over({ kind: "not-started", reason });
      });
    });
    this.#hold(false);
  }

  /** Whether it cannot take requests any more. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Has the module run. One request at a time. Rejects with the signal's reason when aborted; the process is gone then. */
  async request(request: CommandRequest, timeLimitSeconds: number, signal?: AbortSignal): Promise<HostReply | HostEnd> {
    signal?.throwIfAborted();
    if (this.#end !== undefined) return this.#end;
    const kill = (end: HostEnd) => {
      this.#end ??= end;
      this.#child.kill("SIGKILL");
    };
    const timer = setTimeout(() => kill({ kind: "timeout", seconds: timeLimitSeconds }), timeLimitSeconds * 1000);
    const abort = () => kill({ kind: "signal", signal: "SIGKILL", stderr: "" });
    signal?.addEventListener("abort", abort, { once: true });
    this.#hold(true);
    try {
      const answer = new Promise<HostReply | HostEnd>((resolve) => {
        this.#pending = { resolve };
      });
      this.#child.stdin?.write(encodeFrame(request));
      const reply = await answer;
      signal?.throwIfAborted();
      return reply;
    } finally {
      this.#hold(false);
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Lets it finish what it does, the keeping of the unpacked module included, and end. */
  stop(): Promise<void> {
    this.#hold(true);
    this.#child.stdin?.end();
    return this.#exited;
  }

  #settle(reply: HostReply | HostEnd): void {
    this.#pending?.resolve(reply);
    this.#pending = undefined;
  }

  #hold(alive: boolean): void {
    for (const handle of [this.#child, this.#child.stdin, this.#child.stdout, this.#child.stderr] as (Socket | null)[]) {
      if (alive) handle?.ref();
      else handle?.unref();
    }
  }
}
