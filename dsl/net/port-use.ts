import { TCP_CLOSE, TCP_LISTEN } from "tsprobe/kernel";
import { Deadlines } from "./deadlines.js";
import type { LocalPortRange } from "./port-range.js";
import { type PortCounts, PortSpace, type PortWarning, type Tally } from "./port-space.js";

/** The two ends of a socket, and its namespace. */
export interface SocketEnds {
  readonly netns: number;
  readonly laddr: string;
  readonly lport: number;
  readonly raddr: string;
  readonly rport: number;
}

/** A socket that holds a local port, in the state that it has now. */
export interface PortHolder extends SocketEnds {
  /** TCP_ESTABLISHED …. */
  readonly state: number;
  /** Accepted from a listening socket, whose port it shares: such sockets have no destination. */
  readonly accepted?: boolean;
  /** Who opened it, where that is known. */
  readonly owner?: string | undefined;
  /** When it ends by itself if nothing else is heard: for TIME_WAIT. In milliseconds, by the clock of all times here. */
  readonly until?: number | undefined;
}

interface Held {
  readonly space: PortSpace;
  readonly ends: SocketEnds;
  readonly destination: Tally | undefined;
  readonly owner: Tally | undefined;
  readonly since: number;
  state: number;
  until: number | undefined;
  /** Listening sockets can share address and port (SO_REUSEPORT). */
  sockets: number;
}

/** How a `PortUse` gets what it does not know, and tells what it finds. */
export interface PortUseOptions {
  /** The range of local ports of a namespace: asked when its first socket comes. */
  readonly rangeOf: (netns: number) => LocalPortRange;
  /** Shares in percent of the available ports at which to warn, in any order. */
  readonly warnAt?: readonly number[];
  /** Called once for each crossing; again when the share has been 5 points below in between. */
  readonly onWarning?: (warning: PortWarning) => void;
  /** Whether each destination is watched as well. */
  readonly warnOfDestinations?: boolean;
}

/**
 * Keeps account of local ports, from what happens to sockets: each change costs the same, and so does a reading, however many sockets there
 * are. It knows nothing of where the changes come from.
 * @example
 * const use = new PortUse({ rangeOf: () => localPortRange() });
 * use.put({ netns, laddr, lport, raddr, rport, state: TCP_ESTABLISHED }, now);
 * console.log(use.read(netns, now)?.inUse);
 */
export class PortUse {
  readonly #options: PortUseOptions;
  readonly #spaces = new Map<number, PortSpace>();
  readonly #held = new Map<string, Held>();
  readonly #deadlines = new Deadlines<Held>();

  constructor(options: PortUseOptions) {
    this.#options = options;
  }

  /** Network namespaces with their accounts. */
  get namespaces(): IterableIterator<number> {
    return this.#spaces.keys();
  }

  /** Sockets that are followed. */
  get size(): number {
    return this.#held.size;
  }

  /** A namespace's account; begun when it is asked for first. */
  space(netns: number): PortSpace {
    const known = this.#spaces.get(netns);
    if (known !== undefined) return known;
    const made = new PortSpace(netns, this.#options.rangeOf(netns), this.#options);
    this.#spaces.set(netns, made);
    return made;
  }

  /** State and deadline of a socket that is followed. */
  find(ends: SocketEnds): { readonly state: number; readonly until: number | undefined } | undefined {
    return this.#held.get(keyOf(ends));
  }

  /**
   * A socket holds its port, in this state: new, or changed. One in TIME_WAIT whose addresses and ports are used again is over. Sockets whose port
   * is outside of the range are not followed.
   */
  put(holder: PortHolder, now: number): void {
    const key = keyOf(holder);
    const known = this.#held.get(key);
    const replaced = known?.until !== undefined && holder.until === undefined;
    if (known !== undefined && !replaced) {
      if (holder.state === TCP_LISTEN && known.state === TCP_LISTEN) {
        known.sockets++;
        known.space.open(holder.lport, TCP_LISTEN, undefined, known.owner?.name);
        return;
      }
      known.space.move(known.state, holder.state);
      known.state = holder.state;
      known.until = holder.until;
      this.#deadlines.set(known, holder.until);
      return;
    }
    if (replaced) this.remove(holder, now);
    const space = this.space(holder.netns);
    if (!space.covers(holder.lport)) return;
    const { netns, laddr, lport, raddr, rport, state, until } = holder;
    const accepted = holder.accepted === true || state === TCP_LISTEN;
    const destination = accepted ? undefined : { laddr, raddr, rport };
    const tallies = space.open(lport, state, destination, holder.owner);
    const held: Held = { space, ends: { netns, laddr, lport, raddr, rport }, ...tallies, since: now, state, until, sockets: 1 };
    this.#held.set(key, held);
    this.#deadlines.set(held, until);
  }

  /** A socket is over; nothing happens when it is not followed. */
  remove(ends: SocketEnds, now: number): void {
    const key = keyOf(ends);
    const held = this.#held.get(key);
    if (held === undefined) return;
    held.space.close(ends.lport, held, now);
    if (--held.sockets > 0) return;
    this.#held.delete(key);
    this.#deadlines.set(held, undefined);
  }

  /** Ends the sockets whose time has come. */
  expire(now: number): void {
    for (const held of this.#deadlines.take(now)) this.remove(held.ends, held.until ?? now);
  }

  /**
   * Makes the account equal to what a list has: sockets that are not in it are over, without being counted as closed. Of warnings only the highest is
   * given. What happened after the list was made has to be put again.
   */
  replace(netns: number, holders: Iterable<PortHolder>, now: number): void {
    const space = this.space(netns);
    space.pause();
    const listed = new Map<string, PortHolder[]>();
    for (const holder of holders) {
      if (!space.covers(holder.lport) || holder.state === TCP_CLOSE) continue;
      const key = keyOf(holder);
      listed.set(key, [...(listed.get(key) ?? []), holder]);
    }
    for (const [key, held] of this.#held) {
      if (held.space !== space) continue;
      const left = listed.get(key)?.length ?? 0;
      for (let surplus = held.sockets - left; surplus > 0; surplus--) this.remove(held.ends, now);
    }
    for (const [key, same] of listed) {
      const known = this.#held.get(key);
      const first = same[0] as PortHolder;
      const more = known?.state === TCP_LISTEN ? same.slice(known.sockets) : same;
      // Only listening sockets can be several; of others a list may have the small one beside the whole one that it replaces.
      for (const holder of first.state === TCP_LISTEN ? more : [first]) this.put(holder, now);
    }
    space.resume();
  }

  /** Forgets a namespace and its sockets. */
  forget(netns: number): void {
    const space = this.#spaces.get(netns);
    for (const [key, held] of this.#held) {
      if (held.space !== space) continue;
      this.#held.delete(key);
      this.#deadlines.set(held, undefined);
    }
    this.#spaces.delete(netns);
  }

  /** The figures of now; those of the time since the last reading (opened, closed, failed) begin anew. */
  read(netns: number, now: number): PortCounts | undefined {
    this.expire(now);
    return this.#spaces.get(netns)?.read();
  }
}

const keyOf = ({ netns, laddr, lport, raddr, rport }: SocketEnds): string => `${netns} ${laddr} ${lport} ${raddr} ${rport}`;
