const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Longest duration a Node timer can wait: beyond 2^31-1 ms it would fire at once. */
export const MAX_DURATION_MS = 2 ** 31 - 1;

/**
 * Milliseconds of "10s", "500ms", "1.5m", "1h30m" or a plain number of seconds; undefined if it is none of these.
 * Whether it is too short or too long is for the caller to say.
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)(ms|s|m|h)/g))
    total += Number(number) * (MS_PER_UNIT[unit as string] as number);
  return total;
}

const NS_PER_UNIT = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 } as const;

export type DurationUnit = keyof typeof NS_PER_UNIT;

/** Nanoseconds of "1.5ms", "250us", "1h30m", or of a plain number in `unit`; undefined for other texts and beyond 64 bits. */
export function durationNs(text: string, unit: DurationUnit): bigint | undefined {
  const whole = /^\d+(\.\d+)?$|^\.\d+$/.test(text) ? `${text}${unit}` : text;
  if (!/^((\d+(\.\d+)?|\.\d+)(ns|us|ms|s|m|h))+$/.test(whole)) return undefined;
  let total = 0;
  for (const [, number, name] of whole.matchAll(/([\d.]+)(ns|us|ms|s|m|h)/g))
    total += Number(number) * NS_PER_UNIT[name as DurationUnit];
  return total < 2 ** 63 ? BigInt(Math.round(total)) : undefined;
}
