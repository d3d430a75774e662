import { type StopSignal, signalExits } from "./exit.js";

/**
 * A second signal sooner than this is an echo of the first: `npx` passes on the Ctrl-C that the terminal has sent to us
 * too, and `timeout` signals the process and then its group. People take longer.
 */
const ECHO_MS = 200;

export interface SignalHandling {
  /** What has stopped the run so far. */
  readonly stoppedBy: StopSignal | undefined;
  /** To be called when standard output turns out to be closed: stops the run as SIGPIPE would, but in order. */
  outputClosed(): void;
  /** Gives signals back their default action. A closed stdout or stderr stays harmless: a script may print until the end. */
  dispose(): void;
}

const TERMINATING = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/**
 * The first SIGINT, SIGTERM, SIGHUP or closed standard output calls `onStop` once, to detach and drain in order; the
 * caller then exits with `signalExits`. A second SIGINT or SIGTERM ends the process at once (the kernel detaches what
 * was attached, as nothing is pinned).
 * Also keeps a closed stdout or stderr from crashing a script that prints with console.log.
 * @param onOutputFailed called when standard output cannot be written for another reason, such as a full disk
 */
export function handleSignals(
  onStop: (signal: StopSignal) => Promise<void> | void,
  onOutputFailed: (error: NodeJS.ErrnoException) => void = throwIt,
): SignalHandling {
  let stoppedBy: StopSignal | undefined;
  let stoppedAt = 0;
  let disposed = false;

  function stop(signal: StopSignal): void {
    if (stoppedBy !== undefined || disposed) return;
    stoppedBy = signal;
    stoppedAt = performance.now();
    void onStop(signal);
  }

  function receive(signal: NodeJS.Signals): void {
    if (stoppedBy === undefined) stop(signal as StopSignal);
    else if (signal !== "SIGHUP" && performance.now() - stoppedAt >= ECHO_MS) endAtOnce(signal as StopSignal);
  }

  function outputFailed(error: NodeJS.ErrnoException): void {
    if (isClosed(error)) stop("SIGPIPE");
    else onOutputFailed(error);
  }

  for (const signal of TERMINATING) process.on(signal, receive);
  process.stdout.on("error", outputFailed);
  process.stderr.on("error", () => {}); // there is nowhere left to say it
  return {
    get stoppedBy() {
      return stoppedBy;
    },
    outputClosed: () => stop("SIGPIPE"),
    dispose() {
      disposed = true;
      for (const signal of TERMINATING) process.off(signal, receive);
    },
  };
}

/** The reader of a stream is gone, or its terminal has hung up. */
function isClosed({ code }: NodeJS.ErrnoException): boolean {
  return code === "EPIPE" || code === "EIO";
}

function throwIt(error: Error): never {
  throw error;
}

function endAtOnce(signal: StopSignal): never {
  // A script may have switched the terminal to raw mode to read keys.
  if (process.stdin.isTTY && process.stdin.isRaw) process.stdin.setRawMode(false);
  process.exit(signalExits[signal]);
}
