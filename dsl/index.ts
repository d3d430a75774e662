/** What scripts import from "tsprobe". */
export { comm, ip, kptr, ktimeNs, num, pid, tid } from "./builtins.js";
export { type EventChannel, type EventShape, event } from "./event.js";
export { fn } from "./fn.js";
export { hash, type KernelMap, lruHash, type MapOptions } from "./maps.js";
export { type OptionSpec, opt, type U16Set } from "./opt.js";
export { type OptionValues, options } from "./options.js";
export type { EventOf, Probe } from "./probe.js";
export type { EventStream } from "./stream.js";
export { type Column, type ColumnOptions, table } from "./table.js";
export { tracepoint } from "./tracepoint.js";
export type * from "./types.js";
