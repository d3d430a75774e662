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

// Event 0: answers
struct tsp_event_0 {
  __u64 tsp_id;
  struct tsp_ip f_to;
  __u16 f_port;
  _Bool f_answered;
  __s64 f_us;
};
_Static_assert(sizeof(struct tsp_event_0) == 40, "layout of event 0");

// lruHash asked
struct {
  __uint(type, 9);
  __uint(max_entries, 10240);
  __type(key, __u64);
  __type(value, __u64);
} m0_asked SEC(".maps");

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
#line 10 "state.ts"
SEC("tracepoint/sock/inet_sock_set_state")
#line 10
int p0_answers(struct tp_sock__inet_sock_set_state *ctx) {
  if (FIELD(16, ctx, protocol) != 6) return 0;
  if (FIELD(32, ctx, newstate) == 2) {
    __u64 tsp_key1 = FIELD(64, ctx, skaddr);
#line 13
    __u64 tsp_now2 = bpf_ktime_get_ns();
#line 13
    __u64 tsp_value3 = tsp_now2;
#line 13
    if (bpf_map_update_elem(&m0_asked, &tsp_key1, &tsp_value3, 0)) tsp_count(0 /* map-full */);
    return 0;
  }
  __u64 tsp_key4 = FIELD(64, ctx, skaddr);
#line 16
  __u64 *tsp_found5 = bpf_map_lookup_elem(&m0_asked, &tsp_key4);
#line 16
  struct tsp_opt_u64 start = {};
#line 16
  start.has = tsp_is_there(tsp_found5);
#line 16
  if (tsp_found5) { start.value = *tsp_found5; }
  if (!start.has) return 0;
  __u64 tsp_key7 = FIELD(64, ctx, skaddr);
#line 18
  bpf_map_delete_elem(&m0_asked, &tsp_key7);
#line 23
  __u64 tsp_now10 = bpf_ktime_get_ns();
#line 23
  __s64 tsp_11;
#line 23
  if (__builtin_sub_overflow(tsp_now10, start.value, &tsp_11)) { tsp_count(2 /* overflow */); return 0; }
#line 23
  __s64 tsp_12 = tsp_divide(tsp_11, 1000);
#line 19
  struct tsp_event_0 *tsp_event9 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event9), 0);
#line 19
  if (!tsp_event9) { tsp_count(1 /* lost */); return 0; }
#line 19
  tsp_event9->tsp_id = 0;
  if (FIELD(16, ctx, family) == 2) { tsp_event9->f_to = (struct tsp_ip){ .family = 2 }; COPY4(tsp_event9->f_to.bytes, ctx, daddr); } else { tsp_event9->f_to = (struct tsp_ip){ .family = 10 }; COPY16(tsp_event9->f_to.bytes, ctx, daddr_v6); }
  tsp_event9->f_port = FIELD(16, ctx, dport);
  tsp_event9->f_answered = FIELD(32, ctx, newstate) == 1;
  tsp_event9->f_us = tsp_12;
#line 19
  bpf_ringbuf_submit(tsp_event9, 0);
#line 19
  return 0;
#line 25
}
#line 1 "<tsprobe>"
