import type { HookTarget } from "../dsl/targets.js";
import type { KernelInfo } from "../kernel/info.js";
import type { ResolvedHook } from "./hook.js";
import { resolveTracepoint } from "./tracepoint.js";

/**
 * What a hook is on this kernel, or why it has none.
 * @throws DiagnosticError when what describes it (tracefs, BTF, an ELF file) cannot be read
 */
export function resolveHook(target: HookTarget, kernel: KernelInfo): ResolvedHook {
  switch (target.kind) {
    case "tracepoint":
      return resolveTracepoint(target, kernel);
    default:
      return { refusal: { code: "TSP3005", failure: "kernel", message: `${target.kind} is not available`, hints: [] } };
  }
}
