/** What scripts import from "tsprobe". */
export {
  type AggregatedEntries,
  type Aggregation,
  type AggregationOptions,
  avg,
  count,
  hist,
  type KeyedAggregation,
  type LinearOptions,
  linearHist,
  max,
  min,
  type QuantileOptions,
  quantiles,
  stats,
  sum,
  type ValueOptions,
} from "./aggregations.js";
export type { BucketBounds } from "./buckets.js";
export { ip, kptr, mac, num } from "./builtins.js";
export { bootNs, ktimeNs, wallNs } from "./builtins-clock.js";
export { probeName } from "./builtins-hook.js";
export {
  cgroupId,
  comm,
  cpu,
  curtask,
  gid,
  inInterrupt,
  isWantedTask,
  netns,
  pid,
  ppid,
  random,
  tid,
  uid,
} from "./builtins-task.js";
export { bytes, str, userBytes, userStr } from "./builtins-text.js";
export { type EventChannel, type EventShape, event } from "./event.js";
export { type EventsOfAny, firstOf, type Nothing, nothing } from "./first-of.js";
export { type FlagNames, flags } from "./flags.js";
export { fn } from "./fn.js";
export { type FunctionPlace, fentry, fexit, kprobe, kretprobe } from "./functions.js";
export type { Bucket, Histogram } from "./histogram.js";
export { every, type HostCallback, onExit, onStart, stop } from "./host.js";
export { IteratorProbe, iter } from "./iter.js";
export { journal } from "./journal.js";
export type { JournalValue } from "./journal-record.js";
export { enumName, enumValue } from "./kernel-enums.js";
export { addressOf, exists, type Having, type IntegerName, kread } from "./kernel-memory.js";
export { type Log2TextOptions, log2Text } from "./log2-text.js";
export {
  type ArrayOptions,
  array,
  hash,
  type KernelArray,
  type KernelMap,
  lruHash,
  type MapOptions,
  perCpuArray,
  perCpuHash,
} from "./maps.js";
export { type CidrSet, type Network, networkText } from "./networks.js";
export { type OptionSpec, opt, type U16Set } from "./opt.js";
export { type OptionValues, options } from "./options.js";
export { type OutputFormat, outputFormat } from "./output-format.js";
export { type Printable, type PrintOptions, print } from "./print.js";
export type { EventOf, Probe } from "./probe.js";
export { rawTracepoint } from "./raw-tracepoint.js";
export type { Stats } from "./readings.js";
export { redraw } from "./redraw.js";
export { refuseUsage } from "./refuse-usage.js";
export { type HostRows, rows } from "./rows.js";
export { type PerfEventContext, type PerfEventOptions, perfEvent, profile, type SampleContext } from "./samples.js";
export { Stack, StackFrame } from "./stack.js";
export { kstack, ksym, ustack, usym } from "./stack-values.js";
export { type Stash, type StashOptions, type StashShape, stash, type Taken } from "./stash.js";
export type { EventStream } from "./stream.js";
export { type Column, type ColumnOptions, table } from "./table.js";
export { tracepoint } from "./tracepoint.js";
export type * from "./types.js";
export { type Usage, usage } from "./usage.js";
export { type UsdtOptions, usdt } from "./usdt.js";
export type { UserArguments } from "./user-arguments.js";
export { type UprobeOptions, type UretprobeOptions, uprobe, uretprobe } from "./user-function.js";
export { visibleText } from "./visible-text.js";
