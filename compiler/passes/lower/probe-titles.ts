// Titles of a program's probes have numbers, so that a probe can be a key: in the kernel it is the number, Node shows the title.

/** The number of a probe with one place; a title that is new gets the next. */
export function numberOfProbe(titles: Map<number, string>, title: string): number {
  return numberOfPlaces(titles, [title]);
}

/** The number of the first of a probe's places; those of the others follow it. */
export function numberOfPlaces(titles: Map<number, string>, places: readonly string[]): number {
  for (const first of titles.keys()) if (places.every((title, i) => titles.get(first + i) === title)) return first;
  const first = titles.size;
  for (const [i, title] of places.entries()) titles.set(first + i, title);
  return first;
}
