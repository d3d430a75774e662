import { libc } from "./libc.js";
import { viewExternal } from "./library.js";

/** Reads `length` bytes at a native address into a new array. */
export function copyFromMemory(address: bigint, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (length > 0) libc.memcpyOut(bytes, address, BigInt(length));
  return bytes;
}

/** Writes bytes to a native address. */
export function copyToMemory(address: bigint, bytes: Uint8Array): void {
  if (bytes.length > 0) libc.memcpyIn(address, bytes, BigInt(bytes.length));
}

/** Reads NUL-terminated UTF-8 text at a native address; "" for the null pointer. */
export function readText(address: bigint): string {
  return address === 0n ? "" : copyFromMemory(address, Number(libc.strlen(address))).toString("utf8");
}

/** Native address of a buffer's first byte. It holds while the buffer is referenced: a Buffer's memory is never moved. */
export function addressOf(bytes: Buffer): bigint {
  return libc.memcpyAddress(bytes, bytes, 0n);
}

/**
 * Native memory as an ArrayBuffer, without a copy: what either side writes the other sees.
 * The caller keeps the memory mapped for as long as the buffer is used, and drops the buffer afterwards.
 * @throws Error on a JavaScript runtime that does not allow it and copies instead, since a copy would never change
 */
export function viewMemory(address: bigint, length: number): ArrayBuffer {
  const view = viewExternal(address, length);
  if (addressOf(view) !== address) throw new Error("this JavaScript runtime cannot map native memory: external buffers are off");
  return view.buffer as ArrayBuffer;
}
