import type { ProgramProbe } from "../../../compiler/program.js";
import { type Attached, type AttachInput, failAttach, type ProbeOf } from "./attached.js";
import { attachTracepoint } from "./tracepoint.js";

export type { Attached } from "./attached.js";

/**
 * Attaches a loaded program to its hook.
 * @throws DiagnosticError with the place of the hook in the script; nothing stays attached then
 */
export function attachProbe(input: AttachInput, probe: ProgramProbe): Attached {
  switch (probe.attach.kind) {
    case "tracepoint":
      return attachTracepoint(input, probe as ProbeOf<"tracepoint">);
    default:
      return failAttach({ code: "TSP7007", span: probe.span, message: `${probe.title} cannot be attached` });
  }
}
