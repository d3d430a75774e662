import { EFAULT, errnoName } from "../ffi/errno.js";
import { libc, SYSCALLS } from "../ffi/libc.js";
import { addressOf } from "../ffi/memory.js";
import { PROGRAM_TYPES } from "./bpf-calls.js";

/** Numbers of include/uapi/linux/bpf.h. */
const BPF_PROG_LOAD = 5n;
const BPF_RAW_TRACEPOINT_OPEN = 17n;
const BPF_LINK_CREATE = 28n;
const BPF_TRACE_KPROBE_MULTI = 42;
/** Bytes of union bpf_attr that are in use here. */
const ATTR_BYTES = 120;
const LOG_BYTES = 4096;
/** r0 = 0; exit */
const RETURN_ZERO = "b7000000000000009500000000000000";

/** What became of loading. */
export interface Loaded {
  /** 0 when it went well. */
  readonly errno: number;
  /** false when it was loaded, but could not be attached. */
  readonly attached?: false;
  /** The kernel's words. */
  readonly log: string;
}

/**
 * Loads `return 0` for a function of the kernel and drops it.
 * @param id of the function in the kernel's BTF
 * @param attach whether to attach it, for a moment
 */
export function tryTracing(attachType: number, id: number, attach = false): Loaded {
  const log = Buffer.alloc(LOG_BYTES);
  const { fd, errno } = load(PROGRAM_TYPES.tracing, attachType, id, log);
  const refused = fd >= 0 && attach ? attachOnce(fd) : 0;
  if (fd >= 0) libc.close(fd);
  if (refused !== 0) return { errno: refused, attached: false, log: "" };
  const end = log.indexOf(0);
  return { errno: fd >= 0 ? 0 : errno, log: log.toString("latin1", 0, end === -1 ? log.length : end) };
}

/** Attaches a TRACING program to what it was loaded for, and takes it off again; 0, or what the kernel says against it. */
function attachOnce(program: number): number {
  const attributes = Buffer.alloc(ATTR_BYTES);
  attributes.writeUInt32LE(program, 8); // raw_tracepoint.prog_fd; without a name
  const { value, errno } = libc.bpf.withErrno(SYSCALLS.bpf, BPF_RAW_TRACEPOINT_OPEN, attributes, BigInt(attributes.length));
  if (value >= 0n) libc.close(Number(value));
  return value >= 0n ? 0 : errno;
}

/**
 * Asks for a kprobe.multi link on functions whose addresses cannot be read: a kernel that has such links says EFAULT.
 * @returns why there are none
 */
export function tryMultiLink(): string | undefined {
  const { fd, errno } = load(PROGRAM_TYPES.kprobe, BPF_TRACE_KPROBE_MULTI, 0, undefined);
  if (fd < 0) return errnoName(errno);
  const attributes = Buffer.alloc(ATTR_BYTES);
  attributes.writeUInt32LE(fd, 0);
  attributes.writeUInt32LE(BPF_TRACE_KPROBE_MULTI, 8);
  attributes.writeUInt32LE(1, 20); // cnt
  attributes.writeBigUInt64LE(1n, 32); // addrs
  const result = libc.bpf.withErrno(SYSCALLS.bpf, BPF_LINK_CREATE, attributes, BigInt(attributes.length));
  if (result.value >= 0n) libc.close(Number(result.value));
  libc.close(fd);
  return result.value >= 0n || result.errno === EFAULT ? undefined : errnoName(result.errno);
}

function load(type: number, attachType: number, id: number, log: Buffer | undefined): { fd: number; errno: number } {
  const instructions = Buffer.from(RETURN_ZERO, "hex");
  const license = Buffer.from("GPL\0");
  const attributes = Buffer.alloc(ATTR_BYTES);
  attributes.writeUInt32LE(type, 0);
  attributes.writeUInt32LE(instructions.length / 8, 4);
  attributes.writeBigUInt64LE(addressOf(instructions), 8);
  attributes.writeBigUInt64LE(addressOf(license), 16);
  if (log !== undefined) {
    attributes.writeUInt32LE(1, 24); // log_level
    attributes.writeUInt32LE(log.length, 28);
    attributes.writeBigUInt64LE(addressOf(log), 32);
  }
  attributes.writeUInt32LE(attachType, 68); // expected_attach_type
  attributes.writeUInt32LE(id, 108); // attach_btf_id
  const { value, errno } = libc.bpf.withErrno(SYSCALLS.bpf, BPF_PROG_LOAD, attributes, BigInt(attributes.length));
  return { fd: Number(value), errno };
}
