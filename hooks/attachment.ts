/** How a loaded program is attached: pure data for the runtime, one member per way. */
export type Attachment =
  /** One program on one or (named with `*`) several tracepoints. */
  | { readonly kind: "tracepoint"; readonly events: readonly { readonly category: string; readonly event: string }[] }
  /** BPF_PROG_TYPE_RAW_TRACEPOINT */
  | { readonly kind: "rawTracepoint"; readonly name: string }
  /** What it is attached to was fixed when it was loaded (BPF_PROG_TYPE_TRACING): fentry, fexit, tp_btf. */
  | { readonly kind: "tracing" }
  /** Functions of the kernel; `multi`: by one link (kprobe.multi), else one each. */
  | {
      readonly kind: "kprobe";
      readonly functions: readonly string[];
      readonly offset: number;
      readonly returns: boolean;
      readonly multi: boolean;
    }
  /** Places in a file that processes map. */
  | {
      readonly kind: "uprobe";
      readonly path: string;
      readonly returns: boolean;
      /** Only this process. */
      readonly pid: number | undefined;
      /** `cookie`: what bpf_get_attach_cookie gives there; `semaphore`: file offset of a USDT semaphore. */
      readonly places: readonly { readonly offset: bigint; readonly cookie: bigint; readonly semaphore: bigint }[];
    }
  /** perf_event_open on every CPU: struct perf_event_attr's type, config, and a frequency in Hz or a period. */
  | {
      readonly kind: "perfEvent";
      readonly type: number;
      readonly config: bigint;
      readonly frequency: number | undefined;
      readonly period: number | undefined;
    }
  /** Runs when the script reads it. */
  | { readonly kind: "iter" };
