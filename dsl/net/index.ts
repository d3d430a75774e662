/**
 * Helpers for tools that look at sockets and packets. Those for handlers are written in their language, with `fn`, and can be read as
 * examples of it; they become part of the script that imports them. The others are for the host part.
 */
export { ntohl, ntohs } from "./bytes.js";
export { sockInCgroup } from "./cgroup.js";
export { isOverIpv6, localAddr, localPort, remoteAddr, remotePort, sockNetns } from "./ends.js";
export { fdSock } from "./fd.js";
export { networkNamespaces } from "./namespaces.js";
export { type PacketHeaders, skbHeaders } from "./packet.js";
export {
  PORT_CHANGE,
  PORT_MOVE,
  type PortChange,
  type PortConnect,
  PortFollower,
  type PortFollowerOptions,
} from "./port-follower.js";
export { type LocalPortRange, localPortRange } from "./port-range.js";
export type { Destination, PortCounts, PortWarning, Tally } from "./port-space.js";
export { type PortHolder, PortUse, type PortUseOptions, type SocketEnds } from "./port-use.js";
export { inetSock, type SockAddrs, sockAddrs, sockCookie, tcpSock } from "./sock.js";
export { type Endpoint, sockaddr, userSockaddr } from "./sockaddr.js";
export { type TcpInfo, tcpInfo } from "./tcp-info.js";
export { type SocketOwner, socketOwners, type TcpSocket, tcpSockets } from "./tcp-sockets.js";
