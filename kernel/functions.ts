import { type KernelArgument, readArgument, readArguments } from "./arguments.js";
import type { Btf } from "./btf.js";

/** A function of the kernel or of a module of it. */
export interface KernelFunction {
  readonly name: string;
  /** Its id in the kernel's own BTF; undefined when a module describes it, or nobody does. */
  readonly id: number | undefined;
  /** The module it is in. */
  readonly module: string | undefined;
  /** undefined for a function that no BTF describes: assembly, and copies that the compiler made ("name.isra.0"). */
  readonly args: readonly KernelArgument[] | undefined;
  /** What it returns; undefined for nothing, and where nobody says. */
  readonly returns: KernelArgument | undefined;
}

/** A raw tracepoint: what the kernel passes to it, before any of it is copied into a record. */
export interface RawTracepoint {
  readonly name: string;
  readonly module: string | undefined;
  readonly args: readonly KernelArgument[];
}

/** typedef void (*btf_trace_NAME)(void *__data, …), include/trace/bpf_probe.h: one for each raw tracepoint. */
const RAW_TYPEDEF = "btf_trace_";
/** int __traceiter_NAME(void *__data, …), include/linux/tracepoint.h: the same arguments, and their names, which the typedef lacks. */
const RAW_CALLER = "__traceiter_";

/** A function by name, as a BTF describes it. @param module where the BTF is a module's */
export function readFunction(btf: Btf, name: string, module?: string): KernelFunction | undefined {
  const id = btf.function(name);
  const func = id === undefined ? undefined : btf.type(id);
  if (func?.kind !== "func") return undefined;
  const proto = btf.type(func.proto);
  if (proto.kind !== "funcProto") return undefined;
  const returnsNothing = btf.resolve(proto.returns).kind === "void";
  return Object.freeze({
    name,
    id: module === undefined ? id : undefined,
    module,
    args: Object.freeze(readArguments(btf, proto.params)),
    returns: returnsNothing ? undefined : readArgument(btf, "ret", proto.returns),
  });
}

/** A raw tracepoint by name ("sched_switch"), as a BTF describes it. */
export function readRawTracepoint(btf: Btf, name: string, module?: string): RawTracepoint | undefined {
  const typedef = btf.typedef(`${RAW_TYPEDEF}${name}`);
  if (typedef === undefined) return undefined;
  const pointer = btf.resolve(typedef);
  const proto = pointer.kind === "pointer" ? btf.resolve(pointer.to) : pointer;
  if (proto.kind !== "funcProto") return undefined;
  const caller = btf.function(`${RAW_CALLER}${name}`);
  const func = caller === undefined ? undefined : btf.type(caller);
  const named = func?.kind === "func" ? btf.type(func.proto) : undefined;
  const same = named?.kind === "funcProto" && named.params.length === proto.params.length;
  const params = proto.params.map(({ type }, i) => ({ type, name: (same ? named.params[i]?.name : undefined) ?? "" }));
  return Object.freeze({ name, module, args: Object.freeze(readArguments(btf, params, 1)) });
}

/** Names of all raw tracepoints that a BTF describes. */
export function listRawTracepoints(btf: Btf): string[] {
  return [...btf.typedefs().keys()].filter((name) => name.startsWith(RAW_TYPEDEF)).map((name) => name.slice(RAW_TYPEDEF.length));
}

/** Functions that the tracepoint macros make, five for each event: nobody means them. */
const MADE_BY_MACROS =
  /^(?:__traceiter_|__probestub_|__bpf_trace_|trace_raw_output_|trace_event_raw_event_|do_trace_event_raw_event_|trace_event_get_offsets_|perf_trace_|do_perf_trace_)/;

/** Names of the functions worth offering: to complete names, and as the nearest ones. */
export function listFunctions(btf: Btf): string[] {
  return [...btf.functions().keys()].filter((name) => !MADE_BY_MACROS.test(name));
}
