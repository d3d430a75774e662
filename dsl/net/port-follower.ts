import { TCP_CLOSE, TCP_CLOSING, TCP_FIN_WAIT2, TCP_LISTEN, TCP_SYN_RECV, TCP_SYN_SENT, TCP_TIME_WAIT } from "tsprobe/kernel";
import { inodeOf, networkNamespaces } from "./namespaces.js";
import { type LocalPortRange, localPortRange } from "./port-range.js";
import type { PortWarning } from "./port-space.js";
import { PortUse, type SocketEnds } from "./port-use.js";
import { socketOwners, type TcpSocket, tcpSockets } from "./tcp-sockets.js";

/** What a handler can tell of a socket: `what` of a `PortChange`. */
export const PORT_CHANGE = {
  /** It goes from one state to another. */
  moved: 0,
  /** The kernel has chosen its port. */
  chosen: 1,
  /** A small socket has begun to wait in its place (TIME_WAIT, or FIN_WAIT2 that nobody has open), or goes from the one to the other. */
  waits: 2,
  /** That one is over. */
  waited: 3,
  /** The other end, on this host too, sends its FIN: the ends are those of the sender. */
  peerEnds: 4,
} as const;

/** How a socket moved: bits of `how` of a `PortChange`. */
export const PORT_MOVE = {
  /** With an error (sk_err), or without waiting for the peer (TCP_LINGER2). */
  failed: 1,
  /** After the peer's FIN (SOCK_DONE). */
  finCame: 2,
} as const;

interface Told extends SocketEnds {
  /** Nanoseconds since boot, as `ktimeNs` gives them. */
  readonly at: bigint;
  /** Address of the socket. */
  readonly sk: bigint;
}

/** connect() begins (CLOSE to SYN_SENT); `lport` is 0 unless the socket was bound. */
export interface PortConnect extends Told {
  /** inet_sport: the port of an earlier connection of the socket, or 0. */
  readonly before: number;
  readonly pid: number;
  readonly comm: string;
}

export interface PortChange extends Told {
  readonly what: number;
  readonly from: number;
  readonly to: number;
  readonly how: number;
}

export interface PortFollowerOptions {
  /** Only this network namespace, by inode number. */
  readonly netns?: number | undefined;
  /** Whether to look for the owners of sockets that exist already. */
  readonly owners?: boolean;
  readonly warnAt?: readonly number[];
  readonly warnOfDestinations?: boolean;
  readonly onWarning?: (warning: PortWarning) => void;
  /** Called with the range of a namespace once it is known, and when it has changed: from then on handlers can leave out what is outside. */
  readonly onRange?: (netns: number, range: LocalPortRange) => void;
}

/** How long the kernel keeps TIME_WAIT (TCP_TIMEWAIT_LEN), and by how much its timer rounds up on the average (kernel/time/timer.c; up to 4 s). */
const TIME_WAIT_MS = 60_000;
const ROUNDED_MS = 2_000;
/** Where the end is told: beyond every delay of the timer, in case that event is lost. */
const SURELY_OVER_MS = 75_000;

/**
 * Keeps an account of local ports from events of sockets: reads what exists once, then follows. It knows how TCP takes and releases
 * ports; where handlers cannot tell of small time-wait sockets it infers them.
 * @example
 * const follower = new PortFollower({ onRange: (netns, { low, high }) => ranges.set(netns, { low, high }) });
 * changes.on((e) => follower.change(e));
 * onStart(() => follower.start());
 */
export class PortFollower {
  readonly use: PortUse;
  readonly #options: PortFollowerOptions;
  readonly #paths = new Map<number, string>();
  /** Sockets that connect; `before` of those that look for a port. */
  readonly #portless = new Map<bigint, { readonly owner: string; readonly before: number | undefined }>();
  /** Whole sockets whose peer on this host has sent its FIN. */
  readonly #finSent = new Set<string>();
  /** When a namespace was read: what happened before is in there already. */
  readonly #readAt = new Map<number, bigint>();
  /** Handlers tell of time-wait sockets. */
  #told = false;
  #lost = 0;
  #turns = 0;

