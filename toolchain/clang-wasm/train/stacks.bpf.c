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
static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*const bpf_get_stack)(void *context, void *frames, __u32 size, __u64 flags) = (void *)67;
static long (*const bpf_ringbuf_output)(void *ring, void *data, __u64 size, __u64 flags) = (void *)130;

struct tp_sched__sched_switch {
  __u8 tsp_pad_0[32];
  __s64 f_prev_state; // long, offset 32
};

struct a0_places_slot { __u64 count; };
// count places
struct {
  __uint(type, 5);
  __uint(max_entries, 10240);
  __type(key, __u64);
  __type(value, struct a0_places_slot);
} a0_places_0 SEC(".maps");
struct {
  __uint(type, 5);
  __uint(max_entries, 10240);
  __type(key, __u64);
  __type(value, struct a0_places_slot);
} a0_places_1 SEC(".maps");
// Which of its two copies each aggregation uses; the host switches them
__u32 tsp_banks[1] SEC(".data.banks") = {};
static const __u64 tsp_zeros[1] = {};

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

// Stacks, by the hash of their frames
struct tsp_frames { __u64 check; __u32 pid; __u32 count; __u64 frames[127]; };
struct {
  __uint(type, 1);
  __uint(max_entries, 16384);
  __type(key, __u64);
  __type(value, struct tsp_frames);
} tsp_stacks SEC(".maps");
struct tsp_frame_buffer { __u64 users; __u64 record; __u64 id; struct tsp_frames stack; };
struct {
  __uint(type, 6);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct tsp_frame_buffer);
} tsp_frames SEC(".maps");

// A buffer of this CPU that nobody else has: programs interrupt each other, and those of uprobes can be preempted.
static __attribute__((noinline)) struct tsp_frame_buffer *tsp_frame_buffer(void) {
  for (__u32 i = 0; i < 4; i++) {
    __u32 slot = i;
    struct tsp_frame_buffer *buffer = bpf_map_lookup_elem(&tsp_frames, &slot);
    if (!buffer) return 0;
    __sync_fetch_and_add(&buffer->users, 1);
    if (*(volatile __u64 *)&buffer->users == 1) return buffer;
    __sync_fetch_and_add(&buffer->users, -1);
  }
  return 0;
}

static __attribute__((noinline)) __u64 tsp_stack(void *context, __u32 size, __u64 flags) {
  struct tsp_frame_buffer *buffer = tsp_frame_buffer();
  if (!buffer) return ~0ULL;
  __u64 id = ~0ULL;
  long bytes = bpf_get_stack(context, buffer->stack.frames, size, flags);
  if (bytes == 0 || bytes == -14 /* EFAULT: there is none */) id = 0;
  else if (bytes > 0) {
    __u32 count = (__u64)bytes / 8;
    if (count > 127) count = 127;
    __u32 pid = flags ? bpf_get_current_pid_tgid() >> 32 : 0;
    __u64 hash = ((__u64)pid << 32 | count) * 0x9e3779b97f4a7c15ULL + flags, check = flags;
    for (__u32 i = 0; i < 127; i++) {
      if (i >= count) break;
      __u64 frame = buffer->stack.frames[i];
      hash = (hash ^ frame) * 0xff51afd7ed558ccdULL;
      hash ^= hash >> 32;
      check = (check << 7 | check >> 57) + frame;
    }
    buffer->stack.check = check;
    buffer->stack.pid = pid;
    buffer->stack.count = count;
    hash = hash << 1 >> 1 | 1; // neither 0 nor ~0ULL
    struct tsp_frames *known = bpf_map_lookup_elem(&tsp_stacks, &hash);
    if (known) {
      if (known->check == check && known->count == count && known->pid == pid) id = hash;
    } else {
      long result = bpf_map_update_elem(&tsp_stacks, &hash, &buffer->stack, 1 /* BPF_NOEXIST */);
      if (result == 0 || result == -17 /* EEXIST: another CPU was first */) id = hash;
      // The host learns of each new one at once, while its process runs.
      buffer->record = 4294967295;
      buffer->id = hash;
      if (result == 0) bpf_ringbuf_output(&tsp_events, &buffer->record, 32 + count * 8, 0);
    }
  }
  __sync_fetch_and_add(&buffer->users, -1);
  return id;
}
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
INLINE void a0_places_add(const void *key, __u32 site) {
  __u32 bank = *(volatile __u32 *)&tsp_banks[0] & 1;
  struct a0_places_slot *slot;
  if (bank) { slot = tsp_slot(&a0_places_1, key, site); asm volatile("" : "+r"(slot) : "i"(1)); }
  else { slot = tsp_slot(&a0_places_0, key, site); asm volatile("" : "+r"(slot) : "i"(0)); }
  if (!slot) return;
  __sync_fetch_and_add(&slot->count, 1);
}
#line 12 "stacks.ts"
SEC("tracepoint/sched/sched_switch")
#line 12
int p0_sleeps(struct tp_sched__sched_switch *ctx) {
  if (FIELD(64, ctx, prev_state) != 0) {
#line 13
    __u64 tsp_stack1 = tsp_stack(ctx, 1016 /* 127 frames */, 0);
#line 13
    if (tsp_stack1 == ~0ULL) tsp_count(0 /* stack */);
#line 13
    __u64 tsp_key2 = tsp_stack1;
#line 13
    a0_places_add(&tsp_key2, 1 /* map-full */);
  }
#line 14
  return 0;
#line 14
}
#line 1 "<tsprobe>"
