import type { KernelWording } from "./scenario.js";
import { between, firstSeen, type Moment, type SocketStory, span, type TcpState, type Transition } from "./transition.js";

/** A socket's four-tuple as the kernel holds it. */
export interface Ends {
  readonly laddr: string;
  readonly lport: number | "ephemeral";
  readonly raddr: string;
  readonly rport: number;
}

function step(ends: Ends, from: TcpState, to: TcpState, ms: Transition["ms"], pid?: number): Transition {
  return { from, to, ...ends, ms, ...(pid === undefined ? {} : { pid }) };
}

/** The address a socket has before anyone tells it another. */
export function anyAddress(laddr: string): string {
  return laddr.includes(":") ? "::" : "0.0.0.0";
}

/**
 * connect(): tcp_v4_connect() and tcp_v6_connect() set the destination and the source address, then the state,
 * and only then look for a local port (inet_hash_connect), so the first row has port 0 unless bind() came before.
 * Both happen in the caller's context; the SYN-ACK comes in a softirq of whoever runs.
 */
export function opensActively(ends: Ends, pid: number, connect: Moment, boundBefore = false): Transition[] {
  return [
    step(boundBefore ? ends : { ...ends, lport: 0 }, "CLOSE", "SYN_SENT", firstSeen, pid),
    step(ends, "SYN_SENT", "ESTABLISHED", between(connect, connect)),
  ];
}

/**
 * The listener answers a SYN with a request socket, which has no state changes. The last ACK of the handshake makes the
 * child: inet_csk_clone_lock() copies the listener, LISTEN included, and tcp_rcv_state_process() completes it.
 */
export function opensPassively(ends: Ends, kernel: KernelWording, opened: Moment, listenOn = ends.laddr): Transition[] {
  const listener: Ends = { ...ends, laddr: listenOn, raddr: anyAddress(listenOn), rport: 0 };
  return [
    step(kernel.childRowNamesPeer ? ends : listener, "LISTEN", "SYN_RECV", firstSeen),
    step(ends, "SYN_RECV", "ESTABLISHED", between(opened, opened)),
  ];
}

/** When things happened while one side closed first and the other answered. */
export interface OrderlyClose {
  /** Until when the connection was made, on this side. */
  readonly opened: Moment;
  /** The first side's shutdown(). */
  readonly firstEnd: Moment;
  /** The second side read the end of the stream. */
  readonly secondRead: Moment;
  /** The second side's shutdown(). */
  readonly secondEnd: Moment;
  /** Until when everything had settled. */
  readonly settled: Moment;
}

/**
 * The side that shuts down first. Its FIN is acknowledged at once, by a delayed ACK, or together with the other side's
 * FIN: FIN_WAIT2 is passed in each case (tcp_rcv_state_process looks at the ACK before the FIN). TIME_WAIT is another,
 * smaller socket (tcp_time_wait), and the full socket goes to CLOSE.
 */
export function closesFirst(ends: Ends, pid: number, at: OrderlyClose): [Transition, Transition, Transition] {
  return [
    step(ends, "ESTABLISHED", "FIN_WAIT1", between(at.opened, at.firstEnd), pid),
    step(ends, "FIN_WAIT1", "FIN_WAIT2", between(at.firstEnd, span(at.firstEnd, at.settled))),
    step(ends, "FIN_WAIT2", "CLOSE", between(span(at.firstEnd, at.settled), span(at.secondEnd, at.settled))),
  ];
}

/** The side that answers: the peer's FIN, its own shutdown(), the peer's last ACK. */
export function closesSecond(ends: Ends, pid: number, at: OrderlyClose): [Transition, Transition, Transition] {
  const finArrives = span(at.firstEnd, at.secondRead);
  return [
    step(ends, "ESTABLISHED", "CLOSE_WAIT", between(at.opened, finArrives)),
    step(ends, "CLOSE_WAIT", "LAST_ACK", between(finArrives, at.secondEnd), pid),
    step(ends, "LAST_ACK", "CLOSE", between(at.secondEnd, span(at.secondEnd, at.settled))),
  ];
}

/** listen() after bind(), and close(): both in the caller's context, with the port known in both rows. */
export function listens(laddr: string, port: number, pid: number, listen: Moment, close: Moment): SocketStory {
  const ends: Ends = { laddr, lport: port, raddr: anyAddress(laddr), rport: 0 };
  return {
    who: `listener ${laddr}:${port}`,
    transitions: [step(ends, "CLOSE", "LISTEN", firstSeen, pid), step(ends, "LISTEN", "CLOSE", between(listen, close), pid)],
  };
}

/** One transition of a scenario's own. */
export const transition = step;
