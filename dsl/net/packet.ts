import { fn, ip, type KernelStruct, kptr, kread } from "tsprobe";
import { AF_INET, AF_INET6, IPPROTO_DCCP, IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE } from "tsprobe/kernel";
import { ntohl, ntohs } from "./bytes.js";

/** What the headers of an IP packet say. */
export interface PacketHeaders {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  readonly saddr: string;
  readonly daddr: string;
  /** IPPROTO_TCP, IPPROTO_UDP …: the one after all extension headers. */
  readonly protocol: number;
  /** Time to live, or hop limit. */
  readonly ttl: number;
  /** Whether it is a fragment that is not the first: what follows is not in it, and 0. */
  readonly laterFragment: boolean;
  /** In host order; 0 for protocols without ports. */
  readonly sport: number;
  readonly dport: number;
  /** TCP only, otherwise 0. Flags: show them with `tcpFlags`. */
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  /** Bytes behind the headers, by what the headers say. Of a packet that the kernel has put together from several, or will cut: of the whole, 0 when it is too long for its header. */
  readonly payload: number;
}

/** Ethernet's numbers of IPv4 and IPv6 as `skb.protocol` holds them: in network order. */
const ETH_P_IP = 0x0008;
const ETH_P_IPV6 = 0xdd86;
/** What a header's place is before it is known (skb_network_header_was_set, include/linux/skbuff.h). */
const NOT_SET = 0xffff;

/** IPv6's extension headers (RFC 8200, RFC 4302). */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;

/** Bytes of the transport header; 0 for one that is not known. */
const transportLength = fn((protocol: number, at: bigint): number => {
  if (protocol === IPPROTO_TCP) return (kread("u8", at + 12n) >> 4) * 4;
  return protocol === IPPROTO_UDP || protocol === IPPROTO_UDPLITE ? 8 : 0;
});

const hasPorts = fn(
  (protocol: number): boolean =>
    protocol === IPPROTO_TCP ||
    protocol === IPPROTO_UDP ||
    protocol === IPPROTO_SCTP ||
    protocol === IPPROTO_UDPLITE ||
    protocol === IPPROTO_DCCP,
);

/** The transport header at `at`; `length`: bytes from there to the end of the packet. */
const transport = fn((protocol: number, at: bigint, length: number) => {
  const ports = hasPorts(protocol);
  const tcp = protocol === IPPROTO_TCP;
  return {
    sport: ports ? ntohs(kread("u16", at)) : 0,
    dport: ports ? ntohs(kread("u16", at + 2n)) : 0,
    seq: tcp ? ntohl(kread("u32", at + 4n)) : 0,
    ack: tcp ? ntohl(kread("u32", at + 8n)) : 0,
    // The ninth flag, AE, is the last bit of the byte before.
    flags: tcp ? ntohs(kread("u16", at + 12n)) & 0x1ff : 0,
    window: tcp ? ntohs(kread("u16", at + 14n)) : 0,
    payload: Math.max(0, length - transportLength(protocol, at)),
  };
});

const ipv4Headers = fn((at: bigint): PacketHeaders => {
  const header = (kread("u8", at) & 0xf) * 4;
  const protocol = kread("u8", at + 9n);
  const laterFragment = (ntohs(kread("u16", at + 6n)) & 0x1fff) !== 0;
  const rest = ntohs(kread("u16", at + 2n)) - header;
  const { sport, dport, seq, ack, flags, window, payload } = transport(laterFragment ? 255 : protocol, at + BigInt(header), rest);
  return {
    family: AF_INET,
    saddr: ip(kread("u32", at + 12n)),
    daddr: ip(kread("u32", at + 16n)),
    protocol,
    ttl: kread("u8", at + 8n),
    laterFragment,
    sport,
    dport,
    seq,
    ack,
    flags,
    window,
    payload,
  };
});

const ipv6Headers = fn((at: bigint): PacketHeaders => {
  const { saddr, daddr } = kptr("ipv6hdr", at);
  let protocol = kread("u8", at + 6n);
  let skipped = 0;
  let laterFragment = false;
  for (let i = 0; i < 6; i++) {
    const here = at + 40n + BigInt(skipped);
    if (protocol === HOP_BY_HOP || protocol === ROUTING || protocol === DESTINATION) {
      skipped += (kread("u8", here + 1n) + 1) * 8;
    } else if (protocol === FRAGMENT) {
      laterFragment = (ntohs(kread("u16", here + 2n)) & 0xfff8) !== 0;
      skipped += 8;
    } else if (protocol === AUTHENTICATION) {
      skipped += (kread("u8", here + 1n) + 2) * 4;
    } else break;
    protocol = kread("u8", here);
    if (laterFragment) break;
  }
  const rest = ntohs(kread("u16", at + 4n)) - skipped;
  const upper = at + 40n + BigInt(skipped);
  const { sport, dport, seq, ack, flags, window, payload } = transport(laterFragment ? 255 : protocol, upper, rest);
  return {
    family: AF_INET6,
    saddr: ip(saddr.in6_u.u6_addr8),
    daddr: ip(daddr.in6_u.u6_addr8),
    protocol,
    ttl: kread("u8", at + 7n),
    laterFragment,
    sport,
    dport,
    seq,
    ack,
    flags,
    window,
    payload,
  };
});

/**
 * The IP and transport headers of a packet (struct sk_buff, include/linux/skbuff.h).
 * @returns undefined when it is no IP packet, or the place of its IP header is not known yet: on its way out that is set in the
 *   IP layer, on its way in by the driver
 * @example
 * const packet = skbHeaders(kptr("sk_buff", ctx.skbaddr));
 * if (packet === undefined) return;
 */
export const skbHeaders = fn((skb: KernelStruct<"sk_buff">): PacketHeaders | undefined => {
  const protocol = skb.protocol;
  const place = skb.network_header;
  if (place === NOT_SET || (protocol !== ETH_P_IP && protocol !== ETH_P_IPV6 && protocol !== 0)) return;
  const at = skb.head + BigInt(place);
  const version = kread("u8", at) >> 4;
  if (version === 4 && protocol !== ETH_P_IPV6) return ipv4Headers(at);
  if (version === 6 && protocol !== ETH_P_IP) return ipv6Headers(at);
  return;
});
