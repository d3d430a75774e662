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
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;
struct tsp_u8x4 { __u8 v[4]; };
struct tp_sock__inet_sock_set_state {
  __u8 tsp_pad_0[20];
  __s32 f_newstate; // int, offset 20
  __u8 tsp_pad_24[2];
  __u16 f_dport; // __u16, offset 26
  __u16 f_family; // __u16, offset 28
  __u16 f_protocol; // __u16, offset 30
  __u8 tsp_pad_32[4];
  __u8 f_daddr[4]; // __u8[4], offset 36
};
struct tsp_event_0 { __u64 tsp_id; __u16 f_port; _Bool f_known; __s32 f_to; };
_Static_assert(sizeof(struct tsp_event_0) == 16, "layout of event 0");
struct { __uint(type, 27); __uint(max_entries, 4194304); } tsp_events SEC(".maps");
struct { __uint(type, 6); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } tsp_counters SEC(".maps");
static __attribute__((noinline)) void tsp_count(__u32 site) {
  __u64 *count = bpf_map_lookup_elem(&tsp_counters, &site);
  if (count) (*count)++;
}
#line 5 "addresses.ts"
INLINE _Bool fn_0_isLoopback(__s64 family, struct tsp_u8x4 address, _Bool *tsp_failed) {
#line 5 "addresses.ts"
  return ((family == 2LL) && (({ struct tsp_u8x4 tsp_1 = address; __u64 tsp_2 = 0LL; if (tsp_2 >= 4) { *tsp_failed = 1; return (_Bool){}; } (__s64)tsp_1.v[tsp_2]; }) == 127LL));
}
#line 1 "<tsprobe>"
#line 8 "addresses.ts"
INLINE _Bool fn_1_isWellKnown(__s64 port, _Bool *tsp_failed) {
#line 8 "addresses.ts"
  return (port < 1024LL);
}
#line 1 "<tsprobe>"
#line 6 "helper.ts"
SEC("tracepoint/sock/inet_sock_set_state") int p0_moves(struct tp_sock__inet_sock_set_state *ctx) {
  _Bool tsp_failed = 0;
#line 7 "helper.ts"
  if ((((__s64)ctx->f_protocol) != 6LL)) {
#line 7 "helper.ts"
    return 0;
  }
#line 8 "helper.ts"
  if ((!({ _Bool tsp_2 = fn_0_isLoopback(((__s64)ctx->f_family), ({ struct tsp_u8x4 tsp_1; __builtin_memcpy(tsp_1.v, ctx->f_daddr, sizeof(tsp_1.v)); tsp_1; }), &tsp_failed); if (tsp_failed) { return 0; } tsp_2; }))) {
#line 8 "helper.ts"
    return 0;
  }
#line 9 "helper.ts"
  _Bool tsp_4 = ({ _Bool tsp_5 = fn_1_isWellKnown(((__s64)ctx->f_dport), &tsp_failed); if (tsp_failed) { return 0; } tsp_5; });
#line 9 "helper.ts"
  struct tsp_event_0 *tsp_3 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_3), 0);
#line 9 "helper.ts"
  if (tsp_3) {
#line 9 "helper.ts"
    tsp_3->tsp_id = 0;
#line 9 "helper.ts"
    tsp_3->f_port = ((__s64)ctx->f_dport);
#line 9 "helper.ts"
    tsp_3->f_known = tsp_4;
#line 9 "helper.ts"
    tsp_3->f_to = ((__s64)ctx->f_newstate);
#line 9 "helper.ts"
    bpf_ringbuf_submit(tsp_3, 0);
#line 9 "helper.ts"
  } else { tsp_count(0); }
#line 9 "helper.ts"
  return 0;
  return 0;
}
#line 1 "<tsprobe>"
