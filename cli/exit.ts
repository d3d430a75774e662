import type { Diagnostic, FailureClass } from "../diagnostics/diagnostic.js";

/** The exit code of each class of failure, and what it tells the user. Numbers are stable: scripts and CI depend on them. */
export const failureExits: Readonly<Record<FailureClass, { readonly code: number; readonly meaning: string }>> = {
  "script-error": { code: 1, meaning: "the script's own code threw an error" },
  usage: { code: 2, meaning: "wrong flag, value or command" },
  "script-missing": { code: 3, meaning: "the script cannot be read" },
  syntax: { code: 4, meaning: "the script is not valid TypeScript" },
  type: { code: 5, meaning: "the script has type errors (--no-check skips the check)" },
  language: { code: 6, meaning: "a handler uses something that cannot run in the kernel" },
  name: { code: 7, meaning: "unknown tracepoint, field or struct" },
  "compiler-missing": { code: 8, meaning: "no usable clang" },
  compiler: { code: 9, meaning: "clang refused the generated C" },
  verifier: { code: 10, meaning: "the kernel's verifier refused a handler" },
  load: { code: 11, meaning: "the program could not be loaded" },
  attach: { code: 12, meaning: "a probe could not be attached" },
  permission: { code: 13, meaning: "not enough privilege" },
  kernel: { code: 14, meaning: "this kernel lacks something (BTF, version 5.8)" },
  output: { code: 15, meaning: "standard output cannot be written" },
  internal: { code: 70, meaning: "a bug in tsprobe" },
};

/** Signals that stop a run in order; SIGPIPE stands for a closed standard output. */
export type StopSignal = "SIGHUP" | "SIGINT" | "SIGPIPE" | "SIGTERM";

/** As a shell reports a process ended by a signal: 128 and the signal's number. */
export const signalExits: Readonly<Record<StopSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 };

/** The exit code for what a run reports: that of its first error, 0 if there are only warnings. */
export function exitCodeOf(diagnostics: readonly Diagnostic[]): number {
  const first = diagnostics.find((diagnostic) => diagnostic.severity === "error");
  return first === undefined ? 0 : failureExits[first.failure].code;
}
