import { onlineCpus } from "../../../kernel/cpus.js";
import { PERF_EVENTS, type PerfEventKind } from "../../../kernel/user/perf-events.js";
import { EINVAL, EMFILE, ENODEV, ENOENT, ENOSPC, EOPNOTSUPP, errnoName } from "../../ffi/errno.js";
import { libc } from "../../ffi/libc.js";
import { diagnosePermission } from "../failure.js";
import { type Attached, type AttachInput, attachedBy, failAttach, type ProbeOf } from "./attached.js";
import { attachEvent, type EventAttributes, isDenied, openEvent } from "./event.js";

type PerfProbe = ProbeOf<"perfEvent">;

/**
 * PERF_SAMPLE_ADDR: without it the kernel leaves the address of the sample unset (perf_prepare_sample). Not PERF_SAMPLE_PERIOD,
 * with which software events sample every occurrence, whatever the period (perf_swevent_event, kernel/events/core.c).
 */
const SAMPLE_TYPE = 1n << 3n;

/**
 * Attaches a program to a perf event on every CPU that is on; one that goes off meanwhile is left out.
 * @throws DiagnosticError with the place of the hook in the script
 */
export function attachPerfEvent({ api, program }: AttachInput, probe: PerfProbe): Attached {
  const { type, config, frequency, period } = probe.attach;
  const attributes: EventAttributes = {
    type,
    config,
    sampleType: SAMPLE_TYPE,
    ...(frequency === undefined ? { samplePeriod: BigInt(period ?? 1) } : { frequency: BigInt(frequency) }),
  };
  const links: bigint[] = [];
  const gone: number[] = [];
  try {
    for (const cpu of onlineCpus()) {
      const opened = openEvent(attributes, -1, cpu);
      if ("errno" in opened) {
        if (opened.errno !== ENODEV) failOpen(probe, opened.errno);
        gone.push(cpu);
        continue;
      }
      const attached = attachEvent(api, program, opened.fd, 0n);
      if ("errno" in attached)
        failAttach({
          code: "TSP7042",
          span: probe.span,
          message: `the kernel did not attach the program to ${probe.title} (${errnoName(attached.errno)})`,
          details: attached.text,
        });
      links.push(attached.link);
    }
    if (links.length === 0) failOpen(probe, ENODEV);
  } catch (error) {
    attachedBy(api, probe, links).detach();
    throw error;
  }
  return attachedBy(api, probe, links);
}

function failOpen(probe: PerfProbe, errno: number): never {
  if (isDenied(errno)) {
    const { code: _, ...diagnostic } = diagnosePermission("open perf events", "");
    failAttach({ ...diagnostic, code: "TSP7040", span: probe.span });
  }
  if (errno === ENOENT || errno === EOPNOTSUPP || errno === ENODEV)
    failAttach({
      code: "TSP7041",
      failure: "kernel",
      span: probe.span,
      message: `this machine does not have the counter of ${probe.title} (${errnoName(errno)})`,
      hints: availabilityHints(),
    });
  const reasons: Readonly<Record<number, string>> = {
    [EINVAL]: "the rate may be above kernel.perf_event_max_sample_rate, or the processor cannot sample this counter",
    [ENOSPC]: "the processor's counters are all in use: end other profilers",
    [EMFILE]: "it takes a file for each CPU: allow more with `ulimit -n`",
  };
  failAttach({
    code: "TSP7043",
    span: probe.span,
    message: `the kernel did not open ${probe.title} (${errnoName(errno)})`,
    hints: reasons[errno] === undefined ? [] : [reasons[errno]],
  });
}

/** Which events can be opened here: asked one by one, since no file says so. */
function availabilityHints(): readonly string[] {
  const there = [...PERF_EVENTS].filter(([, event]) => canOpen(event));
  const names = there.map(([name]) => name);
  const hardware = there.some(([, { isHardware }]) => isHardware);
  return [
    ...(hardware ? [] : ["the processor's counters cannot be used here, as in most virtual machines"]),
    `available here: ${names.join(", ")}`,
  ];
}

function canOpen({ type, config }: PerfEventKind): boolean {
  const opened = openEvent({ type, config, samplePeriod: 1_000_000n }, -1, onlineCpus()[0] ?? 0);
  if ("errno" in opened) return false;
  libc.close(opened.fd);
  return true;
}
