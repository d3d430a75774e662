import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProgramProbe } from "../../../compiler/program.js";
import { EACCES, ENOENT, EOPNOTSUPP, EPERM, errnoName } from "../../ffi/errno.js";
import { libc, SYSCALLS } from "../../ffi/libc.js";
import type { LibbpfApi } from "../api.js";
import { diagnosePermission } from "../failure.js";
import { captureStderr } from "../stderr.js";
import { type Attached, type AttachInput, attachedBy, failAttach, type ProbeOf } from "./attached.js";

/** include/uapi/linux/perf_event.h */
const PERF_TYPE_TRACEPOINT = 2;
const PERF_ATTR_BYTES = 112;
const PERF_FLAG_FD_CLOEXEC = 8n;

type Tracepoint = ProbeOf<"tracepoint">["attach"]["events"][number];

const nameOf = ({ category, event }: Tracepoint) => `${category}:${event}`;

/** The number by which perf_event_open knows a tracepoint. */
function tracepointId(probe: ProgramProbe, tracepoint: Tracepoint, tracefs: string): number {
  const { category, event } = tracepoint;
  const name = nameOf(tracepoint);
  try {
    return Number.parseInt(readFileSync(join(tracefs, "events", category, event, "id"), "utf8"), 10);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === errnoName(ENOENT))
      failAttach({
        code: "TSP7002",
        span: probe.span,
        message: `this kernel has no tracepoint ${name}`,
        hints: [
          `see what it has: \`ls ${join(tracefs, "events", existsSync(join(tracefs, "events", category)) ? category : "")}\``,
        ],
      });
    failAttach({
      code: "TSP7003",
      failure: code === errnoName(EACCES) || code === errnoName(EPERM) ? "permission" : "attach",
      span: probe.span,
      message: `tracepoint ${name} cannot be read (${code ?? "unknown error"})`,
      hints: ["only root can read tracefs: run with `sudo`"],
    });
  }
}

function openTracepointEvent(probe: ProgramProbe, tracepoint: Tracepoint, id: number): number {
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
  if (errno === EPERM || errno === EACCES) {
    const { code: _, ...diagnostic } = diagnosePermission("attach to tracepoints", "");
    failAttach({ ...diagnostic, code: "TSP7004", span: probe.span });
  }
  failAttach({
    code: "TSP7005",
    span: probe.span,
    message: `the kernel did not open tracepoint ${nameOf(tracepoint)} (${errnoName(errno)})`,
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

/** struct bpf_perf_event_opts of libbpf: size, cookie, force_ioctl_attach. */
const OPTIONS_BYTES = 24;

/**
 * Attaches to one event. Before Linux 5.15 a program has no cookies, nor a way to ask for one (so it would not have loaded):
 * then they do not matter.
 */
function attachEvent(api: LibbpfApi, program: bigint, event: number, cookie: bigint) {
  const plain = () => captureStderr(() => api.attachPerfEvent.withErrno(program, event));
  if (cookie === 0n) return plain();
  const options = Buffer.alloc(OPTIONS_BYTES);
  options.writeBigUInt64LE(BigInt(OPTIONS_BYTES), 0);
  options.writeBigUInt64LE(cookie, 8);
  const result = captureStderr(() => api.attachPerfEventOptions.withErrno(program, event, options));
  return result.value.value === 0n && result.value.errno === EOPNOTSUPP ? plain() : result;
}

/** Attaches a program to each of its tracepoints. @throws DiagnosticError with the place of the hook in the script */
export function attachTracepoint({ api, program, tracefs }: AttachInput, probe: ProbeOf<"tracepoint">): Attached {
  const links: bigint[] = [];
  const attached = () => attachedBy(api, probe, links);
  try {
    const root = tracefs();
    for (const [cookie, tracepoint] of probe.attach.events.entries()) {
      const event = openTracepointEvent(probe, tracepoint, tracepointId(probe, tracepoint, root));
      const { value, text } = attachEvent(api, program, event, BigInt(cookie));
      if (value.value === 0n) {
        libc.close(event);
        failAttach({
          code: "TSP7006",
          span: probe.span,
          message: `the kernel did not attach the program to ${nameOf(tracepoint)} (${errnoName(value.errno)})`,
          details: text,
        });
      }
      links.push(value.value);
    }
  } catch (error) {
    attached().detach();
    throw error;
  }
  return attached();
}
