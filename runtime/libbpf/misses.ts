import type { LibbpfApi } from "./api.js";

/** struct bpf_prog_info, include/uapi/linux/bpf.h: read as far as recursion_misses, which came with 5.12. */
const INFO_BYTES = 216;
const RECURSION_MISSES = 208;

/**
 * How often the kernel skipped a program since it was loaded, because it (or, for tracepoints, any program) was already
 * running on that CPU. Zero on kernels that do not count it.
 */
export function readMissedRuns(api: LibbpfApi, programFd: number): bigint {
  const info = Buffer.alloc(INFO_BYTES); // zero: its pointers and lengths ask for nothing
  const length = Buffer.alloc(4);
  length.writeUInt32LE(INFO_BYTES);
  const result = api.objectInfo(programFd, info, length);
  return result < 0 || length.readUInt32LE() < INFO_BYTES ? 0n : info.readBigUInt64LE(RECURSION_MISSES);
}
