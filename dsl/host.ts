import { refuseDeclaration } from "./declaration-error.js";
import { MAX_DURATION_MS, parseDuration } from "./duration.js";
import { currentScript } from "./script.js";

/** A callback of the host part; a promise it returns is waited for. */
export type HostCallback = () => void | Promise<void>;

/** What a script wants called at certain moments of a run. */
export interface HostHooks {
  readonly start: HostCallback[];
  readonly exit: HostCallback[];
  readonly every: { readonly ms: number; readonly callback: HostCallback }[];
}

/**
 * Calls back once all probes are attached.
 * @example onStart(() => console.error("watching; Ctrl-C ends"));
 */
export function onStart(callback: HostCallback): void {
  currentScript().host.start.push(requireFunction("onStart", callback));
}

/**
 * Calls back once at the end: nothing is attached any more, every event has been delivered, maps and aggregations can still be read.
 * @example onExit(() => console.log(calls.read()));
 */
export function onExit(callback: HostCallback): void {
  currentScript().host.exit.push(requireFunction("onExit", callback));
}

/**
 * Ends the run, as Ctrl-C does but with exit code 0: probes are detached, what is under way is delivered, onExit is called.
 * In a callback or after an `await`; in plain Node it does nothing.
 * @example states.on((e) => { if (e.to === "CLOSE") stop(); });
 */
export function stop(): void {
  currentScript().onStop();
}

/**
 * Calls back at an interval, for the first time one interval after the probes are attached. A call that is still at work
 * (an async callback) is not overtaken: its next turn is left out.
 * @param interval "1s", "500ms", "2m", or seconds as a number; from 1 ms to 24 days
 * @example every("1s", () => console.log(calls.readAndReset()));
 */
export function every(interval: string | number, callback: HostCallback): void {
  const ms = typeof interval === "number" ? interval * 1000 : parseDuration(interval);
  if (ms === undefined || !(ms >= 1) || ms > MAX_DURATION_MS)
    refuseDeclaration(
      `every(): ${JSON.stringify(interval)} is no interval`,
      'write a time like "1s", "500ms" or "2m"; a number is seconds',
    );
  currentScript().host.every.push({ ms, callback: requireFunction("every", callback) });
}

function requireFunction(name: string, callback: unknown): HostCallback {
  if (typeof callback !== "function")
    refuseDeclaration(`${name}(): the callback is no function`, `write ${name}(${name === "every" ? '"1s", ' : ""}() => { … })`);
  return callback as HostCallback;
}
