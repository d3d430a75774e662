import { nameOf, refuseDeclaration } from "./declaration-error.js";
import { declareProbe, type Probe } from "./probe.js";
import type {
  FexitContext,
  ForeignContext,
  ForeignName,
  FunctionArgs,
  FunctionName,
  FunctionPattern,
  KernelRegisters,
  ReturnContext,
} from "./types.js";

/** An instruction inside a kernel function. */
export interface FunctionPlace {
  readonly function: FunctionName;
  /** Bytes from the function's start, where an instruction begins. */
  readonly offset: number;
}

/**
 * Runs a handler when a kernel function begins, by way of a trampoline: the cheapest way, where the kernel allows it
 * (BPF_TRACE_FENTRY; Linux 5.5 with BTF).
 * @param handler kernel code; it gets the function's arguments by their names in the kernel's source
 * @example export const connects = fentry("tcp_connect", ({ sk }) => ({ port: sk.__sk_common.skc_num }));
 */
export function fentry<S extends string, const R>(
  name: ForeignName<S>,
  handler: (args: ForeignContext) => R,
): Probe<ForeignContext, R>;
export function fentry<N extends FunctionName, const R>(
  name: N,
  handler: (args: FunctionArgs<N>) => R,
): Probe<FunctionArgs<N>, R>;
export function fentry(name: string, handler: (args: never) => unknown): Probe<never, unknown> {
  return declareProbe({ kind: "fentry", name: String(name) }, handler);
}

/**
 * Runs a handler when a kernel function returns, with its arguments and, as `ret`, what it returns (BPF_TRACE_FEXIT). Where an argument
 * is called `ret` itself, the returned value is `returned`.
 * @example export const reads = fexit("vfs_read", ({ count, ret }) => ({ count, ret }));
 */
export function fexit<S extends string, const R>(
  name: ForeignName<S>,
  handler: (args: ForeignContext) => R,
): Probe<ForeignContext, R>;
export function fexit<N extends FunctionName, const R>(name: N, handler: (args: FexitContext<N>) => R): Probe<FexitContext<N>, R>;
export function fexit(name: string, handler: (args: never) => unknown): Probe<never, unknown> {
  return declareProbe({ kind: "fexit", name: String(name) }, handler);
}

/**
 * Runs a handler when a kernel function begins, by a breakpoint or the function tracer (kprobe; kprobe.multi for patterns).
 * @param name a function; several with `*`, and then the handler gets the arguments that all of them have alike; or an instruction inside
 * a function, and then it gets the registers
 * @example export const connects = kprobe("tcp_connect", ({ sk }) => ({ port: sk.__sk_common.skc_num }));
 * @example export const calls = kprobe("tcp_v4_*", () => ({ name: probeName() }));
 * @example export const inside = kprobe({ function: "tcp_connect", offset: 4 }, ({ rip }) => ({ rip }));
 */
export function kprobe<const R>(place: FunctionPlace, handler: (registers: KernelRegisters) => R): Probe<KernelRegisters, R>;
export function kprobe<S extends string, const R>(
  name: ForeignName<S>,
  handler: (args: ForeignContext) => R,
): Probe<ForeignContext, R>;
export function kprobe<N extends FunctionName | FunctionPattern, const R>(
  name: N,
  handler: (args: FunctionArgs<N>) => R,
): Probe<FunctionArgs<N>, R>;
export function kprobe<R>(where: string | FunctionPlace, handler: (args: never) => R): Probe<never, R> {
  if (typeof where !== "object") return declareProbe({ kind: "kprobe", name: String(where), offset: undefined }, handler);
  const { function: name, offset } = where;
  if (!Number.isInteger(offset) || offset < 0 || offset > 0xffff_ffff)
    refuseDeclaration(
      `kprobe(): ${nameOf(offset)} is no offset`,
      "an offset is a whole number of bytes from the function's start",
    );
  return declareProbe({ kind: "kprobe", name: String(name), offset }, handler);
}

/**
 * Runs a handler when a kernel function returns, with what it returns as `ret` (kretprobe; kretprobe.multi for patterns). The kernel can
 * follow a limited number of calls at a time; those it could not follow are counted and shown, from Linux 6.7 on.
 * @param name a function, or several with `*`
 * @example export const reads = kretprobe("vfs_read", ({ ret }) => ({ ret }));
 */
export function kretprobe<S extends string, const R>(
  name: ForeignName<S>,
  handler: (returned: ForeignContext) => R,
): Probe<ForeignContext, R>;
export function kretprobe<N extends FunctionName | FunctionPattern, const R>(
  name: N,
  handler: (returned: ReturnContext<N>) => R,
): Probe<ReturnContext<N>, R>;
export function kretprobe(name: string, handler: (returned: never) => unknown): Probe<never, unknown> {
  return declareProbe({ kind: "kretprobe", name: String(name) }, handler);
}
