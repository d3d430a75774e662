/** Rows of the table, kept from call to call: names of the kernel are shorter than this. */
const LONGEST = 256;
let beforePrevious = new Uint16Array(LONGEST + 1);
let previous = new Uint16Array(LONGEST + 1);
let current = new Uint16Array(LONGEST + 1);

/**
 * Number of single-character insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`
 * (optimal string alignment), or `limit + 1` when it is more than `limit` or a text is longer than 256.
 */
export function editDistance(a: string, b: string, limit: number): number {
  const tooFar = limit + 1;
  if (Math.abs(a.length - b.length) > limit || a.length > LONGEST || b.length > LONGEST) return tooFar;
  for (let column = 0; column <= b.length; column++) previous[column] = column;
  for (let row = 1; row <= a.length; row++) {
    const letter = a.charCodeAt(row - 1);
    // Cells further than `limit` from the diagonal cannot be part of an answer within it.
    const first = Math.max(1, row - limit);
    const last = Math.min(b.length, row + limit);
    // The two cells beside the band are read by this row or the next.
    current[first - 1] = first === 1 ? row : tooFar;
    if (last < b.length) current[last + 1] = tooFar;
    let best = first === 1 ? row : tooFar;
    for (let column = first; column <= last; column++) {
      const other = b.charCodeAt(column - 1);
      let cost = Math.min(
        (previous[column - 1] as number) + (letter === other ? 0 : 1),
        (previous[column] as number) + 1,
        (current[column - 1] as number) + 1,
      );
      if (row > 1 && column > 1 && letter === b.charCodeAt(column - 2) && a.charCodeAt(row - 2) === other) {
        cost = Math.min(cost, (beforePrevious[column - 2] as number) + 1);
      }
      current[column] = cost;
      if (cost < best) best = cost;
    }
    if (best > limit) return tooFar;
    [beforePrevious, previous, current] = [previous, current, beforePrevious];
  }
  return Math.min(previous[b.length] as number, tooFar);
}
