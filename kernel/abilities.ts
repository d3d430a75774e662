/** Whether this kernel does something, found out by trying. */
export type Ability = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** A way to be called when a function begins or returns, or at a raw tracepoint with typed arguments: BPF_PROG_TYPE_TRACING. */
export type TracingWay = "fentry" | "fexit";

/**
 * What this kernel lets this process load and attach. Each answer is found out when first asked for, in a few
 * milliseconds, by trying the thing itself: distributions turn features on and off whatever the version.
 */
export interface Abilities {
  /** Programs of type TRACING: fentry, fexit, tp_btf, iterators. */
  tracing(): Ability;
  /**
   * A TRACING program on this function: it may have more arguments than the kernel can pass on, or be closed to tracing.
   * @param id of the function in the kernel's own BTF
   * @param words that its arguments take, 8 bytes each
   */
  traces(way: TracingWay, id: number, words: number): Ability;
  /** Probes at instructions of the kernel (CONFIG_KPROBES). */
  kprobes(): Ability;
  /** One link for any number of functions (kprobe.multi: Linux 5.18 with CONFIG_FPROBE). */
  kprobeMulti(): Ability;
}

const ASSUMED: Ability = Object.freeze({ ok: true });

/** For commands that load nothing, and where trying would tell nothing: everything is taken to work. */
export const ASSUMED_ABILITIES: Abilities = Object.freeze({
  tracing: () => ASSUMED,
  traces: () => ASSUMED,
  kprobes: () => ASSUMED,
  kprobeMulti: () => ASSUMED,
});
