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
static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*const bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;
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
struct tsp_text_16 { char v[16]; };
struct tsp_ip { __u32 family; __u8 bytes[16]; };
struct tp_sock__inet_sock_set_state {
  __u8 tsp_pad_0[8];
  __u64 f_skaddr; // const void *, offset 8
  __s32 f_oldstate; // int, offset 16
  __s32 f_newstate; // int, offset 20
  __u16 f_sport; // __u16, offset 24
  __u16 f_dport; // __u16, offset 26
  __u16 f_family; // __u16, offset 28
  __u16 f_protocol; // __u16, offset 30
  __u8 f_saddr[4]; // __u8[4], offset 32
  __u8 f_daddr[4]; // __u8[4], offset 36
  __u8 f_saddr_v6[16]; // __u8[16], offset 40
  __u8 f_daddr_v6[16]; // __u8[16], offset 56
};
struct tsp_event_0 { __u64 tsp_id; __u64 f_sk; __u32 f_pid; struct tsp_text_16 f_comm; struct tsp_ip f_laddr; __u16 f_lport; struct tsp_ip f_raddr; __u16 f_rport; __s32 f_from; __s32 f_to; __s64 f_us; };
_Static_assert(sizeof(struct tsp_event_0) == 104, "layout of event 0");
struct { __uint(type, 9); __uint(max_entries, 65536); __type(key, __u64); __type(value, __u64); } m0_since SEC(".maps"); // since
const volatile __u8 opt_ipv4;
const volatile __u8 opt_ipv6;
const volatile __u32 opt_localport_size; const volatile __u64 opt_localport_bits[1024];
const volatile __u32 opt_remoteport_size; const volatile __u64 opt_remoteport_bits[1024];
struct { __uint(type, 27); __uint(max_entries, 4194304); } tsp_events SEC(".maps");
struct { __uint(type, 6); __uint(max_entries, 3); __type(key, __u32); __type(value, __u64); } tsp_counters SEC(".maps");
static __attribute__((noinline)) void tsp_count(__u32 site) {
  __u64 *count = bpf_map_lookup_elem(&tsp_counters, &site);
  if (count) (*count)++;
}
#line 19 "tcpstates.ts"
SEC("tracepoint/sock/inet_sock_set_state") int p0_states(struct tp_sock__inet_sock_set_state *ctx) {
#line 20 "tcpstates.ts"
  if ((((__s64)ctx->f_protocol) != 6LL)) {
#line 20 "tcpstates.ts"
    return 0;
  }
#line 22 "tcpstates.ts"
  if ((((opt_ipv4 != 0) && (!(opt_ipv6 != 0))) && (((__s64)ctx->f_family) != 2LL))) {
#line 22 "tcpstates.ts"
    return 0;
  }
#line 23 "tcpstates.ts"
  if ((((opt_ipv6 != 0) && (!(opt_ipv4 != 0))) && (((__s64)ctx->f_family) != 10LL))) {
#line 23 "tcpstates.ts"
    return 0;
  }
#line 24 "tcpstates.ts"
  if (((((__s64)opt_localport_size) > 0LL) && (!({ __u64 tsp_1 = ((__s64)ctx->f_sport); tsp_1 < 65536 && ((opt_localport_bits[tsp_1 >> 6] >> (tsp_1 & 63)) & 1); })))) {
#line 24 "tcpstates.ts"
    return 0;
  }
#line 25 "tcpstates.ts"
  if (((((__s64)opt_remoteport_size) > 0LL) && (!({ __u64 tsp_2 = ((__s64)ctx->f_dport); tsp_2 < 65536 && ((opt_remoteport_bits[tsp_2 >> 6] >> (tsp_2 & 63)) & 1); })))) {
#line 25 "tcpstates.ts"
    return 0;
  }
#line 27 "tcpstates.ts"
  __u64 now = bpf_ktime_get_ns();
#line 28 "tcpstates.ts"
  struct tsp_opt_u64 before = ({ __u64 tsp_3 = ctx->f_skaddr; struct tsp_opt_u64 tsp_5 = {}; __u64 *tsp_4 = bpf_map_lookup_elem(&m0_since, &tsp_3); if (tsp_4) { tsp_5.has = 1; tsp_5.value = *tsp_4; } tsp_5; });
#line 29 "tcpstates.ts"
  if ((((__s64)ctx->f_newstate) == 7LL)) {
#line 29 "tcpstates.ts"
    ({ __u64 tsp_6 = ctx->f_skaddr; bpf_map_delete_elem(&m0_since, &tsp_6) == 0; });
  } else {
#line 30 "tcpstates.ts"
    ({ __u64 tsp_7 = ctx->f_skaddr; __u64 tsp_8 = now; if (bpf_map_update_elem(&m0_since, &tsp_7, &tsp_8, 0)) tsp_count(0); (void)0; });
  }
#line 42 "tcpstates.ts"
  __s64 tsp_10 = ((!(before).has) ? 0LL : ({ __s64 tsp_12 = ({ __s64 tsp_11; if (__builtin_sub_overflow(now, (before).value, &tsp_11)) { tsp_count(2); return 0; } tsp_11; }); __s64 tsp_13 = 1000LL; _Bool tsp_14 = (tsp_12 < 0) != (tsp_13 < 0); __s64 tsp_15; tsp_signed(tsp_14, tsp_magnitude(tsp_12) / tsp_magnitude(tsp_13), &tsp_15); tsp_15; }));
#line 32 "tcpstates.ts"
  struct tsp_event_0 *tsp_9 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_9), 0);
