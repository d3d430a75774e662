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
static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*const bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;

struct tsp_text_16 { char v[16]; };
struct tsp_ip { __u32 family; __u8 bytes[16]; };

struct tp_sock__inet_sock_set_state {
  __u8 tsp_pad_0[20];
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

// Event 0: connects
struct tsp_event_0 {
  __u64 tsp_id;
  __u32 f_pid;
  struct tsp_text_16 f_comm;
  struct tsp_ip f_to;
  __u16 f_port;
};
_Static_assert(sizeof(struct tsp_event_0) == 56, "layout of event 0");

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
#line 8 "first-probe.ts"
SEC("tracepoint/sock/inet_sock_set_state")
#line 8
int p0_connects(struct tp_sock__inet_sock_set_state *ctx) {
  if (FIELD(16, ctx, protocol) != 6 || FIELD(32, ctx, newstate) != 2) return 0;
  struct tsp_event_0 *tsp_event1 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event1), 0);
#line 10
  if (!tsp_event1) { tsp_count(0 /* lost */); return 0; }
#line 10
  tsp_event1->tsp_id = 0;
#line 10
  tsp_event1->f_pid = (__s64)(bpf_get_current_pid_tgid() >> 32);
#line 10
  bpf_get_current_comm(tsp_event1->f_comm.v, sizeof(tsp_event1->f_comm.v));
#line 10
  if (FIELD(16, ctx, family) == 2) { tsp_event1->f_to = (struct tsp_ip){ .family = 2 }; COPY4(tsp_event1->f_to.bytes, ctx, daddr); } else { tsp_event1->f_to = (struct tsp_ip){ .family = 10 }; COPY16(tsp_event1->f_to.bytes, ctx, daddr_v6); }
#line 10
  tsp_event1->f_port = FIELD(16, ctx, dport);
#line 10
  bpf_ringbuf_submit(tsp_event1, 0);
#line 10
  return 0;
}
#line 1 "<tsprobe>"