  constructor(options: PortFollowerOptions = {}) {
    this.#options = options;
    this.use = new PortUse({ ...options, rangeOf: (netns) => this.#rangeOf(netns) });
  }

  /** Reads what exists, in each namespace that can be reached. Once the probes are attached. */
  start(): void {
    this.#portless.clear();
    const { netns } = this.#options;
    for (const [found, path] of networkNamespaces()) {
      this.#paths.set(found, path);
      if (netns === undefined || netns === found) this.#seed(found, path);
    }
  }

  /** Events were lost: the next `refresh` reads anew. */
  lose(count: number): void {
    this.#lost += count;
  }

  /**
   * To be called before a reading: notices changes of ranges, drops namespaces that are gone, and reads anew after losses.
   * @returns how many events had been lost
   */
  refresh(): number {
    // Entering another namespace takes a process of its own: not at each turn.
    const all = this.#turns++ % FOREIGN_TURNS === 0;
    for (const netns of [...this.use.namespaces]) {
      const path = this.#paths.get(netns);
      const own = path === OWN;
      if (path === undefined || !(own || all)) continue;
      const range = inodeOf(path) === netns ? this.#tryRange(path) : undefined;
      if (range === undefined) this.#lookAgain(netns);
      else if (!sameRange(range, this.use.space(netns).range)) {
        this.use.forget(netns);
        this.#seed(netns, path);
      }
    }
    const lost = this.#lost;
    this.#lost = 0;
    if (lost > 0) this.start();
    return lost;
  }

  connect(e: PortConnect): void {
    const owner = `${e.comm} ${e.pid}`;
    // A socket that has a port does not look for one.
    this.#portless.set(e.sk, { owner, before: e.lport === 0 ? e.before : undefined });
    if (e.lport !== 0 && !this.#isOld(e)) this.use.put({ ...e, state: TCP_SYN_SENT, owner }, Number(e.at) / 1e6);
  }

  change(e: PortChange): void {
    const now = Number(e.at) / 1e6;
    const answered = e.what === PORT_CHANGE.moved && e.from === TCP_SYN_SENT;
    const opened = answered || e.what === PORT_CHANGE.chosen ? this.#portless.get(e.sk) : undefined;
    if (answered) {
      this.#portless.delete(e.sk);
      // No port since, and no error of the network: the search found nothing. A port from an earlier connection of the socket does not count.
      if (
        e.to === TCP_CLOSE &&
        opened?.before === e.lport &&
        (e.how & PORT_MOVE.failed) === 0 &&
        this.use.find(e) === undefined
      ) {
        this.use.space(e.netns).fail(opened.owner);
        return;
      }
    }
    if (this.#isOld(e)) return;
    // close() of a socket that had ended before (tcp_close): what ends it still shows may be another's by now.
    if (e.what === PORT_CHANGE.moved && e.from === TCP_CLOSE && e.to === TCP_CLOSE) return;
    this.use.expire(now);
    if (e.what === PORT_CHANGE.waits) {
      this.#told = true;
      this.use.put({ ...e, state: e.to, until: now + SURELY_OVER_MS }, now);
    } else if (e.what === PORT_CHANGE.waited) {
      if (this.use.find(e)?.until !== undefined) this.use.remove(e, now);
    } else if (e.what === PORT_CHANGE.peerEnds) this.#peerEnds(e, now);
    else if (e.to === TCP_CLOSE) this.#close(e, now);
    else this.use.put({ ...e, state: e.to, owner: opened?.owner, accepted: e.from === TCP_SYN_RECV }, now);
  }

  /** From FIN_WAIT2 and CLOSING a small socket takes the whole one's place and keeps the port (tcp_time_wait). */
  #close(e: PortChange, now: number): void {
    const finCame = this.#finSent.delete(keyOf(e)) || (e.how & PORT_MOVE.finCame) !== 0 || e.from === TCP_CLOSING;
    if (this.#told) {
      if (this.use.find(e)?.until === undefined) this.use.remove(e, now);
    } else if ((e.from === TCP_FIN_WAIT2 || e.from === TCP_CLOSING) && (e.how & PORT_MOVE.failed) === 0)
      this.use.put({ ...e, state: finCame ? TCP_TIME_WAIT : TCP_FIN_WAIT2, until: now + TIME_WAIT_MS + ROUNDED_MS }, now);
    else this.use.remove(e, now);
  }

  #peerEnds({ netns, laddr, lport, raddr, rport }: SocketEnds, now: number): void {
    if (this.#told) return;
    const ours = formsOf({ netns, laddr: raddr, lport: rport, raddr: laddr, rport: lport });
    for (const ends of ours) {
      const found = this.use.find(ends);
      if (found === undefined) continue;
      if (found.until === undefined) this.#finSent.add(keyOf(ends));
      else if (found.state === TCP_FIN_WAIT2)
        this.use.put({ ...ends, state: TCP_TIME_WAIT, until: now + TIME_WAIT_MS + ROUNDED_MS }, now);
    }
  }

  #isOld({ netns, at }: Told): boolean {
    return at < (this.#readAt.get(netns) ?? 0n);
  }

  #seed(netns: number, path: string): void {
    // Events since this moment come later than what is read now, and are put on top.
    const at = process.hrtime.bigint();
    let sockets: TcpSocket[];
    try {
      sockets = tcpSockets(path);
    } catch {
      return; // the process that it was found by has ended
    }
    const listening = new Set(sockets.filter(({ state }) => state === TCP_LISTEN).map(({ lport }) => lport));
    const owners = this.#options.owners === true ? socketOwners() : undefined;
    const now = Number(at) / 1e6;
    const holders = sockets.map((socket) => {
      const owner = owners?.get(socket.inode);
      return {
        ...socket,
        netns,
        accepted: listening.has(socket.lport),
        owner: owner === undefined ? undefined : `${owner.comm} ${owner.pid}`,
        until: socket.endsInMs === undefined ? undefined : now + socket.endsInMs + ROUNDED_MS,
      };
    });
    this.use.replace(netns, holders, now);
    this.#readAt.set(netns, at);
  }

  #rangeOf(netns: number): LocalPortRange {
    if (!this.#paths.has(netns)) for (const [found, path] of networkNamespaces()) this.#paths.set(found, path);
    const path = this.#paths.get(netns);
    const range = path === undefined ? undefined : this.#tryRange(path);
    if (range === undefined) return UNKNOWN;
    this.#options.onRange?.(netns, range);
    return range;
  }

  #tryRange(path: string): LocalPortRange | undefined {
    try {
      return localPortRange(path);
    } catch {
      return undefined;
    }
  }

  /** The process by which a namespace was found has ended; another may be in it. */
  #lookAgain(netns: number): void {
    const path = networkNamespaces().get(netns);
    if (path === undefined) {
      this.#paths.delete(netns);
      this.use.forget(netns);
    } else this.#paths.set(netns, path);
  }
}

const OWN = "/proc/self/ns/net";
const FOREIGN_TURNS = 10;
/** Of a namespace that is held by an open file only, or gone already: all ports count, so that its sockets are seen at least. */
const UNKNOWN: LocalPortRange = { low: 1, high: 65_535, reserved: new Set(), size: 65_535 };

const keyOf = ({ netns, laddr, lport, raddr, rport }: SocketEnds): string => `${netns} ${laddr} ${lport} ${raddr} ${rport}`;

const sameRange = (a: LocalPortRange, b: LocalPortRange): boolean =>
  a.low === b.low && a.high === b.high && a.size === b.size && [...a.reserved].every((port) => b.reserved.has(port));

/** An IPv4 connection as its two ends may have it: one of them can be an IPv6 socket. */
function formsOf(ends: SocketEnds): SocketEnds[] {
  const { laddr, raddr } = ends;
  const plain = (address: string) => address.replace("::ffff:", "");
  if (plain(laddr) !== laddr) return [ends, { ...ends, laddr: plain(laddr), raddr: plain(raddr) }];
  return laddr.includes(":") ? [ends] : [ends, { ...ends, laddr: `::ffff:${laddr}`, raddr: `::ffff:${raddr}` }];
}
