import { parseIp as parseAnyIp } from "./ip-parse.js";

/** Address families as the kernel numbers them (include/linux/socket.h). */
const AF_INET = 2;
const AF_INET6 = 10;

/**
 * An address as text: IPv4 in dotted form, IPv6 in the canonical form of RFC 5952, IPv4-mapped IPv6 as `::ffff:1.2.3.4`.
 * Family 0 (no address) is "", any other family is named rather than guessed at.
 * @param family 2 (AF_INET) or 10 (AF_INET6)
 * @param bytes holds the address in network order, 4 or 16 bytes
 * @param offset where in `bytes` it starts
 */
export function formatIp(family: number, bytes: ArrayLike<number>, offset = 0): string {
  if (family === AF_INET) return formatIpv4(bytes, offset);
  if (family === AF_INET6) return formatIpv6(bytes, offset);
  return family === 0 ? "" : `family ${family}`;
}

/**
 * The family and bytes of an address, in any spelling; undefined for any other text.
 * @returns 4 or 16 bytes
 */
export function parseIp(text: string): { readonly family: number; readonly bytes: Uint8Array } | undefined {
  const found = parseAnyIp(text);
  return found?.family === AF_INET ? { family: AF_INET, bytes: found.bytes.slice(12) } : found;
}

function formatIpv4(bytes: ArrayLike<number>, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

function formatIpv6(bytes: ArrayLike<number>, at: number): string {
  if (isMapped(bytes, at)) return `::ffff:${formatIpv4(bytes, at + 12)}`;
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[at + 2 * i] as number) << 8) | (bytes[at + 2 * i + 1] as number));
  const { start, length } = longestZeroRun(groups);
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  return length < 2 ? text(0, 8) : `${text(0, start)}::${text(start + length, 8)}`;
}

/** ::ffff:0:0/96, what an IPv6 socket shows for an IPv4 peer. */
function isMapped(bytes: ArrayLike<number>, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
}

/** The first of the longest runs of zero groups; RFC 5952 (4.2.2, 4.2.3) shortens it if it has two or more. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
    if (end > start) start = end;
  }
  return best;
}
