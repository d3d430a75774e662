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
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;
static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*const bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;
static long (*const bpf_get_stack)(void *context, void *frames, __u32 size, __u64 flags) = (void *)67;
static long (*const bpf_ringbuf_output)(void *ring, void *data, __u64 size, __u64 flags) = (void *)130;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;

struct tsp_text_16 { char v[16]; };

struct tp_syscalls__sys_enter_openat;

// Event 0: opens
struct tsp_event_0 {
  __u64 tsp_id;
  __u32 f_pid;
  struct tsp_text_16 f_comm;
  __u64 f_stack;
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

// Stacks, by the hash of their frames
struct tsp_frames { __u64 check; __u32 pid; __u32 count; __u64 frames[16]; };
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
    if (count > 16) count = 16;
    __u32 pid = flags ? bpf_get_current_pid_tgid() >> 32 : 0;
    __u64 hash = ((__u64)pid << 32 | count) * 0x9e3779b97f4a7c15ULL + flags, check = flags;
    for (__u32 i = 0; i < 16; i++) {
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
#line 7 "user-stack.ts"
SEC("tracepoint/syscalls/sys_enter_openat")
#line 7
int p0_opens(struct tp_syscalls__sys_enter_openat *tsp_context) {
#line 7
  __u64 tsp_stack2 = tsp_stack(tsp_context, 128 /* 16 frames */, 256);
#line 7
  if (tsp_stack2 == ~0ULL) tsp_count(1 /* stack */);
#line 7
  struct tsp_event_0 *tsp_event1 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event1), 0);
#line 7
  if (!tsp_event1) { tsp_count(0 /* lost */); return 0; }
#line 7
  tsp_event1->tsp_id = 0;
#line 7
  tsp_event1->f_pid = (__s64)(bpf_get_current_pid_tgid() >> 32);
#line 7
  bpf_get_current_comm(tsp_event1->f_comm.v, sizeof(tsp_event1->f_comm.v));
#line 7
  tsp_event1->f_stack = tsp_stack2;
#line 7
  bpf_ringbuf_submit(tsp_event1, 0);
#line 7
  return 0;
#line 7
}
#line 1 "<tsprobe>"
