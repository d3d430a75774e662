import type { HookTarget } from "../dsl/targets.js";
import type { KernelInfo } from "../kernel/info.js";
import type { ResolvedHook } from "./hook.js";
import { resolveIter } from "./iter.js";
import { resolveKprobe } from "./kprobe.js";
import { resolveRawTracepoint } from "./raw-tracepoint.js";
import { resolvePerfEvent, resolveProfile } from "./samples.js";
import { resolveTracepoint } from "./tracepoint.js";
import { resolveTracing } from "./tracing.js";
import { resolveUsdt } from "./usdt.js";
import { resolveUserFunction } from "./user-function.js";

/**
 * What a hook is on this kernel, or why it has none.
 * @throws DiagnosticError when what describes it (tracefs, BTF, an ELF file) cannot be read
 */
export function resolveHook(target: HookTarget, kernel: KernelInfo): ResolvedHook {
  switch (target.kind) {
    case "tracepoint":
      return resolveTracepoint(target, kernel);
    case "rawTracepoint":
      return resolveRawTracepoint(target, kernel);
    case "fentry":
    case "fexit":
      return resolveTracing(target, kernel);
    case "kprobe":
    case "kretprobe":
      return resolveKprobe(target, kernel);
    case "uprobe":
    case "uretprobe":
      return resolveUserFunction(target);
    case "usdt":
      return resolveUsdt(target);
    case "profile":
      return resolveProfile(target);
    case "perfEvent":
      return resolvePerfEvent(target);
    case "iter":
      return resolveIter(target, kernel);
  }
}
