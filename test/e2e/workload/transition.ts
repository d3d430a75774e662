/** The names of TCP's states as tracers print them (include/net/tcp_states.h without "TCP_"). */
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
  | "NEW_SYN_RECV";

/** A stretch of time on this process's monotonic clock, in milliseconds. */
export interface Moment {
  readonly began: number;
  readonly ended: number;
}

/** One row that a tracer of sock:inet_sock_set_state must show. */
export interface Transition {
  readonly from: TcpState;
  readonly to: TcpState;
  readonly laddr: string;
  /** "ephemeral": the kernel chose it and the script cannot learn which (a connect that failed). */
  readonly lport: number | "ephemeral";
  readonly raddr: string;
  readonly rport: number;
  /** The process in whose context the change happens; absent where that is whoever happened to run the softirq. */
  readonly pid?: number;
  /** Bounds in milliseconds of the time spent in `from`, by the script's own clock. */
  readonly ms: { readonly min: number; readonly max: number };
}

/** The whole life of one socket in order. */
export interface SocketStory {
  /** For messages: "client", "server child 17". */
  readonly who: string;
  readonly transitions: readonly Transition[];
}

/** From the beginning of one moment to the end of another. */
export function span(from: Moment, to: Moment): Moment {
  return { began: from.began, ended: to.ended };
}

/**
 * How long a state can have lasted that was entered at some time within `entered` and left at some time within `left`.
 */
export function between(entered: Moment, left: Moment): Transition["ms"] {
  return { min: Math.max(0, left.began - entered.ended), max: left.ended - entered.began };
}

/** A socket's first transition: tracers have no earlier one to count from and show 0. */
export const firstSeen: Transition["ms"] = { min: 0, max: 0 };
