import { defineBuiltin } from "./builtin.js";
import { fakeTask } from "./task.js";
import type { u64 } from "./types.js";

/** Monotonic time since boot in nanoseconds, without time in suspend (bpf_ktime_get_ns: CLOCK_MONOTONIC). */
export const ktimeNs: () => u64 = defineBuiltin({ name: "ktimeNs" }, () => fakeTask.ktimeNs);

/** Time since boot in nanoseconds, with time in suspend (bpf_ktime_get_boot_ns: CLOCK_BOOTTIME). */
export const bootNs: () => u64 = defineBuiltin({ name: "bootNs" }, () => fakeTask.bootNs);

/**
 * The time of day: nanoseconds since 1970-01-01 UTC, as `Date.now()` would give them. From Linux 6.1 on it follows a clock
 * that is set while the script runs (bpf_ktime_get_tai_ns, less the difference between TAI and UTC when the script started);
 * before, it is the time since boot plus the difference at the start (bpf_ktime_get_boot_ns). Subtract ktimeNs() for durations.
 * @example return { at: wallNs() }; // in the callback: new Date(Number(e.at / 1_000_000n))
 */
export const wallNs: () => u64 = defineBuiltin({ name: "wallNs" }, () => fakeTask.wallNs);
