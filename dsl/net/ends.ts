import { exists, fn, ip, type KernelStruct } from "tsprobe";
import { AF_INET6 } from "tsprobe/kernel";
import { ntohs } from "./bytes.js";
import { inetSock } from "./sock.js";

// Each by itself, for filters that look at one thing; `sockAddrs` reads all at once.

/** The local address of an IP socket: the one that packets are received at. */
export const localAddr = fn((sk: KernelStruct<"sock">): string => {
  const common = sk.__sk_common;
  return common.skc_family === AF_INET6 && exists(common, "skc_v6_rcv_saddr")
    ? ip(common.skc_v6_rcv_saddr.in6_u.u6_addr8)
    : ip(common.skc_rcv_saddr);
});

/** The address of an IP socket's peer. */
export const remoteAddr = fn((sk: KernelStruct<"sock">): string => {
  const common = sk.__sk_common;
  return common.skc_family === AF_INET6 && exists(common, "skc_v6_daddr")
    ? ip(common.skc_v6_daddr.in6_u.u6_addr8)
    : ip(common.skc_daddr);
});

/**
 * The local port of a connected socket, in host order. It stays while the socket closes, when `sockAddrs(sk).lport` is 0 already
 * (inet_put_port, net/ipv4/inet_hashtables.c); it is 0 as long as none is chosen.
 */
export const localPort = fn((sk: KernelStruct<"sock">): number => ntohs(inetSock(sk).inet_sport));

/** The peer's port, in host order. */
export const remotePort = fn((sk: KernelStruct<"sock">): number => ntohs(sk.__sk_common.skc_dport));

/** Inode of the socket's network namespace. */
export const sockNetns = fn((sk: KernelStruct<"sock">): number => {
  const net = sk.__sk_common.skc_net;
  return exists(net, "net") ? (net.net?.ns.inum ?? 0) : 0;
});

/**
 * Whether a connection is one over IPv6. A socket of IPv6 whose peer is ::ffff:1.2.3.4 sends and receives packets of IPv4
 * (ipv6_addr_v4mapped, include/net/ipv6.h).
 */
export const isOverIpv6 = fn((sk: KernelStruct<"sock">): boolean => {
  const common = sk.__sk_common;
  if (common.skc_family !== AF_INET6 || !exists(common, "skc_v6_daddr")) return false;
  const part = common.skc_v6_daddr.in6_u.u6_addr8;
  for (let i = 0; i < 10; i++) if (part[i] !== 0) return true;
  return part[10] !== 0xff || part[11] !== 0xff;
});
