import { EACCES, EOPNOTSUPP, EPERM } from "../../ffi/errno.js";
import { libc, SYSCALLS } from "../../ffi/libc.js";
import type { LibbpfApi } from "../api.js";
import { captureStderr } from "../stderr.js";

/** Offsets in struct perf_event_attr and its flags (include/uapi/linux/perf_event.h). */
const ATTR_BYTES = 112;
const FLAG_DISABLED = 1n << 0n;
const FLAG_FREQUENCY = 1n << 10n;
const FD_CLOEXEC = 8n;

/** What perf_event_open is asked for. */
export interface EventAttributes {
  readonly type: number;
  readonly config: bigint;
  /** Meaning depends on the type: of uprobes, the address of the path. */
  readonly config1?: bigint;
  /** Of uprobes, the offset in the file. */
  readonly config2?: bigint;
  readonly samplePeriod?: bigint;
  /** Instead of a period: samples a second. */
  readonly frequency?: bigint;
  readonly sampleType?: bigint;
}

/**
 * Opens a perf event that does not count yet: attaching a program enables it.
 * @param pid -1: of every process
 * @param cpu -1: on every CPU, of one process only
 */
export function openEvent(
  attributes: EventAttributes,
  pid: number,
  cpu: number,
): { readonly fd: number } | { readonly errno: number } {
  const bytes = Buffer.alloc(ATTR_BYTES);
  bytes.writeUInt32LE(attributes.type, 0);
  bytes.writeUInt32LE(ATTR_BYTES, 4);
  bytes.writeBigUInt64LE(attributes.config, 8);
  bytes.writeBigUInt64LE(attributes.frequency ?? attributes.samplePeriod ?? 1n, 16);
  bytes.writeBigUInt64LE(attributes.sampleType ?? 0n, 24);
  bytes.writeBigUInt64LE(FLAG_DISABLED | (attributes.frequency === undefined ? 0n : FLAG_FREQUENCY), 40);
  bytes.writeBigUInt64LE(attributes.config1 ?? 0n, 56);
  bytes.writeBigUInt64LE(attributes.config2 ?? 0n, 64);
  const { value, errno } = libc.perfEventOpen.withErrno(SYSCALLS.perfEventOpen, bytes, BigInt(pid), BigInt(cpu), -1n, FD_CLOEXEC);
  return value >= 0n ? { fd: Number(value) } : { errno };
}

export function isDenied(errno: number): boolean {
  return errno === EPERM || errno === EACCES;
}

/** struct bpf_perf_event_opts of libbpf: size, cookie, force_ioctl_attach. */
const OPTIONS_BYTES = 24;

/**
 * Attaches a program to an event, which then counts, and closes the event if that fails.
 * @param cookie what bpf_get_attach_cookie gives there. Before Linux 5.15 a program has no cookies, nor a way to ask for one (so it
 * would not have loaded): then they do not matter.
 */
export function attachEvent(
  api: LibbpfApi,
  program: bigint,
  fd: number,
  cookie: bigint,
): { readonly link: bigint } | { readonly errno: number; readonly text: string } {
  const plain = () => captureStderr(() => api.attachPerfEvent.withErrno(program, fd));
  const withCookie = () => {
    const options = Buffer.alloc(OPTIONS_BYTES);
    options.writeBigUInt64LE(BigInt(OPTIONS_BYTES), 0);
    options.writeBigUInt64LE(cookie, 8);
    return captureStderr(() => api.attachPerfEventOptions.withErrno(program, fd, options));
  };
  let result = cookie === 0n ? plain() : withCookie();
  if (result.value.value === 0n && cookie !== 0n && result.value.errno === EOPNOTSUPP) result = plain();
  if (result.value.value !== 0n) return { link: result.value.value };
  libc.close(fd);
  return { errno: result.value.errno, text: result.text };
}
