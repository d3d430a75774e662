import { parseIp } from "./ip-parse.js";
import { formatIp } from "./ip-text.js";

/** Most networks in one set: handlers look at each in turn. */
export const MOST_NETWORKS = 64;

/** A network, or one address. */
export interface Network {
  /** 2 (AF_INET) or 10 (AF_INET6). */
  readonly family: 2 | 10;
  /** Bits that count, of 128: an IPv4 network stands as its mapped form, 96 bits further. */
  readonly prefix: number;
  /** 16 bytes; those of an IPv4 network in the mapped form, ::ffff:10.0.0.0. */
  readonly bytes: Uint8Array;
}

/** A set of networks given on the command line. In the kernel it is a table in .rodata. */
export interface CidrSet {
  /** How many networks are in it; 0 when the flag was not given. */
  readonly size: number;
  /**
   * Whether an address is in one of them. An IPv4 network also has the IPv6 addresses that stand for its own (::ffff:10.0.0.1), as
   * sockets that take both kinds show them.
   * @param address as `ip` gives it
   */
  has(address: string): boolean;
  /**
   * The smallest network that has an address, as its place in `networks()`; -1 when none has it.
   * @param address as `ip` gives it
   */
  find(address: string): number;
  /** Those with the longest prefix first. */
  networks(): readonly Network[];
}

/** "10.0.0.0/8", "::1": undefined for what is neither. Bits behind the prefix are ignored. */
export function parseNetwork(text: string): Network | undefined {
  const [address, length, more] = text.split("/");
  const parsed = parseIp(address ?? "");
  if (parsed === undefined || more !== undefined) return undefined;
  const bits = parsed.family === 2 ? 32 : 128;
  const given = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (!(given <= bits)) return undefined;
  const prefix = given + 128 - bits;
  const bytes = parsed.bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * i))));
  // A network of mapped addresses is one of IPv4 addresses.
  const family = parsed.family === 10 && prefix >= 96 && isMapped(parsed.bytes) ? 2 : parsed.family;
  return Object.freeze({ family, prefix, bytes });
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.every((byte, i) => i >= 12 || byte === (i < 10 ? 0 : 0xff));
}

/** A set from its networks. */
export function cidrSet(networks: readonly Network[]): CidrSet {
  const list = Object.freeze([...networks].sort((a, b) => b.prefix - a.prefix));
  const find = (address: string) => findNetwork(list, address);
  return Object.freeze({ size: list.length, has: (address: string) => find(address) >= 0, find, networks: () => list });
}

/** A network as it is written: "10.0.0.0/8", "fe80::/10", and a single address without its prefix. */
export function networkText({ family, prefix, bytes }: Network): string {
  const [address, bits, all] = family === 2 ? [bytes.subarray(12), prefix - 96, 32] : [bytes, prefix, 128];
  return formatIp(family, address) + (bits === all ? "" : `/${bits}`);
}

function findNetwork(networks: readonly Network[], text: string): number {
  const address = parseIp(text);
  if (address === undefined) return -1;
  return networks.findIndex(
    ({ family, prefix, bytes }) =>
      (family === 2 || address.family === 10) &&
      bytes.every(
        (byte, i) => byte === ((address.bytes[i] as number) & (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * i))) & 0xff),
      ),
  );
}
