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
char LICENSE[] SEC("license") = "GPL";`;

/** Helpers by their numbers in include/uapi/linux/bpf.h (___BPF_FUNC_MAPPER). */
const HELPERS: Readonly<Record<string, string>> = {
  bpf_map_lookup_elem: "static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;",
  bpf_map_update_elem: "static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;",
  bpf_map_delete_elem: "static long (*const bpf_map_delete_elem)(void *map, const void *key) = (void *)3;",
  bpf_ktime_get_ns: "static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;",
  bpf_get_current_pid_tgid: "static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;",
  bpf_get_current_comm: "static long (*const bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;",
  bpf_probe_read_kernel: "static long (*const bpf_probe_read_kernel)(void *to, __u32 size, const void *from) = (void *)113;",
  bpf_probe_read_kernel_str: "static long (*const bpf_probe_read_kernel_str)(void *to, __u32 size, const void *from) = (void *)115;",
  bpf_ringbuf_reserve: "static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;",
  bpf_ringbuf_submit: "static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;",
};

/** Arithmetic that JavaScript does exactly and C does not: each says whether the exact result does not fit. */
const ROUTINES: Readonly<Record<string, string>> = {
  // BPF has no 128-bit product, so the product is divided again; 64-bit division exists for unsigned values only (cpu v3).
  tsp_multiply: `INLINE _Bool tsp_multiply(__u64 a, __u64 b, __u64 *product) {
  *product = a * b;
  return a != 0 && *product / a != b;
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
  tsp_magnitude: `INLINE __u64 tsp_magnitude(__s64 value) {
  return value < 0 ? 0 - (__u64)value : (__u64)value;
}`,
  tsp_same_text: `INLINE _Bool tsp_same_text(const char *a, __u32 a_size, const char *b, __u32 b_size) {
  for (__u32 i = 0; i < 256; i++) {
    char x = i < a_size ? a[i] : 0, y = i < b_size ? b[i] : 0;
    if (x != y) return 0;
    if (x == 0) return 1;
  }
  return 1;
}`,
};

/** The helper declarations and routines whose names occur in the code. */
export function supportFor(code: string): string {
  const wanted = (table: Readonly<Record<string, string>>) => Object.entries(table).filter(([name]) => code.includes(name));
  const routines = wanted(ROUTINES).map(([, text]) => text);
  const helpers = wanted(HELPERS).map(([, text]) => text);
  return [...helpers, ...routines].join("\n");
}
