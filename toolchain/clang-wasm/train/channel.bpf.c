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
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*const bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;
struct tsp_text_16 { char v[16]; };
struct tp_sched__sched_process_exec;
struct tp_sched__sched_process_exit;
struct tsp_event_0 { __u64 tsp_id; __u32 f_pid; struct tsp_text_16 f_comm; _Bool f_began; __u64 f_at; };
_Static_assert(sizeof(struct tsp_event_0) == 40, "layout of event 0");
struct { __uint(type, 27); __uint(max_entries, 4194304); } tsp_events SEC(".maps");
struct { __uint(type, 6); __uint(max_entries, 2); __type(key, __u32); __type(value, __u64); } tsp_counters SEC(".maps");
static __attribute__((noinline)) void tsp_count(__u32 site) {
  __u64 *count = bpf_map_lookup_elem(&tsp_counters, &site);
  if (count) (*count)++;
}
#line 9 "channel.ts"
SEC("tracepoint/sched/sched_process_exec") int p0_tracepoint_u(struct tp_sched__sched_process_exec *tsp_context) {
#line 10 "channel.ts"
  ({ struct tsp_event_0 *tsp_1 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_1), 0); if (tsp_1) {   tsp_1->tsp_id = 0;   tsp_1->f_pid = ((__s64)(bpf_get_current_pid_tgid() >> 32));   tsp_1->f_comm = ({ struct tsp_text_16 tsp_2 = {}; bpf_get_current_comm(tsp_2.v, sizeof(tsp_2.v)); tsp_2; });   tsp_1->f_began = 1;   tsp_1->f_at = bpf_ktime_get_ns();   bpf_ringbuf_submit(tsp_1, 0); } else { tsp_count(0); } (void)0; });
  return 0;
}
#line 1 "<tsprobe>"
#line 13 "channel.ts"
SEC("tracepoint/sched/sched_process_exit") int p1_tracepoint_u(struct tp_sched__sched_process_exit *tsp_context) {
#line 14 "channel.ts"
  if ((((__s64)(bpf_get_current_pid_tgid() >> 32)) != ((__s64)(__u32)bpf_get_current_pid_tgid()))) {
#line 14 "channel.ts"
    return 0;
  }
#line 15 "channel.ts"
  ({ struct tsp_event_0 *tsp_1 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_1), 0); if (tsp_1) {   tsp_1->tsp_id = 0;   tsp_1->f_pid = ((__s64)(bpf_get_current_pid_tgid() >> 32));   tsp_1->f_comm = ({ struct tsp_text_16 tsp_2 = {}; bpf_get_current_comm(tsp_2.v, sizeof(tsp_2.v)); tsp_2; });   tsp_1->f_began = 0;   tsp_1->f_at = bpf_ktime_get_ns();   bpf_ringbuf_submit(tsp_1, 0); } else { tsp_count(1); } (void)0; });
  return 0;
}
#line 1 "<tsprobe>"
