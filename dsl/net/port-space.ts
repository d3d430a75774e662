import { tcpState } from "tsprobe/kernel";
import type { LocalPortRange } from "./port-range.js";

/** Where a connection goes. Connections to different destinations can have the same local port. */
export interface Destination {
  readonly laddr: string;
  readonly raddr: string;
  readonly rport: number;
}

/** Ports in use for one destination or by one owner: sockets, that is, since each has a port of its own towards its destination. */
export interface Tally {
  readonly name: string;
  readonly destination?: Destination;
  inUse: number;
  /** Thresholds that have been crossed. */
  level: number;
}

/** A share of the ports was reached. */
export interface PortWarning {
  readonly netns: number;
  /** Of one destination; undefined: of the whole namespace. */
  readonly destination: Destination | undefined;
  /** The threshold, in percent. */
  readonly percent: number;
  readonly inUse: number;
  /** Ports that the kernel can choose from. */
  readonly size: number;
}

/** Figures of a namespace. */
export interface PortCounts {
  readonly netns: number;
  readonly range: LocalPortRange;
  /** Ports of the range that at least one socket holds, reserved ones not counted; and the rest. */
  readonly inUse: number;
  readonly available: number;
  /** In use, of those that can be chosen from. */
  readonly percent: number;
  /** Those of `inUse` with even and odd numbers. connect() goes through the ports with the parity of the range's first port before it looks at others. */
  readonly even: number;
  readonly odd: number;
  /** Sockets by state, "ESTABLISHED": only states that occur. */
  readonly states: Readonly<Record<string, number>>;
  /** Sockets whose ports were taken and released since the last reading. */
  readonly opened: number;
  readonly closed: number;
  /** How long the sockets released since then had held their ports, in milliseconds: the mean. */
  readonly meanHeldMs: number | undefined;
  /** Connects since then that found no port (EADDRNOTAVAIL), and who made them. */
  readonly failed: number;
  readonly failedBy: ReadonlyMap<string, number>;
}

interface Watch {
  readonly warnAt?: readonly number[];
  readonly onWarning?: (warning: PortWarning) => void;
  readonly warnOfDestinations?: boolean;
}

/** Points in percent by which a share has to fall before its threshold can be crossed again. */
const HYSTERESIS = 5;

/** The account of one network namespace. */
export class PortSpace {
  range: LocalPortRange;
  readonly netns: number;
  readonly #watch: Watch;
  readonly #thresholds: readonly number[];
  readonly #sockets = new Map<number, number>();
  readonly #inUse: [even: number, odd: number] = [0, 0];
  readonly #states: number[] = [];
  readonly #destinations = new Map<string, Tally>();
  readonly #owners = new Map<string, Tally>();
  #whole: Tally = { name: "", inUse: 0, level: 0 };
  #paused = false;
  #opened = 0;
  #closed = 0;
  #heldMs = 0;
  #failed = 0;
  #failedBy = new Map<string, number>();

  constructor(netns: number, range: LocalPortRange, watch: Watch = {}) {
    this.netns = netns;
    this.range = range;
    this.#watch = watch;
    this.#thresholds = [...(watch.warnAt ?? [])].sort((a, b) => a - b);
  }

  /** Whether the port is one that the kernel can choose. Others may be in use, but are not missing there. */
  covers(port: number): boolean {
    return port >= this.range.low && port <= this.range.high && !this.range.reserved.has(port);
  }

