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
static long (*const bpf_map_delete_elem)(void *map, const void *key) = (void *)3;
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*const bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;
INLINE void tsp_tally(void *map, __u32 index) {
  __u64 *count = bpf_map_lookup_elem(map, &index);
  if (count) __sync_fetch_and_add(count, 1);
}
INLINE void tsp_grow(__u64 *place, __u64 value) {
  for (int i = 0; i < 32; i++) {
    __u64 old = *(volatile __u64 *)place;
    if (value <= old || __sync_val_compare_and_swap(place, old, value) == old) return;
  }
}
INLINE __u64 tsp_log2(__u64 v) {
  v |= v >> 1; v |= v >> 2; v |= v >> 4; v |= v >> 8; v |= v >> 16; v |= v >> 32;
  v -= v >> 1 & 0x5555555555555555ULL;
  v = (v & 0x3333333333333333ULL) + (v >> 2 & 0x3333333333333333ULL);
  return ((v + (v >> 4) & 0x0f0f0f0f0f0f0f0fULL) * 0x0101010101010101ULL >> 56) - 1;
}
INLINE __u64 tsp_log_bucket(__s64 value, __u32 bits) {
  if (value < 0) return 0;
  if (value < 1LL << bits) return 1 + value;
  __u64 shift = tsp_log2(value) - bits & 63;
  return 1 + (shift << bits) + ((__u64)value >> shift);
}

struct tsp_opt_s64 { _Bool has; __s64 value; };
struct tsp_text_16 { char v[16]; };
struct tsp_obj_2 { __s64 f_call; __u64 f_ns; };
struct tsp_opt_obj_2 { _Bool has; struct tsp_obj_2 value; };

struct tp_raw_syscalls__sys_enter {
  __u8 tsp_pad_0[8];
  __s64 f_id; // long, offset 8
};

struct tp_raw_syscalls__sys_exit;

// Event 0: slow
struct tsp_event_0 {
  __u64 tsp_id;
  __u32 f_tid;
  struct tsp_text_16 f_comm;
  __s64 f_call;
  __u64 f_ms;
};
_Static_assert(sizeof(struct tsp_event_0) == 48, "layout of event 0");

struct m0_inFlight_value { __s64 f_call; __u64 f_ns; };
// stash inFlight
struct {
  __uint(type, 9);
  __uint(max_entries, 10240);
  __type(key, __u32);
  __type(value, struct m0_inFlight_value);
} m0_inFlight SEC(".maps");
// records of inFlight: put, taken
struct {
  __uint(type, 6);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u64);
} m0_inFlight_n SEC(".maps");

struct a0_calls_key { struct tsp_text_16 f_comm; __u32 f_pid; };
struct a0_calls_slot { __u64 count; };
// count calls
struct {
  __uint(type, 5);
  __uint(max_entries, 10240);
  __type(key, struct a0_calls_key);
  __type(value, struct a0_calls_slot);
} a0_calls_0 SEC(".maps");
struct {
  __uint(type, 5);
  __uint(max_entries, 10240);
  __type(key, struct a0_calls_key);
  __type(value, struct a0_calls_slot);
} a0_calls_1 SEC(".maps");
struct a1_latency_slot { __u64 low; __u64 high; __u64 min; __u64 max; __u64 buckets[249]; };
// hist latency
struct {
  __uint(type, 1);
  __uint(max_entries, 1024);
  __type(key, struct tsp_text_16);
  __type(value, struct a1_latency_slot);
} a1_latency_0 SEC(".maps");
struct {
  __uint(type, 1);
  __uint(max_entries, 1024);
  __type(key, struct tsp_text_16);
  __type(value, struct a1_latency_slot);
} a1_latency_1 SEC(".maps");
// Which of its two copies each aggregation uses; the host switches them
__u32 tsp_banks[2] SEC(".data.banks") = {};
static const __u64 tsp_zeros[253] = {};

const volatile _Bool opt_process__given;
const volatile __u32 opt_process;
const volatile __u32 opt_least;

// The event ring
struct {
  __uint(type, 27);
  __uint(max_entries, 8388608);
} tsp_events SEC(".maps");

// One counter for each place that can lose or fail
struct {
  __uint(type, 6);
  __uint(max_entries, 5);
  __type(key, __u32);
  __type(value, __u64);
} tsp_counters SEC(".maps");

