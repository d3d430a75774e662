/** Pieces of C that every program, or each that needs it, begins with. The comments go into the C for its readers. */

export const HEAD = `typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
#define SEC(name) __attribute__((section(name), used))
#define __uint(name, value) int (*name)[value]
#define __type(name, type) typeof(type) *name
#define INLINE static inline __attribute__((always_inline))
#define UNUSED __attribute__((unused))
#define ALIGNED __attribute__((aligned(8)))
char LICENSE[] SEC("license") = "GPL";`;

/**
 * Reads of the context. A plain load of a field can become a load at a computed offset (of two fields in the branches of
 * ?: clang likes to choose the offset, then load), and the verifier allows none from a context. Hence the assembly.
 */
const READS = `// FIELD(bits, record, name): a field of the record, at its own offset
#define LOAD(bits, record, offset) ({ __u64 tsp_v; asm("%0 = *(u" #bits " *)(%1 + %2)" : "=r"(tsp_v) : "r"(record), "i"(offset)); tsp_v; })
#define PLACE(record, name) __builtin_offsetof(typeof(*(record)), f_##name)
#define FIELD(bits, record, name) ((typeof((record)->f_##name))LOAD(bits, record, PLACE(record, name)))`;

/** Copies of arrays of bytes, in words of four. */
const COPIES = `#define WORD(to, record, name, i) ((__u32 *)(to))[i] = (__u32)LOAD(32, record, PLACE(record, name) + 4 * (i))
#define COPY4(to, record, name) WORD(to, record, name, 0)
#define COPY16(to, record, name) WORD(to, record, name, 0); WORD(to, record, name, 1); WORD(to, record, name, 2); WORD(to, record, name, 3)`;

/** Counts in a way that clang cannot follow: see printLoop. */
const COUNT = '#define COUNT(rounds) ({ asm("" : "+r"(rounds)); rounds++; })';

/** Helpers by their numbers in include/uapi/linux/bpf.h (___BPF_FUNC_MAPPER). */
const HELPERS: Readonly<Record<string, string>> = {
  bpf_map_lookup_elem: "static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;",
  bpf_map_update_elem:
    "static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;",
  bpf_map_delete_elem: "static long (*const bpf_map_delete_elem)(void *map, const void *key) = (void *)3;",
  bpf_ktime_get_ns: "static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;",
  bpf_get_current_pid_tgid: "static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;",
  bpf_get_current_comm: "static long (*const bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;",
  bpf_probe_read_kernel: "static long (*const bpf_probe_read_kernel)(void *to, __u32 size, const void *from) = (void *)113;",
  bpf_probe_read_kernel_str:
    "static long (*const bpf_probe_read_kernel_str)(void *to, __u32 size, const void *from) = (void *)115;",
  bpf_ringbuf_reserve: "static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;",
  bpf_ringbuf_submit: "static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;",
};

/** Arithmetic that JavaScript does exactly and C does not: each says whether the exact result does not fit. */
const ROUTINES: Readonly<Record<string, string>> = {
  tsp_magnitude: `INLINE __u64 tsp_magnitude(__s64 value) {
  return value < 0 ? 0 - (__u64)value : (__u64)value;
}`,
  // BPF has no 128-bit product, so the product is divided again. The empty asm hides this from clang, which would make a 128-bit
  // product of it (and call __multi3).
  tsp_multiply: `INLINE _Bool tsp_multiply(__u64 a, __u64 b, __u64 *product) {
  __u64 result = a * b;
  asm volatile("" : "+r"(result));
  *product = result;
  return a != 0 && result / a != b;
}`,
  // Sign and magnitude to a signed value.
  tsp_signed: `INLINE _Bool tsp_signed(_Bool negative, __u64 magnitude, __s64 *value) {
  *value = negative ? (__s64)(0 - magnitude) : (__s64)magnitude;
  return magnitude > (negative ? 0x8000000000000000ULL : 0x7fffffffffffffffULL);
}`,
  tsp_unsigned: `INLINE _Bool tsp_unsigned(_Bool negative, __u64 magnitude, __u64 *value) {
  *value = magnitude;
  return negative && magnitude != 0;
}`,
  tsp_divide: `INLINE __s64 tsp_divide(__s64 a, __s64 b) {
  __u64 quotient = tsp_magnitude(a) / tsp_magnitude(b);
  return (a < 0) != (b < 0) ? -(__s64)quotient : (__s64)quotient;
}`,
  tsp_remainder: `INLINE __s64 tsp_remainder(__s64 a, __s64 b) {
  __u64 rest = tsp_magnitude(a) % tsp_magnitude(b);
  return a < 0 ? -(__s64)rest : (__s64)rest;
}`,
  tsp_is_there: `INLINE _Bool tsp_is_there(const void *found) {
  __u64 is = found != 0;
  asm("" : "+r"(is)); // else clang tests two pointers at once, by an "or" of both that the verifier refuses
  return is;
}`,
  tsp_in_set: `INLINE _Bool tsp_in_set(const volatile __u64 *bits, __u64 value) {
  asm("" : "+r"(value)); // else clang drops a check that the verifier needs
  return value < 65536 && (bits[value >> 6] >> (value & 63) & 1);
}`,
  tsp_same_text: `INLINE _Bool tsp_same_text(const char *a, __u32 a_size, const char *b, __u32 b_size) {
  for (__u32 i = 0; i < a_size && i < b_size; i++) {
    if (a[i] != b[i]) return 0;
    if (a[i] == 0) return 1;
  }
  return 1;
}`,
};

/** The helper declarations and routines whose names occur in the code, and what those need. */
export function supportFor(code: string): string {
  const wanted = (table: Readonly<Record<string, string>>, text: string) =>
    Object.entries(table).filter(([name]) => text.includes(`${name}(`));
  const direct = wanted(ROUTINES, code)
    .map(([, text]) => text)
    .join("\n");
  const routines = wanted(ROUTINES, code + direct).map(([, text]) => text);
  const copies = /\b(?:WORD|COPY\d+)\(/.test(code);
  const reads = [...(copies || code.includes("FIELD(") ? [READS] : []), ...(copies ? [COPIES] : [])];
  if (code.includes("COUNT(")) reads.push(COUNT);
  return [...reads, ...wanted(HELPERS, code).map(([, text]) => text), ...routines].join("\n");
}
