import { GIVE_SCRATCH, TAKE_SCRATCH } from "./scratch.js";

/**
 * C for texts: each piece is printed when its name occurs.
 *
 * The verifier follows every way through a loop, each with all that comes after it, unless two look alike to it. So the bytes of a text
 * are gone through without branches, 16 at a time between two looks at whether the end was reached; HIDE keeps clang from
 * making branches of what is arithmetic here, and FORGET makes results unknown to the verifier, by way of the stack in halves.
 */
export const TEXT_ROUTINES: Readonly<Record<string, string>> = {
  tsp_take_scratch: TAKE_SCRATCH,
  tsp_give_scratch: GIVE_SCRATCH,
  TEXT: `// TEXT(struct, "text"): a text known when compiled. In pieces that become numbers in the code: copied as a whole it would lie in
// memory, with the same harm as other constants there (printVariable, emit/text.ts)
INLINE void tsp_put_text(char *to, const char *from, __u32 bytes) {
  __u32 at = bytes & ~7U;
  if (bytes >= 8) __builtin_memcpy(to, from, 8);
  if (bytes >= 16) __builtin_memcpy(to + 8, from + 8, 8);
  if (bytes >= 24) __builtin_memcpy(to + 16, from + 16, 8);
  if (bytes >= 32) __builtin_memcpy(to + 24, from + 24, 8);
  if (bytes & 4) { __builtin_memcpy(to + at, from + at, 4); at += 4; }
  if (bytes & 2) { __builtin_memcpy(to + at, from + at, 2); at += 2; }
  if (bytes & 1) to[at] = from[at];
}
#define TEXT(type, text) ({ type tsp_text = {}; tsp_put_text(tsp_text.v, text, sizeof(text) - 1); tsp_text; })`,
  TSP_HIDE: '#define TSP_HIDE(value) asm("" : "+r"(value))',
  TSP_FORGET:
    "#define TSP_FORGET(value) ({ volatile __u16 tsp_halves[2] ALIGNED; tsp_halves[0] = value; tsp_halves[1] = (value) >> 16; *(volatile __u32 *)tsp_halves; })",
  // All bytes of an array: up to 16 from the first on that the outer loop stands at.
  TSP_BYTES:
    "#define TSP_BYTES(i, size, stop) for (__u32 tsp_at = 0; tsp_at < (size) && !(stop); tsp_at += 16) for (__u32 i = tsp_at; i < tsp_at + 16 && i < (size); i++)",
  // 1 for a byte that is not 0
  TSP_IS: "#define TSP_IS(byte) (((byte) + 255) >> 8)",
  // Eight bytes at a time where the array has whole words. The lowest bit of "ends" is in the first byte that is 0.
  tsp_clear_rest: `// Makes the bytes after a text's NUL 0
INLINE void tsp_clear_rest(char *text, __u32 size) {
  __u64 keep = ~0ULL;
  __u32 i = 0;
  for (; size % 8 == 0 && i < size; i += 8) {
    __u64 word = *(__u64 *)(text + i) & keep;
    __u64 ends = (word - 0x0101010101010101ULL) & ~word & 0x8080808080808080ULL;
    *(__u64 *)(text + i) = word & (ends ^ (ends - 1));
    if (ends) keep = 0;
  }
  for (; i < size; i++) {
    text[i] &= keep;
    if (!text[i]) keep = 0;
  }
}`,
  tsp_end_cut: `// Ends a text that may have been cut with a NUL after its last whole character (UTF-8)
INLINE void tsp_end_cut(char *text, __u32 size) {
  text[size - 1] = 0;
  if ((__u8)text[size - 2] >= 0xc0) text[size - 2] = 0;
  else if (size > 2 && (__u8)text[size - 3] >= 0xe0) text[size - 3] = text[size - 2] = 0;
  else if (size > 3 && (__u8)text[size - 4] >= 0xf0) text[size - 4] = text[size - 3] = text[size - 2] = 0;
}`,
  tsp_same_text: `// Up to the NUL, or the whole of both
INLINE _Bool tsp_same_text(const char *a, __u32 a_size, const char *b, __u32 b_size) {
  const __u32 size = a_size < b_size ? a_size : b_size;
  __u64 unlike = 0, on = 1;
  TSP_BYTES(i, size, unlike | (on ^ 1)) {
    __u64 x = (__u8)a[i], y = (__u8)b[i];
    TSP_HIDE(x);
    unlike |= (x ^ y) & -on;
    on &= TSP_IS(x);
  }
  if (a_size != b_size) unlike |= (__u8)(a_size < b_size ? b[size] : a[size]) & -on;
  return TSP_FORGET(unlike) == 0;
}`,
  tsp_same_bytes: `INLINE _Bool tsp_same_bytes(const __u8 *a, const __u8 *b, __u32 size) {
  __u8 unlike = 0;
  for (__u32 i = 0; i < size; i++) unlike |= a[i] ^ b[i];
  return unlike == 0;
}`,
  tsp_starts_with: `INLINE _Bool tsp_starts_with(const char *text, __u32 text_size, const char *start, __u32 start_size) {
  const __u32 size = text_size < start_size ? text_size : start_size;
  __u64 unlike = 0, on = 1;
  TSP_BYTES(i, size, unlike | (on ^ 1)) {
    __u64 x = (__u8)text[i], y = (__u8)start[i];
    TSP_HIDE(y);
    on &= TSP_IS(y);
    unlike |= (x ^ y) & -on;
  }
  if (text_size < start_size) unlike |= (__u8)start[size] & -on;
  return TSP_FORGET(unlike) == 0;
}`,
  tsp_find: `// Whether up to 32 bytes (in words, the last one the lowest) are in a text, or at its end: the last 32 bytes that went by stand in w to z
INLINE __u64 tsp_find_mask(__u32 length, __u32 from) {
  return length >= from + 8 ? ~0ULL : length > from ? (1ULL << (length - from) * 8) - 1 : 0;
}
INLINE _Bool tsp_find(const char *text, __u32 size, __u32 length, __u64 a, __u64 b, __u64 c, __u64 d, _Bool at_end) {
  __u64 w = 0, x = 0, y = 0, z = 0, found = 0, on = 1;
  TSP_BYTES(i, size, at_end ? on ^ 1 : found | (on ^ 1)) {
    __u64 byte = (__u8)text[i];
    TSP_HIDE(byte);
    on &= TSP_IS(byte);
    z = z << 8 | y >> 56;
    y = y << 8 | x >> 56;
    x = x << 8 | w >> 56;
    w = w << 8 | byte;
    __u64 unlike = ((w ^ a) & tsp_find_mask(length, 0)) | ((x ^ b) & tsp_find_mask(length, 8)) |
                   ((y ^ c) & tsp_find_mask(length, 16)) | ((z ^ d) & tsp_find_mask(length, 24));
    unlike |= -unlike;
    TSP_HIDE(unlike);
    unlike >>= 63;
    TSP_HIDE(unlike);
    found = ((unlike ^ 1) & on) | (found & (at_end ? on ^ 1 : 1));
  }
  return TSP_FORGET(found);
}`,
  // Bytes that begin a character, and once more those of characters that take two units of UTF-16: 0x80 to 0xbf do not begin one,
  // those from 0xf0 on begin four bytes.
  tsp_text_length: `// In units of UTF-16, as JavaScript counts
INLINE __s64 tsp_text_length(const char *text, __u32 size) {
  __u64 length = 0, on = 1;
  TSP_BYTES(i, size, on ^ 1) {
    __u64 byte = (__u8)text[i];
    TSP_HIDE(byte);
    on &= TSP_IS(byte);
    length += (1 - (byte >> 7 & ~(byte >> 6) & 1) + ((byte + 0x10) >> 8)) & -on;
  }
  return TSP_FORGET(length);
}`,
};
