import { IN_INTERRUPT } from "./interrupt.js";
import { TEXT_ROUTINES } from "./text-routines.js";

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

/**
 * An address of the context as a number: the verifier takes it for a typed pointer, with which it forbids most arithmetic,
 * and the negation of a pointer is a number to it (check_alu_op, kernel/bpf/verifier.c). Twice, it is the address again.
 */
const ADDRESSES = `// ADDRESS(record, name): an address of the record, made a number
#define ADDRESS(record, name) ({ __u64 tsp_v; asm("%0 = *(u64 *)(%1 + %2); %0 = -%0; %0 = -%0" : "=r"(tsp_v) : "r"(record), "i"(PLACE(record, name))); tsp_v; })`;

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
  bpf_get_prandom_u32: "static __u32 (*const bpf_get_prandom_u32)(void) = (void *)7;",
  bpf_get_smp_processor_id: "static __u32 (*const bpf_get_smp_processor_id)(void) = (void *)8;",
  bpf_get_current_pid_tgid: "static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;",
  bpf_get_current_uid_gid: "static __u64 (*const bpf_get_current_uid_gid)(void) = (void *)15;",
  bpf_get_current_comm: "static long (*const bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;",
  bpf_get_current_task: "static __u64 (*const bpf_get_current_task)(void) = (void *)35;",
  bpf_get_current_ancestor_cgroup_id: "static __u64 (*const bpf_get_current_ancestor_cgroup_id)(int level) = (void *)123;",
  bpf_get_current_cgroup_id: "static __u64 (*const bpf_get_current_cgroup_id)(void) = (void *)80;",
  bpf_get_stack: "static long (*const bpf_get_stack)(void *context, void *frames, __u32 size, __u64 flags) = (void *)67;",
  bpf_get_attach_cookie: "static __u64 (*const bpf_get_attach_cookie)(void *context) = (void *)174;",
  bpf_probe_read_user: "static long (*const bpf_probe_read_user)(void *to, __u32 size, const void *from) = (void *)112;",
  bpf_probe_read_kernel: "static long (*const bpf_probe_read_kernel)(void *to, __u32 size, const void *from) = (void *)113;",
  bpf_probe_read_user_str: "static long (*const bpf_probe_read_user_str)(void *to, __u32 size, const void *from) = (void *)114;",
  bpf_probe_read_kernel_str:
    "static long (*const bpf_probe_read_kernel_str)(void *to, __u32 size, const void *from) = (void *)115;",
  bpf_ktime_get_boot_ns: "static __u64 (*const bpf_ktime_get_boot_ns)(void) = (void *)125;",
  bpf_ringbuf_output: "static long (*const bpf_ringbuf_output)(void *ring, void *data, __u64 size, __u64 flags) = (void *)130;",
  bpf_ringbuf_reserve: "static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;",
  bpf_for_each_map_elem:
    "static long (*const bpf_for_each_map_elem)(void *map, void *round, void *frame, __u64 flags) = (void *)164;",
  bpf_loop: "static long (*const bpf_loop)(__u32 rounds, void *round, void *frame, __u64 flags) = (void *)181;",
  bpf_ringbuf_submit: "static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;",
  bpf_ringbuf_discard: "static void (*const bpf_ringbuf_discard)(void *record, __u64 flags) = (void *)133;",
  bpf_ktime_get_tai_ns: "static __u64 (*const bpf_ktime_get_tai_ns)(void) = (void *)208;",
};

