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
