import { isIPv4, isIPv6 } from "node:net";

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
 * The family and bytes of an address as `formatIp` writes it; undefined for any other text, other spellings of an address included.
 * @returns 4 or 16 bytes
 */
export function parseIp(text: string): { readonly family: number; readonly bytes: Uint8Array } | undefined {
  const bytes = isIPv4(text) ? parseIpv4(text) : isIPv6(text) && !text.includes("%") ? parseIpv6(text) : undefined;
  if (bytes === undefined) return undefined;
  return { family: bytes.length === 4 ? AF_INET : AF_INET6, bytes };
}

function parseIpv4(text: string): Uint8Array {
  return Uint8Array.from(text.split("."), Number);
}

function parseIpv6(text: string): Uint8Array {
  const dotted = /(?<=:)[0-9.]+\.[0-9.]+$/.exec(text)?.[0];
  const tail = dotted === undefined ? [] : [...parseIpv4(dotted)];
  const groups = (part: string) => part.split(":").filter((group) => group !== "");
  const [before = "", after] = (dotted === undefined ? text : text.slice(0, -dotted.length)).split("::");
  const head = groups(before).flatMap(groupBytes);
  const rest = [...groups(after ?? "").flatMap(groupBytes), ...tail];
  return Uint8Array.from([...head, ...Array.from({ length: 16 - head.length - rest.length }, () => 0), ...rest]);
}

function groupBytes(group: string): number[] {
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 0xff];
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
