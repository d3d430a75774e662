import { defineBuiltin } from "./builtin.js";
import { addressesOfStructs, fakeStructs } from "./fake-structs.js";
import { formatIp } from "./ip-text.js";
import { formatMac } from "./mac-text.js";
import type { Bytes, KernelStruct, KernelStructName, u32 } from "./types.js";

/**
 * An IP address from its bytes in network order: 4 bytes IPv4, 16 bytes IPv6; or from the number that the kernel keeps an IPv4
 * address as (__be32: its bytes in memory are in network order). In events it arrives as text.
 * @example ip(ctx.saddr)
 * @example ip(sk.__sk_common.skc_daddr)
 */
export const ip: (address: Bytes<4> | Bytes<16> | u32) => string = defineBuiltin(
  { name: "ip" },
  (address: Bytes<4> | Bytes<16> | u32) => {
    const bytes = typeof address === "number" ? [0, 8, 16, 24].map((shift) => (address >>> shift) & 0xff) : address;
    const copy = Uint8Array.from({ length: bytes.length }, (_, i) => bytes[i] as number);
    return formatIp(copy.length === 4 ? 2 : 10, copy);
  },
);

/**
 * A hardware (MAC) address from its 6 bytes. In events it arrives as text: "00:1b:44:11:3a:b7".
 * @example mac(bytes(dev.dev_addr, 6))
 */
export const mac: (bytes: Bytes<6>) => string = defineBuiltin({ name: "mac" }, (bytes: Bytes<6>) => formatMac(bytes));

/** Sends a 64-bit value as a double: exact up to 2^53, the nearest double above. */
export const num: (value: bigint) => number = defineBuiltin({ name: "num" }, (value: bigint) => Number(value));

/**
 * Gives an address the type of a kernel struct, so that its fields can be read (CO-RE: bpf_probe_read_kernel with
 * offsets of the running kernel). Memory that cannot be read ends this run of the handler; that is counted and shown.
 * @param address a number, or another struct that begins with this one or that this one begins with
 * @example kptr("sock", ctx.skaddr).__sk_common.skc_family
 * @example kptr("tcp_sock", sk).srtt_us
 */
export const kptr: <N extends KernelStructName>(struct: N, address: bigint | object) => KernelStruct<N> = defineBuiltin(
  { name: "kptr" },
  (struct: string, address: bigint | object) => {
    const place = typeof address === "bigint" ? address : addressesOfStructs.get(address);
    const found = fakeStructs.get(`${struct}@${place}`);
    if (found === undefined)
      throw new ReferenceError(
        `kptr("${struct}", ${place}): no such struct in this test; give one with kernelMemory() of tsprobe/test`,
      );
    return found as never;
  },
);