#line 32 "tcpstates.ts"
  if (tsp_9) {
#line 32 "tcpstates.ts"
    tsp_9->tsp_id = 0;
#line 33 "tcpstates.ts"
    tsp_9->f_sk = ctx->f_skaddr;
#line 34 "tcpstates.ts"
    tsp_9->f_pid = ((__s64)(bpf_get_current_pid_tgid() >> 32));
#line 35 "tcpstates.ts"
    bpf_get_current_comm(tsp_9->f_comm.v, sizeof(tsp_9->f_comm.v));
#line 36 "tcpstates.ts"
    if ((((__s64)ctx->f_family) == 2LL)) { tsp_9->f_laddr = (struct tsp_ip){ .family = 2 }; __builtin_memcpy(tsp_9->f_laddr.bytes, ctx->f_saddr, 4); } else { tsp_9->f_laddr = (struct tsp_ip){ .family = 10 }; __builtin_memcpy(tsp_9->f_laddr.bytes, ctx->f_saddr_v6, 16); }
#line 37 "tcpstates.ts"
    tsp_9->f_lport = ((__s64)ctx->f_sport);
#line 38 "tcpstates.ts"
    if ((((__s64)ctx->f_family) == 2LL)) { tsp_9->f_raddr = (struct tsp_ip){ .family = 2 }; __builtin_memcpy(tsp_9->f_raddr.bytes, ctx->f_daddr, 4); } else { tsp_9->f_raddr = (struct tsp_ip){ .family = 10 }; __builtin_memcpy(tsp_9->f_raddr.bytes, ctx->f_daddr_v6, 16); }
#line 39 "tcpstates.ts"
    tsp_9->f_rport = ((__s64)ctx->f_dport);
#line 40 "tcpstates.ts"
    tsp_9->f_from = ((__s64)ctx->f_oldstate);
#line 41 "tcpstates.ts"
    tsp_9->f_to = ((__s64)ctx->f_newstate);
#line 42 "tcpstates.ts"
    tsp_9->f_us = tsp_10;
#line 32 "tcpstates.ts"
    bpf_ringbuf_submit(tsp_9, 0);
#line 32 "tcpstates.ts"
  } else { tsp_count(1); }
#line 32 "tcpstates.ts"
  return 0;
  return 0;
}
#line 1 "<tsprobe>"
