export * from "./net.js";
export * from "./tcp.js";
