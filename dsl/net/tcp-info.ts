import { fn, type KernelStruct } from "tsprobe";
import { tcpSock } from "./sock.js";

/** What a TCP socket knows of its connection: the values of `struct tcp_info`, as `ss -ti` shows them. */
export interface TcpInfo {
  /** TCP_ESTABLISHED …: show it with `tcpState`. */
  readonly state: number;
  /** Smoothed round-trip time and its mean deviation, in microseconds. */
  readonly rttUs: number;
  readonly rttvarUs: number;
  /** Smallest round-trip time of the last minutes, in microseconds; 2^32 - 1 when none was measured. */
  readonly minRttUs: number;
  /** Congestion window and slow-start threshold, in segments. */
  readonly cwnd: number;
  readonly ssthresh: number;
  /** Bytes of a segment. */
  readonly mss: number;
  /** Segments on their way, of these marked lost, and sent again. */
  readonly unacked: number;
  readonly lost: number;
  readonly retrans: number;
  /** Segments sent again since the beginning. */
  readonly totalRetrans: number;
  readonly bytesSent: bigint;
  readonly bytesAcked: bigint;
  readonly bytesReceived: bigint;
}

/**
 * State and measurements of a TCP socket (tcp_get_info, net/ipv4/tcp.c). Only for sockets that are of TCP.
 * @example const { rttUs, cwnd } = tcpInfo(kptr("sock", ctx.skaddr));
 */
export const tcpInfo = fn((sk: KernelStruct<"sock">): TcpInfo => {
  const tp = tcpSock(sk);
  return {
    state: sk.__sk_common.skc_state,
    // The kernel keeps eight times the time, and four times the deviation.
    rttUs: tp.srtt_us >>> 3,
    rttvarUs: tp.mdev_us >>> 2,
    minRttUs: tp.rtt_min.s[0]?.v ?? 0,
    cwnd: tp.snd_cwnd,
    ssthresh: tp.snd_ssthresh,
    mss: tp.mss_cache,
    unacked: tp.packets_out,
    lost: tp.lost_out,
    retrans: tp.retrans_out,
    totalRetrans: tp.total_retrans,
    bytesSent: tp.bytes_sent,
    bytesAcked: tp.bytes_acked,
    bytesReceived: tp.bytes_received,
  };
});
