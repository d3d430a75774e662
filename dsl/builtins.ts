import { defineBuiltin } from "./builtin.js";
import { formatIp } from "./ip-text.js";
import { fakeTask } from "./task.js";
import type { Bytes, KernelStruct, KernelStructName, u32, u64 } from "./types.js";

/**
 * Process id of the current task (tgid; bpf_get_current_pid_tgid). In a handler that runs in an interrupt this is
 * whatever task was interrupted.
 */
export const pid: () => u32 = defineBuiltin({ name: "pid" }, () => fakeTask.pid);

/** Thread id of the current task (bpf_get_current_pid_tgid). */
export const tid: () => u32 = defineBuiltin({ name: "tid" }, () => fakeTask.tid);

/** Name of the current thread, at most 15 characters (bpf_get_current_comm). */
export const comm: () => string = defineBuiltin({ name: "comm" }, () => fakeTask.comm.slice(0, 15));

/** Monotonic time since boot in nanoseconds, without time in suspend (bpf_ktime_get_ns). */
export const ktimeNs: () => u64 = defineBuiltin({ name: "ktimeNs" }, () => fakeTask.ktimeNs);

/**
 * An IP address from its bytes in network order: 4 bytes IPv4, 16 bytes IPv6. In events it arrives as text.
 * @example ip(ctx.saddr)
 */
export const ip: (bytes: Bytes<4> | Bytes<16>) => string = defineBuiltin({ name: "ip" }, (bytes: Bytes<4> | Bytes<16>) => {
  const copy = Uint8Array.from({ length: bytes.length }, (_, i) => bytes[i] as number);
  return formatIp(copy.length === 4 ? 2 : 10, copy);
});

/** Sends a 64-bit value as a double: exact up to 2^53, the nearest double above. */
export const num: (value: bigint) => number = defineBuiltin({ name: "num" }, (value: bigint) => Number(value));

/**
 * Gives an address the type of a kernel struct, so that its fields can be read (CO-RE: bpf_probe_read_kernel with
 * offsets of the running kernel). Memory that cannot be read ends this run of the handler; that is counted and shown.
 * @example kptr("sock", ctx.skaddr).__sk_common.skc_family
 */
export const kptr: <N extends KernelStructName>(struct: N, address: bigint) => KernelStruct<N> = defineBuiltin(
  { name: "kptr" },
  (struct: string, address: bigint) => {
    const found = fakeStructs.get(`${struct}@${address}`);
    if (found === undefined)
      throw new ReferenceError(
        `kptr("${struct}", ${address}): no such struct in this test; give one with kernelMemory() of tsprobe/test`,
      );
    return found as never;
  },
);

/** Structs that tests put at addresses. */
export const fakeStructs: Map<string, object> = new Map();
