import { refuseDeclaration } from "./declaration-error.js";
import { MAX_DURATION_MS, parseDuration } from "./duration.js";
import { currentScript } from "./script.js";

/** A callback of the host part; a promise it returns is waited for. */
export type HostCallback = () => void | Promise<void>;

/** A callback at an interval. */
export interface Interval {
  readonly ms: number;
  readonly callback: HostCallback;
}

/** What a script wants called at certain moments of a run. */
export interface HostHooks {
  readonly start: HostCallback[];
  readonly exit: HostCallback[];
  readonly every: Interval[];
  /** Called with what is added to `every` or `start`: once the run has begun, it goes on from there. */
  onAdded: (added: Interval | HostCallback) => void;
}

/**
 * Calls back once all probes are attached: at once, if they are already.
 * @example onStart(() => console.error("watching; Ctrl-C ends"));
 */
export function onStart(callback: HostCallback): void {
  const { host } = currentScript();
  host.start.push(requireFunction("onStart", callback));
  host.onAdded(callback);
}

/**
 * Calls back once at the end: nothing is attached any more, every event has been delivered, maps and aggregations can still be read.
 * @example onExit(() => console.log(calls.read()));
 */
export function onExit(callback: HostCallback): void {
  currentScript().host.exit.push(requireFunction("onExit", callback));
}

/**
 * Ends the run, as Ctrl-C does but with exit code 0: probes are detached, what is under way is delivered, onExit is called. Before
 * the probes are attached: as soon as they are. In plain Node it does nothing.
 * @example states.on((e) => { if (e.to === "CLOSE") stop(); });
 */
export function stop(): void {
  const script = currentScript();
  script.stopped = true;
  script.onStop();
}

/**
 * Calls back at an interval, for the first time one interval after the probes are attached. A call that is still at work
 * (an async callback) is not overtaken: its next turn is left out.
 * @param time "1s", "500ms", "2m", or seconds as a number; from 1 ms to 24 days
 * @example every("1s", () => console.log(calls.readAndReset()));
 */
export function every(time: string | number, callback: HostCallback): void {
  const ms = typeof time === "number" ? time * 1000 : parseDuration(time);
  if (ms === undefined || !(ms >= 1) || ms > MAX_DURATION_MS)
    refuseDeclaration(
      `every(): ${JSON.stringify(time)} is no interval`,
      'write a time like "1s", "500ms" or "2m"; a number is seconds',
    );
  const { host } = currentScript();
  const interval = { ms, callback: requireFunction("every", callback) };
  host.every.push(interval);
  host.onAdded(interval);
}

function requireFunction(name: string, callback: unknown): HostCallback {
  if (typeof callback !== "function")
    refuseDeclaration(`${name}(): the callback is no function`, `write ${name}(${name === "every" ? '"1s", ' : ""}() => { … })`);
  return callback as HostCallback;
}
