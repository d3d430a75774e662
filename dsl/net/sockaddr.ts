import { bytes, fn, ip, kread, userBytes } from "tsprobe";
import { AF_INET, AF_INET6 } from "tsprobe/kernel";
import { ntohs } from "./bytes.js";

/** An address and a port, as programs name them to connect(), bind() or sendto(). */
export interface Endpoint {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  readonly addr: string;
  /** In host order. */
  readonly port: number;
}

// struct sockaddr_in (include/uapi/linux/in.h) and sockaddr_in6 (in6.h): family, port, then the address, which in6 has behind its flow label.
const PORT = 2n;
const ADDRESS = 4n;
const ADDRESS6 = 8n;

/**
 * The address that a system call was given, from memory of the process that runs; `undefined` when it cannot be read, or is not of IP.
 * What the process writes there meanwhile can still change what the kernel gets to see.
 * @example const to = userSockaddr(ctx.uservaddr); if (to === undefined) return; return { addr: to.addr, port: to.port };
 */
export const userSockaddr = fn((address: bigint): Endpoint | undefined => {
  const head = userBytes(address, 4);
  if (head === undefined) return undefined;
  const family = (head[0] ?? 0) | ((head[1] ?? 0) << 8);
  const port = ((head[2] ?? 0) << 8) | (head[3] ?? 0);
  if (family === AF_INET) {
    const addr = userBytes(address + ADDRESS, 4);
    return addr === undefined ? undefined : { family, addr: ip(addr), port };
  }
  if (family !== AF_INET6) return undefined;
  const addr = userBytes(address + ADDRESS6, 16);
  return addr === undefined ? undefined : { family, addr: ip(addr), port };
});

/** The same from kernel memory, where functions of the kernel get it; `undefined` when it is not of IP. */
export const sockaddr = fn((address: bigint): Endpoint | undefined => {
  const family = kread("u16", address);
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const addr = family === AF_INET ? ip(kread("u32", address + ADDRESS)) : ip(bytes(address + ADDRESS6, 16));
  return { family, addr, port: ntohs(kread("u16", address + PORT)) };
});
