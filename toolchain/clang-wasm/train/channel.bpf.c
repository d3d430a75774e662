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

static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*const bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;

struct tsp_text_16 { char v[16]; };

struct tp_sched__sched_process_exec;

struct tp_sched__sched_process_exit;

// Event 0: lives
struct tsp_event_0 {
  __u64 tsp_id;
  __u32 f_pid;
  struct tsp_text_16 f_comm;
  _Bool f_began;
  __u64 f_at;
};
_Static_assert(sizeof(struct tsp_event_0) == 40, "layout of event 0");

// The event ring
struct {
  __uint(type, 27);
  __uint(max_entries, 8388608);
} tsp_events SEC(".maps");

// One counter for each place that can lose or fail
struct {
  __uint(type, 6);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u64);
} tsp_counters SEC(".maps");

static __attribute__((noinline)) void tsp_count(__u32 site) {
  __u64 *count = bpf_map_lookup_elem(&tsp_counters, &site);
  if (count) (*count)++;
}
#line 9 "channel.ts"
SEC("tracepoint/sched/sched_process_exec")
#line 9
int p0_tracepoint_u(struct tp_sched__sched_process_exec *tsp_context UNUSED) {
  struct tsp_event_0 *tsp_event1 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event1), 0);
#line 10
  if (tsp_event1) {
#line 10
    tsp_event1->tsp_id = 0;
#line 10
    tsp_event1->f_pid = (__s64)(bpf_get_current_pid_tgid() >> 32);
#line 10
    bpf_get_current_comm(tsp_event1->f_comm.v, sizeof(tsp_event1->f_comm.v));
#line 10
    tsp_event1->f_began = 1;
#line 10
    __u64 tsp_now2 = bpf_ktime_get_ns();
#line 10
    tsp_event1->f_at = tsp_now2;
#line 10
    bpf_ringbuf_submit(tsp_event1, 0);
#line 10
  } else { tsp_count(0 /* lost */); }
  return 0;
#line 11
}
#line 1 "<tsprobe>"
#line 13 "channel.ts"
SEC("tracepoint/sched/sched_process_exit")
#line 13
int p1_tracepoint_u(struct tp_sched__sched_process_exit *tsp_context UNUSED) {
  if ((__s64)(bpf_get_current_pid_tgid() >> 32) != (__s64)(__u32)bpf_get_current_pid_tgid()) return 0;
  struct tsp_event_0 *tsp_event1 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event1), 0);
#line 15
  if (tsp_event1) {
#line 15
    tsp_event1->tsp_id = 0;
#line 15
    tsp_event1->f_pid = (__s64)(bpf_get_current_pid_tgid() >> 32);
#line 15
    bpf_get_current_comm(tsp_event1->f_comm.v, sizeof(tsp_event1->f_comm.v));
#line 15
    tsp_event1->f_began = 0;
#line 15
    __u64 tsp_now2 = bpf_ktime_get_ns();
#line 15
    tsp_event1->f_at = tsp_now2;
#line 15
    bpf_ringbuf_submit(tsp_event1, 0);
#line 15
  } else { tsp_count(1 /* lost */); }
  return 0;
#line 16
}
#line 1 "<tsprobe>"
