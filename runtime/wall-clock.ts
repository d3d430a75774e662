import type { OptionSlot } from "../compiler/program.js";
import { libc } from "./ffi/libc.js";

/** include/uapi/linux/time.h */
const CLOCK_REALTIME = 0;
const CLOCK_BOOTTIME = 7;
const CLOCK_TAI = 11;

const SECOND = 1_000_000_000n;
/** Readings of which the one with the least time between its ends counts: another process may run in between. */
const TRIES = 8;

function readClock(clock: number): bigint {
  const time = Buffer.alloc(16);
  if (libc.clockGettime(clock, time) !== 0) throw new Error(`clock ${clock} cannot be read`);
  return time.readBigInt64LE(0) * SECOND + time.readBigInt64LE(8);
}

/** What to add to a clock's time to get the time of day, in nanoseconds; right to half the time that reading two clocks takes. */
export function measureOffset(clock: number): bigint {
  let best = { gap: SECOND, offset: 0n };
  for (let i = 0; i < TRIES; i++) {
    const before = readClock(clock);
    const now = readClock(CLOCK_REALTIME);
    const after = readClock(clock);
    if (after - before < best.gap) best = { gap: after - before, offset: now - (before + after) / 2n };
  }
  return best.offset;
}

/**
 * The constants behind `wallNs()` (emit/prelude.ts). TAI and the time of day differ by whole seconds (leap seconds, or 0 where
 * nobody told the kernel of them) and are set together, so that difference holds when the clock is set; the difference to the
 * time since boot does not.
 */
export function wallClockSlots(): readonly OptionSlot[] {
  const tai = ((measureOffset(CLOCK_TAI) - SECOND / 2n) / SECOND) * SECOND;
  return [
    { variable: "tsp_tai_offset", bytes: s64(tai) },
    { variable: "tsp_boot_offset", bytes: s64(measureOffset(CLOCK_BOOTTIME)) },
  ];
}

function s64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}