  /** A socket takes a port. @returns what has to be given back to `close` */
  open(port: number, state: number, destination: Destination | undefined, owner: string | undefined) {
    const sockets = this.#sockets.get(port) ?? 0;
    this.#sockets.set(port, sockets + 1);
    this.#states[state] = (this.#states[state] ?? 0) + 1;
    if (!this.#paused) this.#opened++;
    if (sockets === 0) {
      this.#inUse[(port & 1) as 0 | 1]++;
      this.#count(this.#whole, 1);
    }
    const tallies = {
      destination: destination === undefined ? undefined : tallyOf(this.#destinations, nameOf(destination), destination),
      owner: owner === undefined ? undefined : tallyOf(this.#owners, owner),
    };
    if (tallies.destination !== undefined) this.#count(tallies.destination, 1);
    if (tallies.owner !== undefined) tallies.owner.inUse++;
    return tallies;
  }

  /** A socket changes its state. */
  move(from: number, to: number): void {
    this.#states[from] = (this.#states[from] ?? 0) - 1;
    this.#states[to] = (this.#states[to] ?? 0) + 1;
  }

  /** A socket releases its port. */
  close(
    port: number,
    {
      state,
      since,
      destination,
      owner,
    }: {
      readonly state: number;
      readonly since: number;
      readonly destination: Tally | undefined;
      readonly owner: Tally | undefined;
    },
    now: number,
  ): void {
    const sockets = (this.#sockets.get(port) ?? 1) - 1;
    this.#states[state] = (this.#states[state] ?? 0) - 1;
    if (!this.#paused) {
      this.#closed++;
      this.#heldMs += now - since;
    }
    if (sockets === 0) {
      this.#sockets.delete(port);
      this.#inUse[(port & 1) as 0 | 1]--;
      this.#count(this.#whole, -1);
    } else this.#sockets.set(port, sockets);
    if (destination !== undefined && this.#count(destination, -1) === 0) this.#destinations.delete(destination.name);
    if (owner !== undefined && --owner.inUse === 0) this.#owners.delete(owner.name);
  }

  /** A connect found no port. */
  fail(owner: string): void {
    this.#failed++;
    this.#failedBy.set(owner, (this.#failedBy.get(owner) ?? 0) + 1);
  }

  /** What comes is put in order, rather than happening: it is not counted, and no warnings are given. */
  pause(): void {
    this.#paused = true;
  }

  /** Of the thresholds that were crossed meanwhile, the highest is given. */
  resume(): void {
    this.#paused = false;
    for (const tally of [this.#whole, ...this.#destinations.values()]) {
      const level = this.#thresholds.filter((percent) => this.#reaches(tally, percent)).length;
      const crossed = level > tally.level && (tally === this.#whole || this.#watch.warnOfDestinations === true);
      tally.level = level;
      if (crossed) this.#warn(tally, this.#thresholds[level - 1] as number);
    }
  }

  /** The destinations with the most ports in use. */
  topDestinations(n: number): readonly Tally[] {
    return top(this.#destinations, n);
  }

  /** The owners with the most ports in use. */
  topOwners(n: number): readonly Tally[] {
    return top(this.#owners, n);
  }

  read(): PortCounts {
    const { size } = this.range;
    const inUse = this.#whole.inUse;
    const states = Object.fromEntries(
      this.#states.flatMap((sockets, state) => (sockets > 0 ? [[tcpState(state), sockets] as const] : [])),
    );
    const counts: PortCounts = {
      netns: this.netns,
      range: this.range,
      inUse,
      available: size - inUse,
      percent: size === 0 ? 100 : (100 * inUse) / size,
      even: this.#inUse[0],
      odd: this.#inUse[1],
      states,
      opened: this.#opened,
      closed: this.#closed,
      meanHeldMs: this.#closed === 0 ? undefined : this.#heldMs / this.#closed,
      failed: this.#failed,
      failedBy: this.#failedBy,
    };
    this.#opened = 0;
    this.#closed = 0;
    this.#heldMs = 0;
    this.#failed = 0;
    this.#failedBy = new Map();
    return counts;
  }

  /** Changes a count by one, and warns where it crosses a threshold. */
  #count(tally: Tally, by: 1 | -1): number {
    tally.inUse += by;
    if (this.#paused || (tally !== this.#whole && this.#watch.warnOfDestinations !== true)) return tally.inUse;
    for (let next = this.#thresholds[tally.level]; next !== undefined; next = this.#thresholds[tally.level]) {
      if (!this.#reaches(tally, next)) break;
      tally.level++;
      this.#warn(tally, next);
    }
    while (tally.level > 0 && !this.#reaches(tally, (this.#thresholds[tally.level - 1] as number) - HYSTERESIS)) tally.level--;
    return tally.inUse;
  }

  #reaches(tally: Tally, percent: number): boolean {
    return 100 * tally.inUse >= percent * this.range.size;
  }

  #warn(tally: Tally, percent: number): void {
    this.#watch.onWarning?.({
      netns: this.netns,
      destination: tally.destination,
      percent,
      inUse: tally.inUse,
      size: this.range.size,
    });
  }
}

const nameOf = ({ laddr, raddr, rport }: Destination): string => `${laddr} ${raddr} ${rport}`;

function tallyOf(tallies: Map<string, Tally>, name: string, destination?: Destination): Tally {
  const known = tallies.get(name);
  if (known !== undefined) return known;
  const made: Tally = { name, ...(destination === undefined ? {} : { destination }), inUse: 0, level: 0 };
  tallies.set(name, made);
  return made;
}

/** The n largest: one pass, with a list of n beside it. */
function top(tallies: ReadonlyMap<string, Tally>, n: number): readonly Tally[] {
  const largest: Tally[] = [];
  for (const tally of tallies.values()) {
    const last = largest.at(-1);
    if (largest.length === n && (last === undefined || tally.inUse <= last.inUse)) continue;
    const at = largest.findIndex(({ inUse }) => inUse < tally.inUse);
    largest.splice(at === -1 ? largest.length : at, 0, tally);
    if (largest.length > n) largest.pop();
  }
  return largest;
}
