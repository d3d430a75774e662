import { formatIp } from "../dsl/ip-text.js";

/** Reads `struct { u32 family; u8 bytes[16]; }` at `offset` as text. */
export type IpReader = (view: DataView, bytes: Uint8Array, offset: number) => string;

const AF_INET = 2;
const SLOTS = 1024;

/**
 * Makes a reader that remembers the addresses it formatted: a direct-mapped cache keyed by the address's words
 * (IPv4 as its word and three zero words, told apart by the family), so memory is bounded.
 */
export function createIpReader(): IpReader {
  const families = new Uint32Array(SLOTS);
  const words = new Int32Array(SLOTS * 4);
  const texts: string[] = Array.from({ length: SLOTS }, () => "");

  return (view, bytes, offset) => {
    const family = view.getUint32(offset, true);
    if (family === 0) return "";
    const wide = family !== AF_INET;
    const a = view.getInt32(offset + 4, true);
    const b = wide ? view.getInt32(offset + 8, true) : 0;
    const c = wide ? view.getInt32(offset + 12, true) : 0;
    const d = wide ? view.getInt32(offset + 16, true) : 0;
    const hash = Math.imul(a ^ Math.imul(b ^ Math.imul(c ^ Math.imul(d, 0x2c1b3c6d), 0x297a2d39), 0x85ebca6b), 0x9e3779b1);
    const slot = hash >>> 22;
    const at = slot * 4;
    if (families[slot] === family && words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) {
      return texts[slot] as string;
    }
    const text = formatIp(family, bytes, offset + 4);
    families[slot] = family;
    words.set([a, b, c, d], at);
    texts[slot] = text;
    return text;
  };
}
