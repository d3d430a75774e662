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
char LICENSE[] SEC("license") = "GPL";
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;
static long (*const bpf_map_delete_elem)(void *map, const void *key) = (void *)3;
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;
INLINE _Bool tsp_signed(_Bool negative, __u64 magnitude, __s64 *value) {
  *value = negative ? (__s64)(0 - magnitude) : (__s64)magnitude;
  return magnitude > (negative ? 0x8000000000000000ULL : 0x7fffffffffffffffULL);
}
INLINE __u64 tsp_magnitude(__s64 value) {
  return value < 0 ? 0 - (__u64)value : (__u64)value;
}
struct tsp_opt_u64 { _Bool has; __u64 value; };
struct tsp_ip { __u32 family; __u8 bytes[16]; };
struct tp_sock__inet_sock_set_state {
  __u8 tsp_pad_0[8];
  __u64 f_skaddr; // const void *, offset 8
  __u8 tsp_pad_16[4];
  __s32 f_newstate; // int, offset 20
  __u8 tsp_pad_24[2];
  __u16 f_dport; // __u16, offset 26
  __u16 f_family; // __u16, offset 28
  __u16 f_protocol; // __u16, offset 30
  __u8 tsp_pad_32[4];
  __u8 f_daddr[4]; // __u8[4], offset 36
  __u8 tsp_pad_40[16];
  __u8 f_daddr_v6[16]; // __u8[16], offset 56
};
struct tsp_event_0 { __u64 tsp_id; struct tsp_ip f_to; __u16 f_port; _Bool f_answered; __s64 f_us; };
_Static_assert(sizeof(struct tsp_event_0) == 40, "layout of event 0");
struct { __uint(type, 9); __uint(max_entries, 10240); __type(key, __u64); __type(value, __u64); } m0_asked SEC(".maps"); // asked
struct { __uint(type, 27); __uint(max_entries, 4194304); } tsp_events SEC(".maps");
struct { __uint(type, 6); __uint(max_entries, 3); __type(key, __u32); __type(value, __u64); } tsp_counters SEC(".maps");
static __attribute__((noinline)) void tsp_count(__u32 site) {
  __u64 *count = bpf_map_lookup_elem(&tsp_counters, &site);
  if (count) (*count)++;
}
#line 10 "state.ts"
SEC("tracepoint/sock/inet_sock_set_state") int p0_answers(struct tp_sock__inet_sock_set_state *ctx) {
#line 11 "state.ts"
  if ((((__s64)ctx->f_protocol) != 6LL)) {
#line 11 "state.ts"
    return 0;
  }
#line 12 "state.ts"
  if ((((__s64)ctx->f_newstate) == 2LL)) {
#line 13 "state.ts"
    ({ __u64 tsp_1 = ctx->f_skaddr; __u64 tsp_2 = bpf_ktime_get_ns(); if (bpf_map_update_elem(&m0_asked, &tsp_1, &tsp_2, 0)) tsp_count(0); (void)0; });
#line 14 "state.ts"
    return 0;
  }
#line 16 "state.ts"
  struct tsp_opt_u64 start = ({ __u64 tsp_3 = ctx->f_skaddr; struct tsp_opt_u64 tsp_5 = {}; __u64 *tsp_4 = bpf_map_lookup_elem(&m0_asked, &tsp_3); if (tsp_4) { tsp_5.has = 1; tsp_5.value = *tsp_4; } tsp_5; });
#line 17 "state.ts"
  if ((!(start).has)) {
#line 17 "state.ts"
    return 0;
  }
#line 18 "state.ts"
  ({ __u64 tsp_6 = ctx->f_skaddr; bpf_map_delete_elem(&m0_asked, &tsp_6) == 0; });
#line 23 "state.ts"
  __s64 tsp_8 = ({ __s64 tsp_10 = ({ __s64 tsp_9; if (__builtin_sub_overflow(bpf_ktime_get_ns(), (start).value, &tsp_9)) { tsp_count(2); return 0; } tsp_9; }); __s64 tsp_11 = 1000LL; _Bool tsp_12 = (tsp_10 < 0) != (tsp_11 < 0); __s64 tsp_13; tsp_signed(tsp_12, tsp_magnitude(tsp_10) / tsp_magnitude(tsp_11), &tsp_13); tsp_13; });
#line 19 "state.ts"
  struct tsp_event_0 *tsp_7 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_7), 0);
#line 19 "state.ts"
  if (tsp_7) {
#line 19 "state.ts"
    tsp_7->tsp_id = 0;
#line 20 "state.ts"
    if ((((__s64)ctx->f_family) == 2LL)) { tsp_7->f_to = (struct tsp_ip){ .family = 2 }; __builtin_memcpy(tsp_7->f_to.bytes, ctx->f_daddr, 4); } else { tsp_7->f_to = (struct tsp_ip){ .family = 10 }; __builtin_memcpy(tsp_7->f_to.bytes, ctx->f_daddr_v6, 16); }
#line 21 "state.ts"
    tsp_7->f_port = ((__s64)ctx->f_dport);
#line 22 "state.ts"
    tsp_7->f_answered = (((__s64)ctx->f_newstate) == 1LL);
#line 23 "state.ts"
    tsp_7->f_us = tsp_8;
#line 19 "state.ts"
    bpf_ringbuf_submit(tsp_7, 0);
#line 19 "state.ts"
  } else { tsp_count(1); }
#line 19 "state.ts"
  return 0;
  return 0;
}
#line 1 "<tsprobe>"
