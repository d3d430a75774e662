import type { ProgramProbe } from "../../../compiler/program.js";
import type { Attached, AttachInput, ProbeOf } from "./attached.js";
import { attachIter } from "./iter.js";
import { attachKprobe } from "./kprobe.js";
import { attachPerfEvent } from "./perf-event.js";
import { attachTracepoint } from "./tracepoint.js";
import { attachRawTracepoint, attachTracing } from "./tracing.js";
import { attachUprobe } from "./uprobe.js";

export type { Attached } from "./attached.js";

/**
 * Attaches a loaded program to its hook.
 * @throws DiagnosticError with the place of the hook in the script; nothing stays attached then
 */
export function attachProbe(input: AttachInput, probe: ProgramProbe): Attached {
  switch (probe.attach.kind) {
    case "tracepoint":
      return attachTracepoint(input, probe as ProbeOf<"tracepoint">);
    case "rawTracepoint":
      return attachRawTracepoint(input, probe as ProbeOf<"rawTracepoint">);
    case "tracing":
      return attachTracing(input, probe as ProbeOf<"tracing">);
    case "kprobe":
      return attachKprobe(input, probe as ProbeOf<"kprobe">);
    case "uprobe":
      return attachUprobe(input, probe as ProbeOf<"uprobe">);
    case "perfEvent":
      return attachPerfEvent(input, probe as ProbeOf<"perfEvent">);
    case "iter":
      return attachIter(input, probe as ProbeOf<"iter">);
  }
}
