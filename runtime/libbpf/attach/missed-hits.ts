import type { LibbpfApi } from "../api.js";

/** struct bpf_link_info, include/uapi/linux/bpf.h: as far as these kinds of links fill it. */
const INFO_BYTES = 64;
const LINK_TYPE = 0;
const TYPE_PERF_EVENT = 7;
const TYPE_KPROBE_MULTI = 8;
/** `kprobe_multi.missed` and `perf_event.kprobe.missed`, which came with Linux 6.7. */
const MULTI_MISSED = 32;
const PERF_MISSED = 48;
/** Bytes of the struct on kernels that fill them. */
const LEAST_BYTES = 56;

/**
 * Hits of kprobes that the kernel did not call the program for: of returns when it followed as many calls as it can at a time
 * already (nmissed of struct kretprobe), of others inside a run of another kprobe (nmissed of struct kprobe).
 * @returns undefined where the kernel does not count them, before Linux 6.7
 */
export function readMissedHits(api: LibbpfApi, links: readonly bigint[]): bigint | undefined {
  let missed = 0n;
  for (const link of links) {
    const one = readOne(api, api.linkFd(link));
    if (one === undefined) return undefined;
    missed += one;
  }
  return missed;
}

function readOne(api: LibbpfApi, fd: number): bigint | undefined {
  const info = Buffer.alloc(INFO_BYTES); // zero: its pointers and lengths ask for nothing
  const length = Buffer.alloc(4);
  length.writeUInt32LE(INFO_BYTES);
  if (api.objectInfo(fd, info, length) < 0) return undefined;
  const type = info.readUInt32LE(LINK_TYPE);
  const at = type === TYPE_PERF_EVENT ? PERF_MISSED : type === TYPE_KPROBE_MULTI ? MULTI_MISSED : undefined;
  return at === undefined || length.readUInt32LE() < LEAST_BYTES ? undefined : info.readBigUInt64LE(at);
}
