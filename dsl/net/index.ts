/**
 * Helpers for tools that look at sockets and packets. They are written in the language of handlers, with `fn`, and can be read as
 * examples of it; they become part of the script that imports them.
 */
export { ntohl, ntohs } from "./bytes.js";
export { type PacketHeaders, skbHeaders } from "./packet.js";
export { inetSock, type SockAddrs, sockAddrs, sockCookie, tcpSock } from "./sock.js";
export { type TcpInfo, tcpInfo } from "./tcp-info.js";
