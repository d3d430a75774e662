import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { endianness } from "node:os";
import { type Bytes, ip } from "tsprobe";
import { readInNamespace } from "./namespaces.js";

/** A TCP socket as /proc/net/tcp and tcp6 have it. */
export interface TcpSocket {
  /** As `sockAddrs` and `ss` show them: an IPv4 peer of an IPv6 socket as ::ffff:127.0.0.1. */
  readonly laddr: string;
  readonly lport: number;
  readonly raddr: string;
  readonly rport: number;
  /** TCP_ESTABLISHED …: show it with `tcpState`. A small socket that waits for the peer's FIN has TCP_FIN_WAIT2, one that holds a request TCP_SYN_RECV. */
  readonly state: number;
  readonly uid: number;
  /** The socket's inode number, as `ls -l /proc/PID/fd` shows it; 0 when no process has it open. */
  readonly inode: number;
  /** Of TCP_TIME_WAIT, and of TCP_FIN_WAIT2 without an inode: milliseconds until the kernel lets it go. */
  readonly endsInMs: number | undefined;
}

/** Ticks a second of what /proc shows (USER_HZ): 100 on every architecture that Node runs on. */
const USER_HZ = 100;
/** "tr" when a time-wait socket's timer runs (get_timewait4_sock, net/ipv4/tcp_ipv4.c). */
const TIME_WAIT_TIMER = "03";
const LITTLE_ENDIAN = endianness() === "LE";

/**
 * All TCP sockets of a network namespace that are in the kernel's tables: listening, connected, closing, in TIME_WAIT. Not those that
 * are only bound. The kernel walks its whole table for it: once at the start, rather than at an interval.
 * @param netns a path such as "/proc/PID/ns/net" or "/run/netns/NAME"; this process's own namespace if not given
 * @throws Error when the namespace is not there or may not be entered
 * @example const listening = tcpSockets().filter(({ state }) => state === TCP_LISTEN);
 */
export function tcpSockets(netns?: string): TcpSocket[] {
  // What a process's own /proc/PID/net shows is its namespace's: no nsenter is needed.
  const process = netns === undefined ? "/proc/self/ns/net" : netns;
  const folder = /^(\/proc\/[^/]+)\/ns\/net$/.exec(process)?.[1];
  const text = folder === undefined ? readInNamespace(netns, ["/proc/net/tcp", "/proc/net/tcp6"]) : readBoth(`${folder}/net`);
  return parseTcpSockets(text);
}

/** A kernel without IPv6 has no tcp6. */
function readBoth(folder: string): string {
  const ipv4 = readFileSync(`${folder}/tcp`, "utf8");
  try {
    return ipv4 + readFileSync(`${folder}/tcp6`, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return ipv4;
    throw error;
  }
}

/** The lines of /proc/net/tcp, tcp6, or both; headings are passed over (tcp4_seq_show, tcp6_seq_show in the kernel). */
export function parseTcpSockets(text: string): TcpSocket[] {
  const found: TcpSocket[] = [];
  for (const line of text.split("\n")) {
    const [, local = "", remote = "", state = "", , timer = "", , uid, , inode] = line.trim().split(/\s+/);
    if (!remote.includes(":")) continue;
    const [running, ticks = "0"] = timer.split(":");
    found.push({
      laddr: parseAddress(local),
      lport: parsePort(local),
      raddr: parseAddress(remote),
      rport: parsePort(remote),
      state: Number.parseInt(state, 16),
      uid: Number(uid),
      inode: Number(inode),
      endsInMs: running === TIME_WAIT_TIMER ? (Number.parseInt(ticks, 16) * 1000) / USER_HZ : undefined,
    });
  }
  return found;
}

const parsePort = (text: string): number => Number.parseInt(text.slice(text.indexOf(":") + 1), 16);

/** Words of 32 bits in the machine's order, each holding its bytes in network order. */
function parseAddress(text: string): string {
  const digits = text.slice(0, text.indexOf(":"));
  const bytes = Array.from({ length: digits.length / 2 }, (_, at) => {
    const place = LITTLE_ENDIAN ? (at & ~3) + 3 - (at & 3) : at;
    return Number.parseInt(digits.slice(2 * place, 2 * place + 2), 16);
  });
  return ip(bytes as unknown as Bytes<4> | Bytes<16>);
}

/** A process that has a socket open. */
export interface SocketOwner {
  readonly pid: number;
  readonly comm: string;
}

/**
 * Who has which socket open now, by the socket's inode number: the first process found. It looks at each open file of each process, so
 * it is for once, too. Processes that may not be looked at are left out.
 * @example const owner = socketOwners().get(socket.inode)?.comm;
 */
export function socketOwners(): ReadonlyMap<number, SocketOwner> {
  const owners = new Map<number, SocketOwner>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const owner = { pid: Number(name), comm: readFileSync(`/proc/${name}/comm`, "utf8").trimEnd() };
      for (const fd of readdirSync(`/proc/${name}/fd`)) addOwner(owners, `/proc/${name}/fd/${fd}`, owner);
    } catch {
      // It has ended, or is another user's.
    }
  }
  return owners;
}

function addOwner(owners: Map<number, SocketOwner>, path: string, owner: SocketOwner): void {
  try {
    const inode = Number(/^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1]);
    if (!Number.isNaN(inode) && !owners.has(inode)) owners.set(inode, owner);
  } catch {
    // Closed between the two looks.
  }
}
