import { readFileSync } from "node:fs";
import { onlineCpus } from "../../../kernel/cpus.js";
import { readKprobeBlacklist } from "../../../kernel/symbols.js";
import { EINVAL, ENOENT, errnoName } from "../../ffi/errno.js";
import { addressOf } from "../../ffi/memory.js";
import type { LibbpfApi } from "../api.js";
import { diagnosePermission } from "../failure.js";
import { captureStderr } from "../stderr.js";
import { type Attached, type AttachInput, attachedBy, failAttach, type ProbeOf } from "./attached.js";
import { attachEvent, isDenied, openEvent } from "./event.js";
import { readMissedHits } from "./missed-hits.js";

type Kprobe = ProbeOf<"kprobe">;

const DEVICE = "/sys/bus/event_source/devices/kprobe";

/**
 * Attaches a program to its functions: with one link (kprobe.multi), or with a perf event each. Neither leaves anything in
 * tracefs, and the kernel removes both with the process at the latest.
 * @throws DiagnosticError with the place of the hook in the script
 */
export function attachKprobe(input: AttachInput, probe: Kprobe): Attached {
  return probe.attach.multi ? attachMulti(input, probe) : attachEach(input, probe);
}

/** Numbers of the kernel's kprobe events: their type, and the bit that says return. */
function readDevice(probe: Kprobe): { readonly type: number; readonly returnBit: bigint } {
  try {
    const bit = /config:(\d+)/.exec(readFileSync(`${DEVICE}/format/retprobe`, "utf8"))?.[1] ?? "0";
    return { type: Number.parseInt(readFileSync(`${DEVICE}/type`, "utf8"), 10), returnBit: 1n << BigInt(bit) };
  } catch {
    return failAttach({
      code: "TSP7012",
      failure: "kernel",
      span: probe.span,
      message: "this kernel has no kprobes, or sysfs is not mounted",
      hints: [`look for ${DEVICE}`, "a kernel has them when it is built with CONFIG_KPROBE_EVENTS"],
    });
  }
}

function attachEach({ api, program }: AttachInput, probe: Kprobe): Attached {
  const { functions, offset, returns } = probe.attach;
  const device = readDevice(probe);
  const cpu = onlineCpus()[0] ?? 0;
  const links: bigint[] = [];
  try {
    for (const [cookie, name] of functions.entries()) {
      const text = Buffer.from(`${name}\0`);
      const opened = openEvent(
        {
          type: device.type,
          config: returns ? device.returnBit : 0n,
          config1: addressOf(text), // kprobe_func
          config2: BigInt(offset), // probe_offset
        },
        -1,
        cpu,
      );
      if ("errno" in opened) return failOpen(probe, opened.errno, name);
      const attached = attachEvent(api, program, opened.fd, BigInt(cookie));
      if ("errno" in attached) return failLink(probe, attached.errno, attached.text);
      links.push(attached.link);
    }
  } catch (error) {
    attachedBy(api, probe, links).detach();
    throw error;
  }
  return counted(api, probe, links);
}

function counted(api: LibbpfApi, probe: Kprobe, links: readonly bigint[]): Attached {
  return { ...attachedBy(api, probe, links), missedHits: () => readMissedHits(api, links) };
}

/** struct bpf_kprobe_multi_opts of libbpf: size, names, addresses, cookies, how many, whether at returns. */
const MULTI_BYTES = 48;

function attachMulti({ api, program }: AttachInput, probe: Kprobe): Attached {
  const { functions, returns } = probe.attach;
  const names = functions.map((name) => Buffer.from(`${name}\0`));
  const pointers = Buffer.alloc(8 * names.length);
  const cookies = Buffer.alloc(8 * names.length);
  names.forEach((name, i) => {
    pointers.writeBigUInt64LE(addressOf(name), i * 8);
    cookies.writeBigUInt64LE(BigInt(i), i * 8);
  });
  const options = Buffer.alloc(MULTI_BYTES);
  options.writeBigUInt64LE(BigInt(MULTI_BYTES), 0);
  options.writeBigUInt64LE(addressOf(pointers), 8);
  options.writeBigUInt64LE(addressOf(cookies), 24);
  options.writeBigUInt64LE(BigInt(names.length), 32);
  options.writeUInt8(Number(returns), 40);
  const { value, text } = captureStderr(() => api.attachKprobeMulti.withErrno(program, 0n, options));
  if (value.value === 0n) return failLink(probe, value.errno, text);
  return counted(api, probe, [value.value]);
}

function failLink(probe: Kprobe, errno: number, text: string): never {
  failAttach({
    code: "TSP7013",
    span: probe.span,
    message: `the kernel did not attach the program to ${probe.title} (${errnoName(errno)})`,
    details: text,
  });
}

/** Why the kernel refuses a kprobe: __register_kprobe, arch_prepare_kprobe, create_local_trace_kprobe. */
function failOpen(probe: Kprobe, errno: number, name: string): never {
  if (isDenied(errno)) {
    const { code: _, ...diagnostic } = diagnosePermission("set kprobes", "");
    failAttach({ ...diagnostic, code: "TSP7014", span: probe.span });
  }
  const { offset } = probe.attach;
  const place = offset === 0 ? name : `${name}+${offset}`;
  failAttach({
    code: "TSP7015",
    span: probe.span,
    message: `the kernel does not set a kprobe at ${place} (${errnoName(errno)})`,
    hints: reasonsFor(errno, name, offset),
  });
}

function reasonsFor(errno: number, name: string, offset: number): readonly string[] {
  if (readKprobeBlacklist().has(name))
    return [`${name} is part of what kprobes themselves need, so the kernel forbids them there`];
  switch (errnoName(errno)) {
    case "EILSEQ":
      return [`no instruction begins at offset ${offset}`];
    case "EADDRNOTAVAIL":
      return [`there are several functions called ${name}, and the kernel does not choose`];
    default:
  }
  if (errno === ENOENT) return [`${name} has no code of its own: it was inlined, or its module is not loaded`];
  if (errno === EINVAL)
    return [
      offset === 0
        ? `${name} is closed to kprobes: probe a function that calls it`
        : `offset ${offset} is outside of the function, or not at the beginning of an instruction`,
    ];
  return [];
}
