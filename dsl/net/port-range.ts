import { readInNamespace } from "./namespaces.js";

/** The ports that the kernel chooses from when a socket has not asked for one. */
export interface LocalPortRange {
  /** First and last port of the range. */
  readonly low: number;
  readonly high: number;
  /** Ports of the range that it never chooses (ip_local_reserved_ports). */
  readonly reserved: ReadonlySet<number>;
  /** How many it can choose from. */
  readonly size: number;
}

const FILES = ["/proc/sys/net/ipv4/ip_local_port_range", "/proc/sys/net/ipv4/ip_local_reserved_ports"];

/**
 * The range of local ports of a network namespace, for IPv4 and IPv6 alike (net.ipv4.ip_local_port_range and
 * net.ipv4.ip_local_reserved_ports; inet_get_local_port_range, inet_is_local_reserved_port in the kernel).
 * @param netns a path such as "/proc/PID/ns/net" or "/run/netns/NAME"; this process's own namespace if not given. Another is read by
 *   nsenter(1), since these files show the reader's own
 * @throws Error when the namespace is not there or may not be entered
 * @example const { low, high, size } = localPortRange();
 */
export function localPortRange(netns?: string): LocalPortRange {
  return parsePortRange(readInNamespace(netns, FILES));
}

/** The text of both files, one after the other: "32768\t60999\n", then a list such as "8080,9148-9150\n", which may be empty. */
export function parsePortRange(text: string): LocalPortRange {
  const [range = "", list = ""] = text.split("\n");
  const [low = 0, high = 0] = range.trim().split(/\s+/).map(Number);
  const reserved = new Set<number>();
  for (const part of list.trim().split(",")) {
    if (part === "") continue;
    const [from = 0, to = from] = part.split("-").map(Number);
    for (let port = Math.max(from, low); port <= Math.min(to, high); port++) reserved.add(port);
  }
  return { low, high, reserved, size: high - low + 1 - reserved.size };
}
