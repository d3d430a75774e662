/** Indices of addresses in ascending order; equal addresses keep their order. */
export function orderOf(addresses: Float64Array): Uint32Array {
  const { length } = addresses;
  let [least, most, before, isSorted] = [Number.POSITIVE_INFINITY, 0, 0, true];
  for (const address of addresses) {
    if (address < before) isSorted = false;
    before = address;
    if (address < least) least = address;
    if (address > most) most = address;
  }
  if (isSorted) return Uint32Array.from(addresses.keys());
  // Address and index in one number sort several times faster than indices with a comparison function.
  const places = 2 ** Math.ceil(Math.log2(Math.max(2, length)));
  if (length > 0 && (most - least + 1) * places > Number.MAX_SAFE_INTEGER)
    return Uint32Array.from(addresses.keys()).sort((a, b) => (addresses[a] as number) - (addresses[b] as number) || a - b);
  // Loops: TypedArray.from with a function is ten times slower.
  const keys = new Float64Array(length);
  for (let i = 0; i < length; i++) keys[i] = ((addresses[i] as number) - least) * places + i;
  keys.sort();
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = (keys[i] as number) % places;
  return order;
}

/** The elements at these places. */
export function pick(values: Float64Array, order: Uint32Array): Float64Array {
  const picked = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) picked[i] = values[order[i] as number] as number;
  return picked;
}

/** Place of the last element that is not greater; -1 when all are. */
export function lastNotAbove(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Something with a name that lies at an address. */
export interface NamedRange {
  readonly name: string;
  readonly start: number;
}

/** Ranges that may overlap, by address. */
export class AddressTable {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  /** The greatest end up to each place: where looking further back is of no use. */
  readonly #reach: Float64Array;
  readonly #indices: Uint32Array;
  readonly #nameOf: (index: number) => string;
  readonly #newestWins: boolean;

  /**
   * @param ends exclusive
   * @param nameOf by index, asked when a name is needed
   * @param newestWins of several ranges that hold an address the last given one counts, else the one that begins nearest
   */
  constructor(starts: Float64Array, ends: Float64Array, nameOf: (index: number) => string, { newestWins = false } = {}) {
    this.#indices = orderOf(starts);
    this.#starts = pick(starts, this.#indices);
    this.#ends = pick(ends, this.#indices);
    this.#reach = new Float64Array(ends.length);
    let reach = 0;
    for (let i = 0; i < ends.length; i++) {
      reach = Math.max(reach, this.#ends[i] as number);
      this.#reach[i] = reach;
    }
    this.#nameOf = nameOf;
    this.#newestWins = newestWins;
  }

  find(address: number): NamedRange | undefined {
    let best = -1;
    for (let at = lastNotAbove(this.#starts, address); at >= 0 && (this.#reach[at] as number) > address; at--) {
      if ((this.#ends[at] as number) <= address) continue;
      if (best === -1 || (this.#indices[at] as number) > (this.#indices[best] as number)) best = at;
      if (!this.#newestWins) break;
    }
    return best === -1 ? undefined : { name: this.#nameOf(this.#indices[best] as number), start: this.#starts[best] as number };
  }
}
