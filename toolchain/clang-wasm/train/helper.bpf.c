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

// Event 0: moves
struct tsp_event_0 {
  __u64 tsp_id;
  __u16 f_port;
  _Bool f_known;
  __s32 f_to;
};
_Static_assert(sizeof(struct tsp_event_0) == 16, "layout of event 0");

// The event ring
struct {
  __uint(type, 27);
  __uint(max_entries, 8388608);
} tsp_events SEC(".maps");

// One counter for each place that can lose or fail
struct {
  __uint(type, 6);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} tsp_counters SEC(".maps");

static __attribute__((noinline)) void tsp_count(__u32 site) {
  __u64 *count = bpf_map_lookup_elem(&tsp_counters, &site);
  if (count) (*count)++;
}
#line 5 "addresses.ts"
INLINE _Bool fn_0_isLoopback(__s64 family, struct tsp_u8x4 address) {
#line 5
  return family == 2 && (__s64)address.v[0] == 127;
#line 5
}
#line 1 "<tsprobe>"
#line 8 "addresses.ts"
INLINE _Bool fn_1_isWellKnown(__s64 port) {
#line 8
  return port < 1024;
#line 8
}
#line 1 "<tsprobe>"
#line 6 "helper.ts"
SEC("tracepoint/sock/inet_sock_set_state")
#line 6
int p0_moves(struct tp_sock__inet_sock_set_state *ctx) {
  if (FIELD(16, ctx, protocol) != 6) return 0;
  struct tsp_u8x4 tsp_copy1 ALIGNED;
#line 8
  COPY4(tsp_copy1.v, ctx, daddr);
#line 8
  _Bool tsp_result2 = fn_0_isLoopback((__s64)FIELD(16, ctx, family), tsp_copy1);
#line 8
  if (!tsp_result2) return 0;
  _Bool tsp_result4 = fn_1_isWellKnown((__s64)FIELD(16, ctx, dport));
#line 9
  struct tsp_event_0 *tsp_event3 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event3), 0);
#line 9
  if (!tsp_event3) { tsp_count(0 /* lost */); return 0; }
#line 9
  tsp_event3->tsp_id = 0;
#line 9
  tsp_event3->f_port = FIELD(16, ctx, dport);
#line 9
  tsp_event3->f_known = tsp_result4;
#line 9
  tsp_event3->f_to = FIELD(32, ctx, newstate);
#line 9
  bpf_ringbuf_submit(tsp_event3, 0);
#line 9
  return 0;
}
#line 1 "<tsprobe>"
