import { type Bytes, fn } from "tsprobe";
import { AF_INET } from "tsprobe/kernel";

/** Whether an IPv4 address is one of this machine's own, 127.0.0.0/8. */
export const isLoopback = fn((family: number, address: Bytes<4>) => family === AF_INET && address[0] === 127);

/** Whether a port is of the range that only root may listen on by default. */
export const isWellKnown = fn((port: number) => port < 1024);
