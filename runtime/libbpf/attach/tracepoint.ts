import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProgramProbe } from "../../compiler/program.js";
import { type Diagnostic, DiagnosticError } from "../../diagnostics/diagnostic.js";
import { EACCES, ENOENT, EPERM, errnoName } from "../ffi/errno.js";
import { libc, SYSCALLS } from "../ffi/libc.js";
import type { LibbpfApi } from "./api.js";
import { diagnosePermission } from "./failure.js";
import { captureStderr } from "./stderr.js";

/** include/uapi/linux/perf_event.h */
const PERF_TYPE_TRACEPOINT = 2;
const PERF_ATTR_BYTES = 112;
const PERF_FLAG_FD_CLOEXEC = 8n;

/** An attached program; ends with `detach` or with the process. */
export interface Attached {
  readonly probe: ProgramProbe;
  detach(): void;
}

function fail(diagnostic: Omit<Diagnostic, "severity" | "failure"> & { failure?: Diagnostic["failure"] }): never {
  throw new DiagnosticError({ failure: "attach", severity: "error", ...diagnostic });
}

/** The number by which perf_event_open knows a tracepoint. */
function tracepointId(probe: ProgramProbe, tracefs: string): number {
  const { category, event } = probe.attach;
  const name = `${category}:${event}`;
  try {
    return Number.parseInt(readFileSync(join(tracefs, "events", category, event, "id"), "utf8"), 10);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === errnoName(ENOENT))
      fail({
        code: "TSP7002",
        span: probe.span,
        message: `this kernel has no tracepoint ${name}`,
        hints: [
          `see what it has: \`ls ${join(tracefs, "events", existsSync(join(tracefs, "events", category)) ? category : "")}\``,
        ],
      });
    fail({
      code: "TSP7003",
      failure: code === errnoName(EACCES) || code === errnoName(EPERM) ? "permission" : "attach",
      span: probe.span,
      message: `tracepoint ${name} cannot be read (${code ?? "unknown error"})`,
      hints: ["only root can read tracefs: run with `sudo`"],
    });
  }
}

function openTracepointEvent(probe: ProgramProbe, id: number): number {
  const attributes = Buffer.alloc(PERF_ATTR_BYTES);
  attributes.writeUInt32LE(PERF_TYPE_TRACEPOINT, 0); // type
  attributes.writeUInt32LE(PERF_ATTR_BYTES, 4); // size
  attributes.writeBigUInt64LE(BigInt(id), 8); // config
  attributes.writeBigUInt64LE(1n, 16); // sample_period
  // Any task, one CPU: a BPF program on a tracepoint event runs on all CPUs (kernel/events/core.c, perf_event_set_bpf_prog).
  const { value, errno } = libc.perfEventOpen.withErrno(
    SYSCALLS.perfEventOpen,
    attributes,
    -1n,
    firstCpu(),
    -1n,
    PERF_FLAG_FD_CLOEXEC,
  );
  if (value >= 0n) return Number(value);
  const { category, event } = probe.attach;
  if (errno === EPERM || errno === EACCES) {
    const { code: _, ...diagnostic } = diagnosePermission("attach to tracepoints", "");
    fail({ ...diagnostic, code: "TSP7004", span: probe.span });
  }
  fail({
    code: "TSP7005",
    span: probe.span,
    message: `the kernel did not open tracepoint ${category}:${event} (${errnoName(errno)})`,
  });
}

/** Lowest CPU that is on: CPU 0 may be off. */
function firstCpu(): bigint {
  try {
    return BigInt(Number.parseInt(readFileSync("/sys/devices/system/cpu/online", "utf8"), 10));
  } catch {
    return 0n;
  }
}

/**
 * Attaches a loaded program to its hook.
 * @param tracefs the directory that holds `events/`
 * @throws DiagnosticError with the place of the hook in the script
 */
export function attachProbe(api: LibbpfApi, program: bigint, probe: ProgramProbe, tracefs: string): Attached {
  const event = openTracepointEvent(probe, tracepointId(probe, tracefs));
  const { value, text } = captureStderr(() => api.attachPerfEvent.withErrno(program, event));
  if (value.value === 0n) {
    libc.close(event);
    fail({
      code: "TSP7006",
      span: probe.span,
      message: `the kernel did not attach the program to ${probe.attach.category}:${probe.attach.event} (${errnoName(value.errno)})`,
      details: text,
    });
  }
  let link = value.value;
  return {
    probe,
    detach: () => {
      // Closes the perf event as well; the kernel waits there until no CPU runs the program, if it was the tracepoint's last.
      if (link !== 0n) captureStderr(() => api.linkDestroy(link));
      link = 0n;
    },
  };
}
