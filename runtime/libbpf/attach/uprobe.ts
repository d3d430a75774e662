import { readFileSync } from "node:fs";
import { onlineCpus } from "../../../kernel/cpus.js";
import { EINVAL, ENODEV, ENOENT, ESRCH, errnoName } from "../../ffi/errno.js";
import { addressOf } from "../../ffi/memory.js";
import { diagnosePermission } from "../failure.js";
import { type Attached, type AttachInput, attachedBy, failAttach, type ProbeOf } from "./attached.js";
import { attachEvent, isDenied, openEvent } from "./event.js";

type Uprobe = ProbeOf<"uprobe">;

const DEVICE = "/sys/bus/event_source/devices/uprobe";
/** The semaphore's place takes the upper half of the config (format/ref_ctr_offset, since Linux 4.20). */
const SEMAPHORE_SHIFT = 32n;

/** Numbers of the kernel's uprobe events: their type, and the bit that says return. */
function readDevice(probe: Uprobe): { readonly type: number; readonly returnBit: bigint } {
  try {
    const bit = /config:(\d+)/.exec(readFileSync(`${DEVICE}/format/retprobe`, "utf8"))?.[1] ?? "0";
    return { type: Number.parseInt(readFileSync(`${DEVICE}/type`, "utf8"), 10), returnBit: 1n << BigInt(bit) };
  } catch {
    return failAttach({
      code: "TSP7030",
      failure: "kernel",
      span: probe.span,
      message: "this kernel has no uprobes, or sysfs is not mounted",
      hints: [`look for ${DEVICE}`, "a kernel has them when it is built with CONFIG_UPROBE_EVENTS"],
    });
  }
}

/**
 * Attaches a program to each place of its file: breakpoints in every process that maps it, now and later.
 * The kernel removes them when the links end, and with the process at the latest.
 * @throws DiagnosticError with the place of the hook in the script
 */
export function attachUprobe({ api, program }: AttachInput, probe: Uprobe): Attached {
  const { path, returns, pid = -1, places } = probe.attach;
  const device = readDevice(probe);
  const name = Buffer.from(`${path}\0`);
  const cpu = pid === -1 ? (onlineCpus()[0] ?? 0) : -1;
  const links: bigint[] = [];
  try {
    for (const { offset, cookie, semaphore } of places) {
      const opened = openEvent(
        {
          type: device.type,
          config: (returns ? device.returnBit : 0n) | (semaphore << SEMAPHORE_SHIFT),
          config1: addressOf(name),
          config2: offset,
        },
        pid,
        cpu,
      );
      if ("errno" in opened) return failOpen(probe, opened.errno, offset);
      const attached = attachEvent(api, program, opened.fd, cookie);
      if ("errno" in attached)
        failAttach({
          code: "TSP7032",
          span: probe.span,
          message: `the kernel did not attach the program to ${probe.title} (${errnoName(attached.errno)})`,
          details: attached.text,
        });
      links.push(attached.link);
    }
  } catch (error) {
    attachedBy(api, probe, links).detach();
    throw error;
  }
  return attachedBy(api, probe, links);
}

function failOpen(probe: Uprobe, errno: number, offset: bigint): never {
  if (isDenied(errno)) {
    const { code: _, ...diagnostic } = diagnosePermission("set uprobes", "");
    failAttach({ ...diagnostic, code: "TSP7031", span: probe.span });
  }
  const { path, pid } = probe.attach;
  const reasons: Readonly<Record<number, string>> = {
    [ENOENT]: `${path} is not there any more`,
    [ESRCH]: `there is no process ${pid} any more`,
    [EINVAL]: `the kernel takes no breakpoint there: is ${path} on a file system without memory mapping?`,
    [ENODEV]: "the CPU it was opened on went off: try again",
  };
  failAttach({
    code: "TSP7033",
    span: probe.span,
    message: `the kernel did not set a breakpoint at 0x${offset.toString(16)} in ${path} (${errnoName(errno)})`,
    hints: reasons[errno] === undefined ? [] : [reasons[errno]],
  });
}