static __attribute__((noinline)) void tsp_count(__u32 site) {
  __u64 *count = bpf_map_lookup_elem(&tsp_counters, &site);
  if (count) (*count)++;
}
// What an aggregation gathers for a key; a new key begins with zeros
INLINE void *tsp_slot(void *map, const void *key, __u32 site) {
  void *slot = bpf_map_lookup_elem(map, key);
  if (slot) return slot;
  bpf_map_update_elem(map, key, tsp_zeros, 1 /* BPF_NOEXIST */);
  slot = bpf_map_lookup_elem(map, key);
  if (!slot) tsp_count(site);
  return slot;
}
INLINE void a0_calls_add(const void *key, __u32 site) {
  __u32 bank = *(volatile __u32 *)&tsp_banks[0] & 1;
  struct a0_calls_slot *slot;
  if (bank) { slot = tsp_slot(&a0_calls_1, key, site); asm volatile("" : "+r"(slot) : "i"(1)); }
  else { slot = tsp_slot(&a0_calls_0, key, site); asm volatile("" : "+r"(slot) : "i"(0)); }
  if (!slot) return;
  __sync_fetch_and_add(&slot->count, 1);
}
INLINE void a1_latency_add(const void *key, __u32 site, __s64 value) {
  __u32 bank = *(volatile __u32 *)&tsp_banks[1] & 1;
  struct a1_latency_slot *slot;
  if (bank) { slot = tsp_slot(&a1_latency_1, key, site); asm volatile("" : "+r"(slot) : "i"(1)); }
  else { slot = tsp_slot(&a1_latency_0, key, site); asm volatile("" : "+r"(slot) : "i"(0)); }
  if (!slot) return;
  __sync_fetch_and_add(&slot->low, (__u32)value);
  if (value >> 32) __sync_fetch_and_add(&slot->high, (__u64)(value >> 32));
  tsp_grow(&slot->min, (__u64)value ^ 0x7fffffffffffffffULL);
  tsp_grow(&slot->max, (__u64)value ^ 0x8000000000000000ULL);
  __u64 bucket = tsp_log_bucket(value, 2);
  asm("" : "+r"(bucket)); // clang must not drop the check, which the verifier needs to see
  if (bucket < 249) __sync_fetch_and_add(&slot->buckets[bucket], 1);
}
#line 16 "aggregation.ts"
SEC("tracepoint/raw_syscalls/sys_enter")
#line 16
int p0_tracepoint_u(struct tp_raw_syscalls__sys_enter *ctx) {
  struct tsp_opt_s64 wanted = (struct tsp_opt_s64){ .has = opt_process__given, .value = opt_process };
  if (wanted.has && (__s64)(bpf_get_current_pid_tgid() >> 32) != wanted.value) return 0;
  struct tsp_text_16 tsp_comm1 = {};
#line 19
  bpf_get_current_comm(tsp_comm1.v, sizeof(tsp_comm1.v));
#line 19
  struct a0_calls_key tsp_key2;
#line 19
  __builtin_memset(&tsp_key2, 0, sizeof(tsp_key2));
#line 19
  tsp_key2.f_comm = tsp_comm1;
#line 19
  tsp_key2.f_pid = (__s64)(bpf_get_current_pid_tgid() >> 32);
#line 19
  a0_calls_add(&tsp_key2, 0 /* map-full */);
  __u32 tsp_key3 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 20
  struct m0_inFlight_value tsp_value4;
#line 20
  __builtin_memset(&tsp_value4, 0, sizeof(tsp_value4));
#line 20
  tsp_value4.f_call = FIELD(64, ctx, id);
#line 20
  tsp_value4.f_ns = bpf_ktime_get_ns();
#line 20
  long tsp_result5 = bpf_map_update_elem(&m0_inFlight, &tsp_key3, &tsp_value4, 1 /* BPF_NOEXIST */);
#line 20
  if (tsp_result5 == 0) { tsp_tally(&m0_inFlight_n, 0); }
#line 20
  else if (tsp_result5 == -17 /* EEXIST */ && bpf_map_update_elem(&m0_inFlight, &tsp_key3, &tsp_value4, 0) == 0) { tsp_count(1 /* replaced */); }
#line 20
  else { tsp_count(2 /* map-full */); }
  return 0;
#line 21
}
#line 1 "<tsprobe>"
#line 23 "aggregation.ts"
SEC("tracepoint/raw_syscalls/sys_exit")
#line 23
int p1_slow(struct tp_raw_syscalls__sys_exit *tsp_context UNUSED) {
  __u32 tsp_key1 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 24
  __u64 tsp_now2 = bpf_ktime_get_ns();
#line 24
  struct m0_inFlight_value *tsp_found3 = bpf_map_lookup_elem(&m0_inFlight, &tsp_key1);
#line 24
  struct tsp_opt_obj_2 done = {};
#line 24
  if (tsp_found3) {
#line 24
    done.value.f_call = tsp_found3->f_call; done.value.f_ns = tsp_found3->f_ns;
#line 24
    done.value.f_ns = tsp_now2 - done.value.f_ns;
#line 24
    if (bpf_map_delete_elem(&m0_inFlight, &tsp_key1) == 0) { tsp_tally(&m0_inFlight_n, 1); done.has = 1; }
#line 24
  }
  if (!done.has) return 0;
  struct tsp_text_16 tsp_comm5 = {};
#line 26
  bpf_get_current_comm(tsp_comm5.v, sizeof(tsp_comm5.v));
#line 26
  struct tsp_text_16 tsp_key6 = tsp_comm5;
#line 26
  a1_latency_add(&tsp_key6, 3 /* map-full */, (__s64)(done.value.f_ns / 1000));
  if (done.value.f_ns >= (__u64)((__s64)opt_least * 1000000)) {
#line 27
    struct tsp_event_0 *tsp_event7 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event7), 0);
#line 27
    if (!tsp_event7) { tsp_count(4 /* lost */); return 0; }
#line 27
    tsp_event7->tsp_id = 0;
#line 27
    tsp_event7->f_tid = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 27
    bpf_get_current_comm(tsp_event7->f_comm.v, sizeof(tsp_event7->f_comm.v));
#line 27
    tsp_event7->f_call = done.value.f_call;
#line 27
    tsp_event7->f_ms = done.value.f_ns / 1000000;
#line 27
    bpf_ringbuf_submit(tsp_event7, 0);
#line 27
    return 0;
  }
#line 28
  return 0;
#line 28
}
#line 1 "<tsprobe>"
