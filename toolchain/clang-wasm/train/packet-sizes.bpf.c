typedef unsigned char __u8;
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
char LICENSE[] SEC("license") = "GPL";

// FIELD(bits, record, name): a field of the record, at its own offset
#define LOAD(bits, record, offset) ({ __u64 tsp_v; asm("%0 = *(u" #bits " *)(%1 + %2)" : "=r"(tsp_v) : "r"(record), "i"(offset)); tsp_v; })
#define PLACE(record, name) __builtin_offsetof(typeof(*(record)), f_##name)
#define FIELD(bits, record, name) ((typeof((record)->f_##name))LOAD(bits, record, PLACE(record, name)))
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;
static long (*const bpf_probe_read_kernel_str)(void *to, __u32 size, const void *from) = (void *)115;
// Zeroes what stands behind a text's NUL, without branches
INLINE void tsp_clean(char *text, __u32 size) {
  __u32 inside = 0xff;
  for (__u32 i = 0; i < size; i++) {
    __u32 c = (__u8)text[i] & inside;
    inside &= 0 - ((c + 0xff) >> 8);
    text[i] = c;
  }
}
INLINE char *tsp_take_scratch(void *map) {
  for (__u32 i = 0; i < 4; i++) {
    __u32 key = i;
    __u64 *users = bpf_map_lookup_elem(map, &key);
    if (!users) return 0;
    __sync_fetch_and_add(users, 1);
    if (*(volatile __u64 *)users == 1) return (char *)(users + 1);
    __sync_fetch_and_add(users, -1);
  }
  return 0;
}
INLINE void tsp_give_scratch(char *scratch) {
  __sync_fetch_and_add((__u64 *)scratch - 1, -1);
}
// Ends a text that may have been cut with a NUL after its last whole character (UTF-8)
INLINE void tsp_end_cut(char *text, __u32 size) {
  text[size - 1] = 0;
  if ((__u8)text[size - 2] >= 0xc0) text[size - 2] = 0;
  else if (size > 2 && (__u8)text[size - 3] >= 0xe0) text[size - 3] = text[size - 2] = 0;
  else if (size > 3 && (__u8)text[size - 4] >= 0xf0) text[size - 4] = text[size - 3] = text[size - 2] = 0;
}

struct tsp_long_text { const char *v; };
struct tsp_text_16 { char v[16]; };

struct tp_net__netif_rx {
  __u8 tsp_pad_0[16];
  __u32 f_len; // unsigned int, offset 16
  __u32 f_name; // __data_loc char[], offset 20
};

struct m0_sizes_key { struct tsp_text_16 f_0; __u32 f_1; };
struct m0_sizes_value { __u32 f_packets; __u64 f_bytes; };
// hash sizes
struct {
  __uint(type, 1);
  __uint(max_entries, 4096);
  __type(key, struct m0_sizes_key);
  __type(value, struct m0_sizes_value);
} m0_sizes SEC(".maps");

// Room for the long texts of tracepoint#1
struct tsp_s_p0_tracep_room { __u64 users; char bytes[64]; };
struct {
  __uint(type, 6);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct tsp_s_p0_tracep_room);
} tsp_s_p0_tracep SEC(".maps");

const volatile __u32 opt_least;

// The event ring
struct {
  __uint(type, 27);
  __uint(max_entries, 8388608);
} tsp_events SEC(".maps");

// One counter for each place that can lose or fail
struct {
  __uint(type, 6);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u64);
} tsp_counters SEC(".maps");

static __attribute__((noinline)) void tsp_count(__u32 site) {
  __u64 *count = bpf_map_lookup_elem(&tsp_counters, &site);
  if (count) (*count)++;
}
#line 10 "packet-sizes.ts"
INLINE int p0_tracepoint_u_run(struct tp_net__netif_rx *ctx, char *tsp_scratch) {
  if ((__s64)FIELD(32, ctx, len) < (__s64)opt_least) return 0;
#line 13
  __s64 reached = 1;
  {
#line 14
    __s64 i = 0;
#line 14
    for (; i < 20; i = i + 1) {
#line 14
      __s64 tsp_1 = reached * 2LL;
#line 14
      if (tsp_1 > 9007199254740991LL || tsp_1 < -9007199254740991LL) { tsp_count(1 /* overflow */); return 0; }
#line 14
      if ((__s64)FIELD(32, ctx, len) >= tsp_1) {
#line 14
        __s64 tsp_2 = reached * 2LL;
#line 14
        if (tsp_2 > 9007199254740991LL || tsp_2 < -9007199254740991LL) { tsp_count(2 /* overflow */); return 0; }
#line 14
        reached = tsp_2;
      }
    }
  }
#line 15
  struct tsp_long_text tsp_text3 = { (void *)tsp_scratch };
#line 15
  long tsp_got4 = bpf_probe_read_kernel_str((void *)tsp_text3.v, 64, (const char *)ctx + (FIELD(32, ctx, name) & 0xffff));
#line 15
  if (tsp_got4 == 64) tsp_end_cut((void *)tsp_text3.v, 64);
#line 15
  struct tsp_text_16 tsp_text5 = {};
#line 15
  bpf_probe_read_kernel_str(tsp_text5.v, 16, tsp_text3.v);
#line 15
  tsp_end_cut(tsp_text5.v, 16);
#line 15
  struct m0_sizes_key tsp_key6;
#line 15
  __builtin_memset(&tsp_key6, 0, sizeof(tsp_key6));
#line 15
  tsp_key6.f_0 = tsp_text5;
#line 15
  tsp_key6.f_1 = reached;
#line 15
  tsp_clean(tsp_key6.f_0.v, 16);
#line 15
  __u64 tsp_7 = (__u64)(__s64)FIELD(32, ctx, len);
#line 15
  struct m0_sizes_value *tsp_found8 = bpf_map_lookup_elem(&m0_sizes, &tsp_key6);
#line 15
  if (tsp_found8) { __sync_fetch_and_add(&tsp_found8->f_packets, 1LL); __sync_fetch_and_add(&tsp_found8->f_bytes, tsp_7); } else {
#line 15
    struct m0_sizes_value tsp_first9; __builtin_memset(&tsp_first9, 0, sizeof(tsp_first9)); tsp_first9.f_packets = 1LL; tsp_first9.f_bytes = tsp_7;
#line 15
    if (bpf_map_update_elem(&m0_sizes, &tsp_key6, &tsp_first9, 1 /* BPF_NOEXIST */)) {
#line 15
      tsp_found8 = bpf_map_lookup_elem(&m0_sizes, &tsp_key6);
#line 15
      if (tsp_found8) { __sync_fetch_and_add(&tsp_found8->f_packets, 1LL); __sync_fetch_and_add(&tsp_found8->f_bytes, tsp_7); } else tsp_count(3 /* map-full */);
#line 15
    }
#line 15
  }
  return 0;
#line 16
}
#line 10
SEC("tracepoint/net/netif_rx")
#line 10
int p0_tracepoint_u(struct tp_net__netif_rx *tsp_context) {
#line 10
  char *tsp_scratch = tsp_take_scratch(&tsp_s_p0_tracep);
#line 10
  if (!tsp_scratch) { tsp_count(0 /* nested */); return 0; }
#line 10
  p0_tracepoint_u_run(tsp_context, tsp_scratch);
#line 10
  tsp_give_scratch(tsp_scratch);
#line 10
  return 0;
#line 10
}
#line 1 "<tsprobe>"
