import { declaringScript } from "./script.js";

/** What a script's help says beside its flags. */
export interface Usage {
  /** What the script is for, in a sentence or two. */
  readonly about: string;
  /** Arguments, and what they do: `["-L 443", "only connections from or to local port 443"]`. */
  readonly examples?: readonly (readonly [args: string, help: string])[];
  /**
   * Why the flags that every script has (--pid, --comm, --uid, --cgroup, --netns, --command) would mislead here: they look at the task that
   * runs, and a script that follows packets or sockets in interrupts would see some of them only. Those the script does not
   * declare itself are refused with these words.
   */
  readonly noTaskFilters?: string;
}

/**
 * Says what the script is for: `tsprobe run script.ts --help` shows it, with the examples.
 * @example usage({ about: "State changes of TCP sockets.", examples: [["-L 443", "of local port 443"]] });
 */
export function usage(text: Usage): void {
  declaringScript().usage.push(Object.freeze({ ...text }));
}
