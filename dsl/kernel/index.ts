export * from "./errno.js";
export * from "./net.js";
export * from "./signals.js";
export * from "./syscalls.js";
export * from "./tcp.js";
