/** Reads a NUL-terminated text of at most `size` bytes at `offset`. */
export type TextReader = (bytes: Uint8Array, offset: number, size: number) => string;

/** Longer texts (paths, messages) seldom repeat: looking them up costs more than it saves. */
const LONGEST_CACHED = 64;
const SLOTS = 1024;

/**
 * Makes a reader that remembers what it decoded: events of one stream repeat few names, and finding a known
 * text by its bytes is several times cheaper than decoding UTF-8. Bytes that are not UTF-8 read as U+FFFD.
 * A direct-mapped cache: a text that falls on an occupied slot replaces it, so memory is bounded.
 */
export function createTextReader(): TextReader {
  // ignoreBOM keeps a leading U+FEFF, which is the decoder's only other way to change a text.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const known = new Uint8Array(SLOTS * LONGEST_CACHED);
  const lengths = new Int32Array(SLOTS).fill(-1);
  const texts: string[] = Array.from({ length: SLOTS }, () => "");

  return (bytes, offset, size) => {
    let hash = 0x811c9dc5;
    let end = offset;
    for (const limit = offset + size; end < limit; end++) {
      const byte = bytes[end] as number;
      if (byte === 0) break;
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    const length = end - offset;
    if (length === 0) return "";
    if (length > LONGEST_CACHED) return decoder.decode(bytes.subarray(offset, end));
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const start = slot * LONGEST_CACHED;
    if (lengths[slot] === length) {
      let same = 0;
      while (same < length && known[start + same] === bytes[offset + same]) same++;
      if (same === length) return texts[slot] as string;
    }
    const text = decoder.decode(bytes.subarray(offset, end));
    lengths[slot] = length;
    known.set(bytes.subarray(offset, end), start);
    texts[slot] = text;
    return text;
  };
}
