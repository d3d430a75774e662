import { errnoName } from "../ffi/errno.js";
import { libc, SYSCALLS } from "../ffi/libc.js";
import { addressOf } from "../ffi/memory.js";

/** Numbers of include/uapi/linux/bpf.h. */
const BPF_MAP_CREATE = 0n;
const BPF_PROG_LOAD = 5n;
const BPF_MAP_TYPE_RINGBUF = 27;
export const PROGRAM_TYPES = { kprobe: 2, tracepoint: 5, tracing: 26 } as const;
/** BPF_TRACE_FENTRY of enum bpf_attach_type. */
export const ATTACH_FENTRY = 24;
/** Bytes of union bpf_attr that are in use here; the kernel takes shorter ones than its own. */
const ATTR_BYTES = 120;

/** What became of an attempt. */
export type Attempt = { readonly ok: true } | { readonly ok: false; readonly reason: string };

function bpf(command: bigint, attributes: Buffer): Attempt {
  const { value, errno } = libc.bpf.withErrno(SYSCALLS.bpf, command, attributes, BigInt(attributes.length));
  if (value < 0n) return { ok: false, reason: errnoName(errno) };
  libc.close(Number(value));
  return { ok: true };
}

/** Makes a ring buffer of one page and drops it. */
export function tryRingBuffer(): Attempt {
  const attributes = Buffer.alloc(ATTR_BYTES);
  attributes.writeUInt32LE(BPF_MAP_TYPE_RINGBUF, 0);
  attributes.writeUInt32LE(libc.getpagesize(), 12); // max_entries
  return bpf(BPF_MAP_CREATE, attributes);
}

/** Loads the program `return 0` as one of a type, and drops it. For TRACING the BTF id of the function it would attach to. */
export function tryProgram(type: number, attach?: { readonly type: number; readonly btfId: number }): Attempt {
  // r0 = 0; exit
  const instructions = Buffer.from("b7000000000000009500000000000000", "hex");
  const license = Buffer.from("GPL\0");
  const attributes = Buffer.alloc(ATTR_BYTES);
  attributes.writeUInt32LE(type, 0);
  attributes.writeUInt32LE(instructions.length / 8, 4);
  attributes.writeBigUInt64LE(addressOf(instructions), 8);
  attributes.writeBigUInt64LE(addressOf(license), 16);
  attributes.writeUInt32LE(attach?.type ?? 0, 68); // expected_attach_type
  attributes.writeUInt32LE(attach?.btfId ?? 0, 108); // attach_btf_id
  return bpf(BPF_PROG_LOAD, attributes);
}

/** Opens a kprobe event on a kernel function and closes it; nothing runs at it. */
export function tryKprobe(pmuType: number, functionName: string): Attempt {
  const name = Buffer.from(`${functionName}\0`);
  const attributes = Buffer.alloc(112);
  attributes.writeUInt32LE(pmuType, 0);
  attributes.writeUInt32LE(attributes.length, 4);
  attributes.writeBigUInt64LE(addressOf(name), 56); // config1: kprobe_func
  const { value, errno } = libc.perfEventOpen.withErrno(SYSCALLS.perfEventOpen, attributes, -1n, 0n, -1n, 8n);
  if (value < 0n) return { ok: false, reason: errnoName(errno) };
  libc.close(Number(value));
  return { ok: true };
}

/** Soft limit of locked memory in bytes (RLIMIT_MEMLOCK); undefined when there is none. */
export function lockedMemoryLimit(): bigint | undefined {
  const limits = Buffer.alloc(16);
  const RLIMIT_MEMLOCK = 8;
  libc.getrlimit(RLIMIT_MEMLOCK, limits);
  const soft = limits.readBigUInt64LE(0);
  return soft === 2n ** 64n - 1n ? undefined : soft;
}
