import { defineBuiltin } from "../builtin.js";

/** Signals by name (include/uapi/asm-generic/signal.h). */
export const signal = Object.freeze({
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const);

/** "SIGTERM", "SIGKILL" … */
export type SignalName = keyof typeof signal;

const NAMES: ReadonlyMap<number, SignalName> = new Map(
  Object.entries(signal).map(([name, number]): [number, SignalName] => [number, name as SignalName]),
);

/**
 * Name of a signal: "SIGKILL". A number without a name, such as a real-time signal's (32 to 64), becomes its decimal text.
 * @example signalName(ctx.sig) // of signal:signal_generate
 */
export const signalName: (number: number | bigint) => SignalName = defineBuiltin(
  { name: "name", names: NAMES },
  (number: number | bigint) => NAMES.get(Number(number)) ?? (String(number) as SignalName),
);
