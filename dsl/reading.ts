/** What reading state gives: lists of keys and values, most of them first. */

/** A value by which entries can be ordered: itself if it is a number, else the first number in it. */
function rank(value: unknown): number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "object" || value === null) return 0;
  if ("count" in value) return rank(value.count);
  const found = Object.values(value).find((part) => typeof part === "number" || typeof part === "bigint");
  return found === undefined ? 0 : (found as number | bigint);
}

/** The entries with the largest values, largest first. @param by what to order by; else the value itself, or the first number in it */
export function largest<K, V>(
  entries: Iterable<readonly [K, V]>,
  most: number,
  by: (value: V, key: K) => number | bigint = (value) => rank(value),
): (readonly [K, V])[] {
  const ranked = [...entries].map((entry) => ({ entry, value: by(entry[1], entry[0]) }));
  ranked.sort((a, b) => (a.value < b.value ? 1 : a.value > b.value ? -1 : 0));
  return ranked.slice(0, most).map(({ entry }) => entry);
}

/** A value that JSON.stringify takes: bigints as numbers where these are exact, else as text. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}

/** Keys and values as a list for JSON.stringify. */
export function plainEntries(entries: Iterable<readonly [unknown, unknown]>): { key: unknown; value: unknown }[] {
  return [...entries].map(([key, value]) => ({ key: plain(key), value: plain(value) }));
}
