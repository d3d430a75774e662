/**
 * Functions of "tsprobe" that take a kernel function, and the index of that argument (-1: the last one). The bundler
 * finds kernel code by this table: a new hook is captured once it has a row here.
 */
export const KERNEL_CALLS: Readonly<Record<string, number>> = {
  tracepoint: 1,
  rawTracepoint: 1,
  fentry: 1,
  fexit: 1,
  kprobe: 1,
  kretprobe: 1,
  uprobe: -1,
  uretprobe: -1,
  usdt: -1,
  profile: 1,
  perfEvent: 2,
  iter: 1,
  fn: 0,
};

/** Modules of tsprobe that hold kernel code themselves: they are bundled with the script, as files of its own are. */
export const KERNEL_CODE_MODULES: ReadonlySet<string> = new Set(["tsprobe/net"]);
