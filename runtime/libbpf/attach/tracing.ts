import { EBUSY, ENOENT, errnoName } from "../../ffi/errno.js";
import { captureStderr } from "../stderr.js";
import { type Attached, type AttachInput, attachedBy, failAttach, type ProbeOf } from "./attached.js";

/** Attaches to the function or tracepoint that was fixed when the program was loaded (bpf_program__attach_trace). */
export function attachTracing({ api, program }: AttachInput, probe: ProbeOf<"tracing">): Attached {
  const { value, text } = captureStderr(() => api.attachTrace.withErrno(program));
  if (value.value !== 0n) return attachedBy(api, probe, [value.value]);
  const untraceable = value.errno === EBUSY || value.errno === ENOENT;
  return failAttach({
    code: "TSP7010",
    span: probe.span,
    message: `the kernel did not attach the program to ${probe.title} (${errnoName(value.errno)})`,
    hints: untraceable
      ? ["the function is closed to tracing (notrace), or something else has patched it: try kprobe, or a function that calls it"]
      : [],
    details: text,
  });
}

/** Attaches to a tracepoint's own arguments (bpf_program__attach_raw_tracepoint). */
export function attachRawTracepoint({ api, program }: AttachInput, probe: ProbeOf<"rawTracepoint">): Attached {
  const { value, text } = captureStderr(() => api.attachRawTracepoint.withErrno(program, probe.attach.name));
  if (value.value !== 0n) return attachedBy(api, probe, [value.value]);
  return failAttach({
    code: "TSP7011",
    span: probe.span,
    message: `the kernel did not attach the program to ${probe.title} (${errnoName(value.errno)})`,
    details: text,
  });
}
