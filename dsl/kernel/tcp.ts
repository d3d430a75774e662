import { defineBuiltin } from "../builtin.js";
import { flagNames } from "../flags.js";

/** States of a TCP socket (include/net/tcp_states.h). */
export const TCP_ESTABLISHED = 1;
export const TCP_SYN_SENT = 2;
export const TCP_SYN_RECV = 3;
export const TCP_FIN_WAIT1 = 4;
export const TCP_FIN_WAIT2 = 5;
export const TCP_TIME_WAIT = 6;
export const TCP_CLOSE = 7;
export const TCP_CLOSE_WAIT = 8;
export const TCP_LAST_ACK = 9;
export const TCP_LISTEN = 10;
export const TCP_CLOSING = 11;
export const TCP_NEW_SYN_RECV = 12;
export const TCP_BOUND_INACTIVE = 13;

/** Names of the states without their prefix, as `ss` and BCC's tcpstates show them. */
export type TcpState =
  | "ESTABLISHED"
  | "SYN_SENT"
  | "SYN_RECV"
  | "FIN_WAIT1"
  | "FIN_WAIT2"
  | "TIME_WAIT"
  | "CLOSE"
  | "CLOSE_WAIT"
  | "LAST_ACK"
  | "LISTEN"
  | "CLOSING"
  | "NEW_SYN_RECV"
  | "BOUND_INACTIVE";

const NAMES: ReadonlyMap<number, TcpState> = new Map([
  [TCP_ESTABLISHED, "ESTABLISHED"],
  [TCP_SYN_SENT, "SYN_SENT"],
  [TCP_SYN_RECV, "SYN_RECV"],
  [TCP_FIN_WAIT1, "FIN_WAIT1"],
  [TCP_FIN_WAIT2, "FIN_WAIT2"],
  [TCP_TIME_WAIT, "TIME_WAIT"],
  [TCP_CLOSE, "CLOSE"],
  [TCP_CLOSE_WAIT, "CLOSE_WAIT"],
  [TCP_LAST_ACK, "LAST_ACK"],
  [TCP_LISTEN, "LISTEN"],
  [TCP_CLOSING, "CLOSING"],
  [TCP_NEW_SYN_RECV, "NEW_SYN_RECV"],
  [TCP_BOUND_INACTIVE, "BOUND_INACTIVE"],
]);

/**
 * Name of a TCP state; a number without a name becomes its decimal text. The kernel sends the number, the name is put in place in Node.
 * @example tcpState(ctx.newstate) // "ESTABLISHED"
 */
export const tcpState: (state: number) => TcpState = defineBuiltin(
  { name: "name", names: NAMES },
  (state: number) => NAMES.get(state) ?? (String(state) as TcpState),
);

/** Flags of a TCP header (RFC 9293, RFC 3168; AE of RFC 9768 was NS before), by the names that tcpdump and Wireshark use. */
export const TCP_FLAGS = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128, AE: 256 } as const;

/**
 * Names of the flags of a TCP header.
 * @example tcpFlags(packet.flags) // "SYN|ACK"
 */
export const tcpFlags: (flags: number | bigint) => string = flagNames(TCP_FLAGS);
