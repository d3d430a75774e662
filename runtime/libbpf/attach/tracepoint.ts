import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProgramProbe } from "../../../compiler/program.js";
import { onlineCpus } from "../../../kernel/cpus.js";
import { E2BIG, EACCES, ENOENT, EPERM, errnoName } from "../../ffi/errno.js";
import { diagnosePermission } from "../failure.js";
import { type Attached, type AttachInput, attachedBy, failAttach, type ProbeOf } from "./attached.js";
import { attachEvent, isDenied, openEvent } from "./event.js";

/** include/uapi/linux/perf_event.h */
const PERF_TYPE_TRACEPOINT = 2;
/** BPF_TRACE_MAX_PROGS (kernel/trace/bpf_trace.c) */
const MAX_PROGRAMS = 64;

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

/** Any task, one CPU: a BPF program on a tracepoint event runs on all CPUs (kernel/events/core.c, perf_event_set_bpf_prog). */
function openTracepointEvent(probe: ProgramProbe, tracepoint: Tracepoint, id: number): number {
  const opened = openEvent({ type: PERF_TYPE_TRACEPOINT, config: BigInt(id) }, -1, onlineCpus()[0] ?? 0);
  if ("fd" in opened) return opened.fd;
  if (isDenied(opened.errno)) {
    const { code: _, ...diagnostic } = diagnosePermission("attach to tracepoints", "");
    failAttach({ ...diagnostic, code: "TSP7004", span: probe.span });
  }
  return failAttach({
    code: "TSP7005",
    span: probe.span,
    message: `the kernel did not open tracepoint ${nameOf(tracepoint)} (${errnoName(opened.errno)})`,
  });
}

/** Attaches a program to each of its tracepoints. @throws DiagnosticError with the place of the hook in the script */
export function attachTracepoint({ api, program, tracefs }: AttachInput, probe: ProbeOf<"tracepoint">): Attached {
  const links: bigint[] = [];
  const attached = () => attachedBy(api, probe, links);
  try {
    const root = tracefs();
    for (const [cookie, tracepoint] of probe.attach.events.entries()) {
      const event = openTracepointEvent(probe, tracepoint, tracepointId(probe, tracepoint, root));
      const result = attachEvent(api, program, event, BigInt(cookie));
      if ("errno" in result)
        return failAttach({
          code: "TSP7006",
          span: probe.span,
          message: `the kernel did not attach the program to ${nameOf(tracepoint)} (${errnoName(result.errno)})`,
          hints:
            result.errno === E2BIG
              ? [
                  `a tracepoint has room for ${MAX_PROGRAMS} programs, those of all tracers together: let fewer handlers share it, or end other tracers (\`bpftool perf\` lists them)`,
                ]
              : [],
          details: result.text,
        });
      links.push(result.link);
    }
  } catch (error) {
    attached().detach();
    throw error;
  }
  return attached();
}
