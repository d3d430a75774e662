import { defineBuiltin } from "./builtin.js";
import { fakeKernelMemory, fakeUserMemory } from "./memory.js";
import { cutText } from "./shape.js";
import type { Bytes } from "./types.js";

/** Bytes of a text when no size is given, with its NUL. */
export const DEFAULT_TEXT_BYTES = 64;
/** The longest text or array of bytes that can be read: PATH_MAX (include/uapi/linux/limits.h), a page. */
export const MOST_BYTES = 4096;

function inKernel<T>(call: string, address: bigint, found: T | undefined): T {
  if (found === undefined)
    throw new ReferenceError(`${call}: no memory at ${address} in this test; give it with putKernelMemory() of tsprobe/test`);
  return found;
}

/**
 * The text at a kernel address, up to its NUL (bpf_probe_read_kernel_str). Memory that cannot be read ends this run of the handler;
 * that is counted and shown. Bytes that are not UTF-8 arrive as U+FFFD.
 * @param size bytes of the longest text with its NUL, a constant from 2 to 4096 (default 64): a longer text is cut
 * @example str(dentry.d_name.name, 256)
 */
export const str: {
  (address: bigint, size?: number): string;
  /** A text of variable length that a tracepoint carries, cut at `size` instead of at 64 bytes. @example str(ctx.filename, 4096) */
  (text: string, size: number): string;
} = defineBuiltin({ name: "str" }, (from: bigint | string, size = DEFAULT_TEXT_BYTES): string =>
  typeof from === "string" ? cutText(from, size - 1) : inKernel("str()", from, fakeKernelMemory.readText(from, size)),
);

/**
 * The text at an address of the current process, up to its NUL (bpf_probe_read_user_str). Undefined when it cannot be read: the address is
 * wrong, or its page is not in memory, which handlers cannot wait for.
 * @param size bytes of the longest text with its NUL, a constant from 2 to 4096 (default 64): a longer text is cut
 * @example userStr(ctx.filename, 256) ?? "?"
 */
export const userStr: (address: bigint, size?: number) => string | undefined = defineBuiltin(
  { name: "userStr" },
  (address: bigint, size = DEFAULT_TEXT_BYTES) => fakeUserMemory.readText(address, size),
);

/**
 * Bytes at a kernel address (bpf_probe_read_kernel); a Uint8Array in events. Memory that cannot be read ends this run of the
 * handler; that is counted and shown.
 * @param size a constant from 1 to 4096
 * @example mac(bytes(dev.dev_addr, 6))
 */
export const bytes: <const N extends number>(address: bigint, size: N) => Bytes<N> = defineBuiltin(
  { name: "bytes" },
  (address: bigint, size: number) => inKernel("bytes()", address, fakeKernelMemory.read(address, size)) as never,
);

/**
 * Bytes at an address of the current process (bpf_probe_read_user); a Uint8Array in events. Undefined when they cannot be read.
 * @param size a constant from 1 to 4096
 * @example userBytes(ctx.buf, 16)
 */
export const userBytes: <const N extends number>(address: bigint, size: N) => Bytes<N> | undefined = defineBuiltin(
  { name: "userBytes" },
  (address: bigint, size: number) => fakeUserMemory.read(address, size) as never,
);
