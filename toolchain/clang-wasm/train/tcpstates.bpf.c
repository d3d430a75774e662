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
#define WORD(to, record, name, i) ((__u32 *)(to))[i] = (__u32)LOAD(32, record, PLACE(record, name) + 4 * (i))
#define COPY4(to, record, name) WORD(to, record, name, 0)
#define COPY16(to, record, name) WORD(to, record, name, 0); WORD(to, record, name, 1); WORD(to, record, name, 2); WORD(to, record, name, 3)
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;
static long (*const bpf_map_delete_elem)(void *map, const void *key) = (void *)3;
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*const bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;
INLINE __u64 tsp_magnitude(__s64 value) {
  return value < 0 ? 0 - (__u64)value : (__u64)value;
}
INLINE __s64 tsp_divide(__s64 a, __s64 b) {
  __u64 quotient = tsp_magnitude(a) / tsp_magnitude(b);
  return (a < 0) != (b < 0) ? -(__s64)quotient : (__s64)quotient;
}
INLINE _Bool tsp_is_there(const void *found) {
  __u64 is = found != 0;
  asm("" : "+r"(is)); // else clang tests two pointers at once, by an "or" of both that the verifier refuses
  return is;
}
INLINE _Bool tsp_in_set(const volatile __u64 *bits, __u64 value) {
  asm("" : "+r"(value)); // else clang drops a check that the verifier needs
  return value < 65536 && (bits[value >> 6] >> (value & 63) & 1);
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

// Event 0: states
struct tsp_event_0 {
  __u64 tsp_id;
  __u64 f_sk;
  __u32 f_pid;
  struct tsp_text_16 f_comm;
  struct tsp_ip f_laddr;
  __u16 f_lport;
  struct tsp_ip f_raddr;
  __u16 f_rport;
  __s32 f_from;
  __s32 f_to;
  __s64 f_us;
};
_Static_assert(sizeof(struct tsp_event_0) == 104, "layout of event 0");

// lruHash since
struct {
  __uint(type, 9);
  __uint(max_entries, 65536);
  __type(key, __u64);
  __type(value, __u64);
} m0_since SEC(".maps");

const volatile _Bool opt_ipv4;
const volatile _Bool opt_ipv6;
const volatile __u32 opt_localport__size;
const volatile __u64 opt_localport__bits[1024];
const volatile __u32 opt_remoteport__size;
const volatile __u64 opt_remoteport__bits[1024];

// The event ring
struct {
  __uint(type, 27);
  __uint(max_entries, 8388608);
} tsp_events SEC(".maps");

// One counter for each place that can lose or fail
struct {
  __uint(type, 6);
  __uint(max_entries, 3);
  __type(key, __u32);
  __type(value, __u64);
} tsp_counters SEC(".maps");

static __attribute__((noinline)) void tsp_count(__u32 site) {
  __u64 *count = bpf_map_lookup_elem(&tsp_counters, &site);
  if (count) (*count)++;
}
#line 19 "tcpstates.ts"
SEC("tracepoint/sock/inet_sock_set_state")
#line 19
int p0_states(struct tp_sock__inet_sock_set_state *ctx) {
  if (FIELD(16, ctx, protocol) != 6) return 0;
#line 22
  if (opt_ipv4 && !opt_ipv6 && FIELD(16, ctx, family) != 2) return 0;
  if (opt_ipv6 && !opt_ipv4 && FIELD(16, ctx, family) != 10) return 0;
  if ((__s64)opt_localport__size > 0 && !tsp_in_set(opt_localport__bits, FIELD(16, ctx, sport))) return 0;
  if ((__s64)opt_remoteport__size > 0 && !tsp_in_set(opt_remoteport__bits, FIELD(16, ctx, dport))) return 0;
#line 27
  __u64 now = bpf_ktime_get_ns();
#line 29
  _Bool begins = FIELD(32, ctx, oldstate) == 7 || (FIELD(32, ctx, oldstate) == 10 && FIELD(32, ctx, newstate) == 3);
  struct tsp_opt_u64 before = begins ? (struct tsp_opt_u64){} : ({ __u64 tsp_key2 = FIELD(64, ctx, skaddr); __u64 *tsp_found3 = bpf_map_lookup_elem(&m0_since, &tsp_key2); struct tsp_opt_u64 tsp_value4 = {}; tsp_value4.has = tsp_is_there(tsp_found3); if (tsp_found3) { tsp_value4.value = *tsp_found3; } tsp_value4; });
  if (FIELD(32, ctx, newstate) == 7) {
#line 31
    __u64 tsp_key6 = FIELD(64, ctx, skaddr);
#line 31
    bpf_map_delete_elem(&m0_since, &tsp_key6);
  } else {
#line 32
    __u64 tsp_key8 = FIELD(64, ctx, skaddr);
#line 32
    if (bpf_map_update_elem(&m0_since, &tsp_key8, &now, 0)) tsp_count(0 /* map-full */);
  }
#line 44
  __s64 tsp_11 = !before.has ? 0LL : ({ __s64 tsp_10; if (__builtin_sub_overflow(now, before.value, &tsp_10)) { tsp_count(2 /* overflow */); return 0; } tsp_divide(tsp_10, 1000); });
#line 34
  struct tsp_event_0 *tsp_event9 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event9), 0);
#line 34
  if (!tsp_event9) { tsp_count(1 /* lost */); return 0; }
#line 34
  tsp_event9->tsp_id = 0;
  tsp_event9->f_sk = FIELD(64, ctx, skaddr);
  tsp_event9->f_pid = (__s64)(bpf_get_current_pid_tgid() >> 32);
  bpf_get_current_comm(tsp_event9->f_comm.v, sizeof(tsp_event9->f_comm.v));
  if (FIELD(16, ctx, family) == 2) { tsp_event9->f_laddr = (struct tsp_ip){ .family = 2 }; COPY4(tsp_event9->f_laddr.bytes, ctx, saddr); } else { tsp_event9->f_laddr = (struct tsp_ip){ .family = 10 }; COPY16(tsp_event9->f_laddr.bytes, ctx, saddr_v6); }
  tsp_event9->f_lport = FIELD(16, ctx, sport);
  if (FIELD(16, ctx, family) == 2) { tsp_event9->f_raddr = (struct tsp_ip){ .family = 2 }; COPY4(tsp_event9->f_raddr.bytes, ctx, daddr); } else { tsp_event9->f_raddr = (struct tsp_ip){ .family = 10 }; COPY16(tsp_event9->f_raddr.bytes, ctx, daddr_v6); }
  tsp_event9->f_rport = FIELD(16, ctx, dport);
  tsp_event9->f_from = FIELD(32, ctx, oldstate);
  tsp_event9->f_to = FIELD(32, ctx, newstate);
  tsp_event9->f_us = tsp_11;
#line 34
  bpf_ringbuf_submit(tsp_event9, 0);
#line 34
  return 0;
#line 46
}
#line 1 "<tsprobe>"
