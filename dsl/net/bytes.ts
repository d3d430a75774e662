import { fn } from "tsprobe";

/** A 16-bit number from network byte order, as ports in packets and in `skc_dport` have it, or into it. */
export const ntohs = fn((value: number): number => ((value & 0xff) << 8) | ((value >> 8) & 0xff));

/** A 32-bit number from network byte order, or into it. */
export const ntohl = fn(
  (value: number): number =>
    (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | ((value >>> 24) & 0xff)) >>> 0,
);
