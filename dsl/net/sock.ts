import { exists, fn, ip, type KernelStruct, kptr } from "tsprobe";
import { AF_INET, AF_INET6 } from "tsprobe/kernel";
import { ntohs } from "./bytes.js";

/** The two ends of a socket. */
export interface SockAddrs {
  /** AF_INET, AF_INET6 or another; of sockets that are not of IP the rest is 0. */
  readonly family: number;
  /** As `ss` shows them: an IPv6 socket with an IPv4 peer has ::ffff:127.0.0.1. */
  readonly laddr: string;
  readonly raddr: string;
  /** In host order. */
  readonly lport: number;
  readonly rport: number;
  /** Inode of the network namespace, as `ls -iL /proc/PID/ns/net` shows it. */
  readonly netns: number;
}

/**
 * Addresses and ports of a socket (struct sock_common, include/net/sock.h). Before a socket is connected its far end is 0; a
 * listening one has no far end. The local address is the one that packets are received at (skc_rcv_saddr).
 * @example const { laddr, lport, raddr, rport } = sockAddrs(kptr("sock", ctx.skaddr));
 */
export const sockAddrs = fn((sk: KernelStruct<"sock">): SockAddrs => {
  const common = sk.__sk_common;
  const family = common.skc_family;
  const isIp = family === AF_INET || family === AF_INET6;
  const v4 = family === AF_INET;
  return {
    family,
    laddr:
      family === AF_INET6 && exists(common, "skc_v6_rcv_saddr")
        ? ip(common.skc_v6_rcv_saddr.in6_u.u6_addr8)
        : ip(v4 ? common.skc_rcv_saddr : 0),
    raddr:
      family === AF_INET6 && exists(common, "skc_v6_daddr")
        ? ip(common.skc_v6_daddr.in6_u.u6_addr8)
        : ip(v4 ? common.skc_daddr : 0),
    lport: isIp ? common.skc_num : 0,
    rport: isIp ? ntohs(common.skc_dport) : 0,
    netns: exists(common.skc_net, "net") ? (common.skc_net.net?.ns.inum ?? 0) : 0,
  };
});

/** The part of a socket that all of IP have: struct inet_sock begins with struct sock (include/net/inet_sock.h). */
export const inetSock = fn((sk: KernelStruct<"sock">): KernelStruct<"inet_sock"> => kptr("inet_sock", sk));

/** A TCP socket as a whole: struct tcp_sock begins with struct sock (include/linux/tcp.h). Only for sockets that are of TCP. */
export const tcpSock = fn((sk: KernelStruct<"sock">): KernelStruct<"tcp_sock"> => kptr("tcp_sock", sk));

/** The socket's cookie, as `ss -e` shows it: 0n as long as nobody has asked for one (sock_gen_cookie, net/core/sock_diag.c). */
export const sockCookie = fn((sk: KernelStruct<"sock">): bigint => BigInt.asUintN(64, sk.__sk_common.skc_cookie.counter));
