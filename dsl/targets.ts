/**
 * What a probe hooks, as the script says it: pure data. What it means on this kernel is in hooks/, one file per kind.
 */
export type HookTarget =
  /** "category:event"; either part may hold `*`. */
  | { readonly kind: "tracepoint"; readonly name: string }
  /** A tracepoint's own arguments: "sched_switch". */
  | { readonly kind: "rawTracepoint"; readonly name: string }
  /** A kernel function by name; kprobes may name several with `*`. `offset`: of an instruction inside it, in bytes from its start. */
  | { readonly kind: "fentry"; readonly name: string }
  | { readonly kind: "fexit"; readonly name: string }
  | { readonly kind: "kretprobe"; readonly name: string }
  | { readonly kind: "kprobe"; readonly name: string; readonly offset: number | undefined }
  | UserFunctionTarget
  | UsdtTarget
  /** Samples every CPU so many times a second. */
  | { readonly kind: "profile"; readonly hz: number }
  | PerfEventTarget
  /** A BPF iterator, run when the script asks. */
  | { readonly kind: "iter"; readonly name: string };

/** A function of a program or library. */
export interface UserFunctionTarget {
  readonly kind: "uprobe" | "uretprobe";
  /** A path, or a library's name ("libc", "libssl.so.3"). */
  readonly file: string;
  /** A function's name, or an address as `objdump -d` and `nm` show it. */
  readonly symbol: string | number;
  /** Bytes from the function's start. */
  readonly offset: number;
  /** Only this process. */
  readonly pid: number | undefined;
  /** Types of the arguments by their names, in order. */
  readonly args: Readonly<Record<string, UserArgumentType>>;
  /** For uretprobe: type of the returned value. */
  readonly returns: UserArgumentType;
}

/** A statically defined probe (SystemTap's sdt.h). */
export interface UsdtTarget {
  readonly kind: "usdt";
  readonly file: string;
  readonly provider: string;
  readonly name: string;
  /** Only this process. */
  readonly pid: number | undefined;
  readonly args: Readonly<Record<string, UsdtArgumentType>>;
}

/** A perf event: every `period` occurrences of it, or as often as gives about `hz` samples a second. */
export interface PerfEventTarget {
  readonly kind: "perfEvent";
  readonly name: string;
  readonly period: number | undefined;
  readonly hz: number | undefined;
}

/** How an argument's register or word is read. "ptr" is an address in the process. */
export type UserArgumentType = "u8" | "u16" | "u32" | "u64" | "s8" | "s16" | "s32" | "s64" | "bool" | "ptr";

/** "auto": as wide and signed as the probe's description says, and a bigint always. */
export type UsdtArgumentType = UserArgumentType | "auto";

/** What a target is called in messages and in `attached to …`: "sock:inet_sock_set_state", "kprobe:tcp_connect". */
export function describeTarget(target: HookTarget): string {
  switch (target.kind) {
    case "tracepoint":
      return target.name;
    case "uprobe":
    case "uretprobe":
      return `${target.kind}:${target.file}:${placeName(target.symbol)}${target.offset === 0 ? "" : `+${target.offset}`}`;
    case "usdt":
      return `usdt:${target.file}:${target.provider === "" ? "" : `${target.provider}:`}${target.name}`;
    case "profile":
      return `profile:${target.hz}hz`;
    case "perfEvent":
      return `perfEvent:${target.name}:${target.period ?? `${target.hz}hz`}`;
    case "kprobe":
      return `kprobe:${target.name}${target.offset === undefined ? "" : `+${target.offset}`}`;
    default:
      return `${target.kind}:${target.name}`;
  }
}

/** A function's name, or an address in hexadecimal. */
export function placeName(symbol: string | number): string {
  return typeof symbol === "number" ? `0x${symbol.toString(16)}` : symbol;
}