/** Arithmetic that JavaScript does exactly and C does not: each says whether the exact result does not fit. */
const ROUTINES: Readonly<Record<string, string>> = {
  // What libbpf says of a member of the running kernel's struct (CO-RE; the numbers are those of bpf_core_read.h).
  tsp_size: "#define tsp_size(place) __builtin_preserve_field_info(place, 1)",
  tsp_exists: "#define tsp_exists(place) __builtin_preserve_field_info(place, 2)",
  // Each says whether it failed. A member of another size than here is refused rather than read wrongly.
  tsp_read: "#define tsp_read(to, place) (tsp_size(place) != sizeof(to) || bpf_probe_read_kernel(&(to), sizeof(to), &(place)))",
  tsp_read_at:
    "#define tsp_read_at(to, place, further) (tsp_size(place) != sizeof(to) || bpf_probe_read_kernel(&(to), sizeof(to), (const char *)&(place) + (further)))",
  // The word around a bitfield; first the bits above are shifted out, then those below.
  tsp_read_bits: `#define tsp_read_bits(to, from, place) ({ \\
  long tsp_e = bpf_probe_read_kernel(&(to), tsp_size(place), (const char *)(from) + __builtin_preserve_field_info(place, 0)); \\
  (to) = (typeof(to))((__u64)(to) << __builtin_preserve_field_info(place, 4)) >> __builtin_preserve_field_info(place, 5); \\
  tsp_e; })`,
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
  // The kernel's own clock of the day where there is one (Linux 6.1); libbpf asks the kernel's BTF, the verifier drops the other way.
  // The host sets the differences before loading (runtime/wall-clock.ts).
  tsp_wall_ns: `const volatile __s64 tsp_tai_offset;
const volatile __s64 tsp_boot_offset;
enum bpf_func_id { BPF_FUNC_ktime_get_tai_ns = 208 };
INLINE __u64 tsp_wall_ns(void) {
  if (__builtin_preserve_enum_value(*(enum bpf_func_id *)BPF_FUNC_ktime_get_tai_ns, 0))
    return bpf_ktime_get_tai_ns() + tsp_tai_offset;
  return bpf_ktime_get_boot_ns() + tsp_boot_offset;
}`,
  // Zero, which only we know: the topmost bit of a process id is never set.
  tsp_zero: `INLINE __u64 tsp_zero(void) {
  __u64 id = bpf_get_current_pid_tgid(), top = id >> 63;
  asm("" : "+r"(top)); // else clang makes a branch of it
  return top * id;
}`,
  // What rounds change must look unknown to the verifier. Before Linux 6.7 it looks at a round once only, as if it were the first;
  // later ones look until nothing new is found, which is after the second round so. Each word by a value of its own, else the
  // verifier remembers which ones are the same.
  tsp_blur: `INLINE void tsp_blur(__u64 *words, __u32 count, __u64 zero) {
  for (__u32 i = 0; i < count; i++) words[i] ^= zero * (2 * i + 3);
}`,
  tsp_is_there: `INLINE _Bool tsp_is_there(const void *found) {
  __u64 is = found != 0;
  asm("" : "+r"(is)); // else clang tests two pointers at once, by an "or" of both that the verifier refuses
  return is;
}`,
  tsp_in_set: `INLINE _Bool tsp_in_set(const volatile __u64 *bits, __u64 value) {
  asm volatile("" : "+r"(value)); // else clang drops a check that the verifier needs, or does it before a loop
  return value < 65536 && (bits[value >> 6] >> (value & 63) & 1);
}`,
  tsp_clean: `// Zeroes what stands behind a text's NUL, without branches
INLINE void tsp_clean(char *text, __u32 size) {
  __u32 inside = 0xff;
  for (__u32 i = 0; i < size; i++) {
    __u32 c = (__u8)text[i] & inside;
    inside &= 0 - ((c + 0xff) >> 8);
    text[i] = c;
  }
}`,
  tsp_tally: `INLINE void tsp_tally(void *map, __u32 index) {
  __u64 *count = bpf_map_lookup_elem(map, &index);
  if (count) __sync_fetch_and_add(count, 1);
}`,
  tsp_grow: `INLINE void tsp_grow(__u64 *place, __u64 value) {
  for (int i = 0; i < 32; i++) {
    __u64 old = *(volatile __u64 *)place;
    if (value <= old || __sync_val_compare_and_swap(place, old, value) == old) return;
  }
}`,
  tsp_grow_plainly: `// Before Linux 5.12 BPF has no compare-and-exchange
INLINE void tsp_grow_plainly(__u64 *place, __u64 value) {
  if (value > *(volatile __u64 *)place) *(volatile __u64 *)place = value;
}`,
  // Without branches: the verifier would follow each of their combinations.
  tsp_log2: `INLINE __u64 tsp_log2(__u64 v) {
  v |= v >> 1; v |= v >> 2; v |= v >> 4; v |= v >> 8; v |= v >> 16; v |= v >> 32;
  v -= v >> 1 & 0x5555555555555555ULL;
  v = (v & 0x3333333333333333ULL) + (v >> 2 & 0x3333333333333333ULL);
  return ((v + (v >> 4) & 0x0f0f0f0f0f0f0f0fULL) * 0x0101010101010101ULL >> 56) - 1;
}`,
  tsp_log_bucket: `INLINE __u64 tsp_log_bucket(__s64 value, __u32 bits) {
  if (value < 0) return 0;
  if (value < 1LL << bits) return 1 + value;
  __u64 shift = tsp_log2(value) - bits & 63;
  return 1 + (shift << bits) + ((__u64)value >> shift);
}`,
  tsp_step: `INLINE __u64 tsp_step(__s64 value, __s64 min, __u64 step, __u64 steps) {
  if (value < min) return 0;
  __u64 at = ((__u64)value - (__u64)min) / step;
  return at >= steps ? steps + 1 : 1 + at;
}`,
  // IPv4 addresses and networks are compared in their mapped form, ::ffff:1.2.3.4; a network is its family, four words, four of mask.
  tsp_find_network: `INLINE __s32 tsp_find_network(const volatile __u32 *networks, __u32 size, __u32 family, const __u32 *address) {
  __u32 a = address[0], b = address[1], c = address[2], d = address[3];
  if (family == 2) { d = a; a = 0; b = 0; c = 0xffff0000; }
  else if (family != 10) return -1;
#pragma clang loop unroll(disable)
  for (__u32 i = 0; i < 64; i++) {
    if (i >= size) break;
    const volatile __u32 *n = networks + 9 * i;
    __u32 other = ((a ^ n[1]) & n[5]) | ((b ^ n[2]) & n[6]) | ((c ^ n[3]) & n[7]) | ((d ^ n[4]) & n[8]);
    if (other == 0 && (n[0] == 2 || family == 10)) return i;
  }
  return -1;
}`,
  tsp_in_interrupt: IN_INTERRUPT,
  ...TEXT_ROUTINES,
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
  const reads = [...(copies || /\b(?:FIELD|LOAD|ADDRESS)\(/.test(code) ? [READS] : []), ...(copies ? [COPIES] : [])];
  if (code.includes("ADDRESS(")) reads.push(ADDRESSES);
  if (code.includes("COUNT(")) reads.push(COUNT);
  return [...reads, ...wanted(HELPERS, code + routines.join("\n")).map(([, text]) => text), ...routines].join("\n");
}
