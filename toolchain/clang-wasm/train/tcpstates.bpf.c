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
#define COUNT(rounds) ({ asm("" : "+r"(rounds)); rounds++; })
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;
static long (*const bpf_map_delete_elem)(void *map, const void *key) = (void *)3;
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*const bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;
static __u64 (*const bpf_get_current_task)(void) = (void *)35;
static long (*const bpf_probe_read_kernel)(void *to, __u32 size, const void *from) = (void *)113;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;
#define tsp_size(place) __builtin_preserve_field_info(place, 1)
#define tsp_exists(place) __builtin_preserve_field_info(place, 2)
#define tsp_read(to, place) (tsp_size(place) != sizeof(to) || bpf_probe_read_kernel(&(to), sizeof(to), &(place)))
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
INLINE __s32 tsp_find_network(const volatile __u32 *networks, __u32 size, __u32 family, const __u32 *address) {
  __u32 a = address[0], b = address[1], c = address[2], d = address[3];
  if (family == 2) { d = a; a = 0; b = 0; c = 0xffff0000; }
  else if (family != 10) return -1;
#pragma clang loop unroll(disable)
  for (__u32 i = 0; i < 64; i++) {
    if (i >= size) break;
    const volatile __u32 *n = networks + 9 * i;
    __u32 other = ((a ^ n[1]) & n[5]) | ((b ^ n[2]) & n[6]) | ((c ^ n[3]) & n[7]) | ((d ^ n[4]) & n[8]);
    if (other == 0 && (n[0] == 2 || family == 10)) return i;
  }
  return -1;
}
const volatile __s64 tsp_preempt_distance;
struct pcpu_hot___tsp { int preempt_count; } __attribute__((preserve_access_index));
struct cfs_rq___tsp { void *rq; } __attribute__((preserve_access_index));
struct sched_entity___tsp { struct cfs_rq___tsp *cfs_rq; } __attribute__((preserve_access_index));
struct thread_info___tsp { __u32 preempt_count; } __attribute__((preserve_access_index));
struct task_struct___tsp {
  struct thread_info___tsp thread_info;
  struct sched_entity___tsp se;
  int softirq_disable_cnt;
} __attribute__((preserve_access_index));
INLINE _Bool tsp_in_interrupt(void) {
  struct task_struct___tsp *task = (void *)bpf_get_current_task();
  const char *count_at = 0;
  __u32 count = 0, softirqs = 0;
  if (tsp_exists(task->thread_info.preempt_count)) count_at = (const char *)&task->thread_info.preempt_count;
  else if (tsp_preempt_distance != 0 && tsp_exists(task->se.cfs_rq) && tsp_exists(task->se.cfs_rq->rq)) {
    struct cfs_rq___tsp *queue = 0;
    void *rq = 0;
    if (bpf_probe_read_kernel(&queue, sizeof(queue), &task->se.cfs_rq)) return 1;
    if (bpf_probe_read_kernel(&rq, sizeof(rq), &queue->rq)) return 1;
    count_at = (const char *)rq + tsp_preempt_distance;
    struct pcpu_hot___tsp *hot = 0;
    if (tsp_exists(hot->preempt_count)) count_at += __builtin_preserve_field_info(hot->preempt_count, 0);
  }
  if (!count_at || bpf_probe_read_kernel(&count, sizeof(count), count_at)) return 1;
  if (tsp_exists(task->softirq_disable_cnt)) bpf_probe_read_kernel(&softirqs, sizeof(softirqs), &task->softirq_disable_cnt);
  return ((count & 0xff0100) | (softirqs & 0x100)) != 0;
}
#define TSP_HIDE(value) asm("" : "+r"(value))
#define TSP_FORGET(value) ({ volatile __u16 tsp_halves[2] ALIGNED; tsp_halves[0] = value; tsp_halves[1] = (value) >> 16; *(volatile __u32 *)tsp_halves; })
#define TSP_BYTES(i, size, stop) for (__u32 tsp_at = 0; tsp_at < (size) && !(stop); tsp_at += 16) for (__u32 i = tsp_at; i < tsp_at + 16 && i < (size); i++)
#define TSP_IS(byte) (((byte) + 255) >> 8)
// Up to the NUL, or the whole of both
INLINE _Bool tsp_same_text(const char *a, __u32 a_size, const char *b, __u32 b_size) {
  const __u32 size = a_size < b_size ? a_size : b_size;
  __u64 unlike = 0, on = 1;
  TSP_BYTES(i, size, unlike | (on ^ 1)) {
    __u64 x = (__u8)a[i], y = (__u8)b[i];
    TSP_HIDE(x);
    unlike |= (x ^ y) & -on;
    on &= TSP_IS(x);
  }
  if (a_size != b_size) unlike |= (__u8)(a_size < b_size ? b[size] : a[size]) & -on;
  return TSP_FORGET(unlike) == 0;
}

struct tsp_opt_u64 { _Bool has; __u64 value; };
struct tsp_ip { __u32 family; __u8 bytes[16]; };
struct tsp_text_16 { char v[16]; };
struct tsp_obj_3 { __u64 f_at; struct tsp_ip f_laddr; struct tsp_ip f_raddr; __s64 f_rport; __s64 f_pid; struct tsp_text_16 f_comm; };
struct tsp_opt_obj_3 { _Bool has; struct tsp_obj_3 value; };
struct tsp_u8x4 { __u8 v[4]; };
struct tsp_u8x16 { __u8 v[16]; };
struct tsp_opt_s64 { _Bool has; __s64 value; };
struct tsp_obj_8 { __s64 f_pid; struct tsp_text_16 f_comm; };
struct tsp_opt_obj_8 { _Bool has; struct tsp_obj_8 value; };
struct tsp_long_text { const char *v; };

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
struct tp_tcp__tcp_retransmit_skb {
  __u8 tsp_pad_0[16];
  __u64 f_skaddr; // const void *, offset 16
  __u8 tsp_pad_24[4];
  __u16 f_sport; // __u16, offset 28
};
struct tps_syscalls_sys_exit_accept_ {
  __u8 tsp_pad_0[16];
  __s64 f_ret; // long, offset 16
};

struct tp_syscalls__sys_exit_connect;

struct sock_cgroup_data { void *cgroup; } __attribute__((preserve_access_index));
struct sock_common { __u16 skc_num; struct { void *net; } __attribute__((preserve_access_index)) skc_net; } __attribute__((preserve_access_index));
struct sock { struct sock_cgroup_data sk_cgrp_data; struct sock_common __sk_common; __u16 sk_protocol; } __attribute__((preserve_access_index));
struct cgroup_subsys_state { void *parent; void *cgroup; } __attribute__((preserve_access_index));
struct cgroup { void *kn; struct cgroup_subsys_state self; } __attribute__((preserve_access_index));
struct kernfs_node { __u64 id; } __attribute__((preserve_access_index));
struct task_struct { void *files; __u32 flags; } __attribute__((preserve_access_index));
struct files_struct { void *fdt; } __attribute__((preserve_access_index));
struct fdtable { __u32 max_fds; void *fd; } __attribute__((preserve_access_index));
struct file { void *f_inode; void *private_data; } __attribute__((preserve_access_index));
struct inode { __u16 i_mode; } __attribute__((preserve_access_index));
struct socket { void *sk; } __attribute__((preserve_access_index));
struct ns_common { __u32 inum; } __attribute__((preserve_access_index));
struct net { struct ns_common ns; } __attribute__((preserve_access_index));

// Event 0: moves
struct tsp_event_0 {
  __u64 tsp_id;
  __u64 f_sk;
  __u64 f_at;
  __u64 f_us;
  struct tsp_ip f_laddr;
  __u16 f_lport;
  struct tsp_ip f_raddr;
  __u16 f_rport;
  __u8 f_from;
  __u8 f_to;
  __u32 f_pid;
  struct tsp_text_16 f_comm;
  __u32 f_cpid;
  struct tsp_text_16 f_ccomm;
};
_Static_assert(sizeof(struct tsp_event_0) == 120, "layout of event 0");

// lruHash since
struct {
  __uint(type, 9);
  __uint(max_entries, 65536);
  __type(key, __u64);
  __type(value, __u64);
} m0_since SEC(".maps");
struct m1_owners_value { __u32 f_pid; struct tsp_text_16 f_comm; };
// lruHash owners
struct {
  __uint(type, 9);
  __uint(max_entries, 65536);
  __type(key, __u64);
  __type(value, struct m1_owners_value);
} m1_owners SEC(".maps");
struct m2_waiting_value { __u64 f_at; struct tsp_ip f_laddr; struct tsp_ip f_raddr; __u16 f_rport; __u32 f_pid; struct tsp_text_16 f_comm; };
// lruHash waiting
struct {
  __uint(type, 9);
  __uint(max_entries, 8192);
  __type(key, __u64);
  __type(value, struct m2_waiting_value);
} m2_waiting SEC(".maps");
// lruHash connecting
struct {
  __uint(type, 9);
  __uint(max_entries, 8192);
  __type(key, __u32);
  __type(value, __u64);
} m3_connecting SEC(".maps");

struct a0_times_slot { __u64 low; __u64 high; __u64 min; __u64 max; __u64 buckets[1889]; };
// quantiles times
struct {
  __uint(type, 1);
  __uint(max_entries, 16);
  __type(key, __u8);
  __type(value, struct a0_times_slot);
} a0_times_0 SEC(".maps");
struct {
  __uint(type, 1);
  __uint(max_entries, 16);
  __type(key, __u8);
  __type(value, struct a0_times_slot);
} a0_times_1 SEC(".maps");
// Which of its two copies each aggregation uses; the host switches them
__u32 tsp_banks[1] SEC(".data.banks") = {};
static const __u64 tsp_zeros[1893] = {};

const volatile __u32 opt_localport__size;
const volatile __u64 opt_localport__bits[1024];
const volatile _Bool opt_ipv4;
const volatile _Bool opt_ipv6;
const volatile __u32 opt_remoteport__size;
const volatile __u64 opt_remoteport__bits[1024];
const volatile __u32 opt_laddr__size;
const volatile __u32 opt_laddr__networks[576];
const volatile __u32 opt_raddr__size;
const volatile __u32 opt_raddr__networks[576];
const volatile _Bool opt_netns__given;
const volatile __u32 opt_netns;
const volatile _Bool opt_cgroup__given;
const volatile __u64 opt_cgroup;
const volatile _Bool opt_pid__given;
const volatile __u32 opt_pid;
const volatile _Bool opt_comm__given;
const volatile char opt_comm[64];
const volatile _Bool opt_summary;

// The event ring
struct {
  __uint(type, 27);
  __uint(max_entries, 8388608);
} tsp_events SEC(".maps");

// One counter for each place that can lose or fail
struct {
  __uint(type, 6);
  __uint(max_entries, 31);
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
INLINE void a0_times_add(const void *key, __u32 site, __s64 value) {
  __u32 bank = *(volatile __u32 *)&tsp_banks[0] & 1;
  struct a0_times_slot *slot;
  if (bank) { slot = tsp_slot(&a0_times_1, key, site); asm volatile("" : "+r"(slot) : "i"(1)); }
  else { slot = tsp_slot(&a0_times_0, key, site); asm volatile("" : "+r"(slot) : "i"(0)); }
  if (!slot) return;
  __sync_fetch_and_add(&slot->low, (__u32)value);
  if (value >> 32) __sync_fetch_and_add(&slot->high, (__u64)(value >> 32));
  tsp_grow(&slot->min, (__u64)value ^ 0x7fffffffffffffffULL);
  tsp_grow(&slot->max, (__u64)value ^ 0x8000000000000000ULL);
  __u64 bucket = tsp_log_bucket(value, 5);
  asm("" : "+r"(bucket)); // clang must not drop the check, which the verifier needs to see
  if (bucket < 1889) __sync_fetch_and_add(&slot->buckets[bucket], 1);
}
#line 2 "cgroup.js"
INLINE _Bool fn_0_sockInCgroup(__u64 sk, __u64 id, _Bool *tsp_failed) {
  if (!(tsp_exists(((const struct sock *)0)->sk_cgrp_data) != 0) || !(tsp_exists(((const struct sock *)0)->sk_cgrp_data.cgroup) != 0)) {
#line 3
    return 0;
  }
#line 4
  __u64 own;
#line 4
  if (tsp_read(own, ((const struct sock *)(unsigned long)sk)->sk_cgrp_data.cgroup)) { tsp_count(1 /* read */); *tsp_failed = 1; return 0; }
  __u64 address = !(own != 0) ? 0LL : own;
  {
#line 6
    __s64 level = 0;
#line 6
    for (__u64 tsp_rounds2 = 0; tsp_rounds2 < 32 && level < 32 && address != 0; COUNT(tsp_rounds2), level = level + 1) {
      __u64 cgroup = address;
      __u64 tsp_kn3;
#line 8
      if (tsp_read(tsp_kn3, ((const struct cgroup *)(unsigned long)cgroup)->kn)) { tsp_count(2 /* read */); *tsp_failed = 1; return 0; }
#line 8
      struct tsp_opt_u64 tsp_optional4 = {};
#line 8
      __u64 link = tsp_kn3;
#line 8
      if (link) { __u64 tsp_id5; if (tsp_read(tsp_id5, ((const struct kernfs_node *)(unsigned long)link)->id)) { tsp_count(3 /* read */); *tsp_failed = 1; return 0; } tsp_optional4 = (struct tsp_opt_u64){ .has = 1, .value = tsp_id5 }; }
#line 8
      struct tsp_opt_u64 value = tsp_optional4;
#line 8
      if (value.has && value.value == id) {
#line 8
        return 1;
      }
#line 9
      __u64 parent;
#line 9
      if (tsp_read(parent, ((const struct cgroup *)(unsigned long)cgroup)->self.parent)) { tsp_count(4 /* read */); *tsp_failed = 1; return 0; }
      if (!(parent != 0)) {
#line 10
        return 0;
      }
#line 11
      __u64 above;
#line 11
      if (tsp_read(above, ((const struct cgroup_subsys_state *)(unsigned long)parent)->cgroup)) { tsp_count(5 /* read */); *tsp_failed = 1; return 0; }
      address = !(above != 0) ? 0LL : above;
    }
  }
#line 14
  return 0;
}
#line 1 "<tsprobe>"
#line 113 "tcpstates.ts"
INLINE void fn_1_sendWaiting(__u64 sk, __s64 lport) {
  struct m2_waiting_value *tsp_found1 = bpf_map_lookup_elem(&m2_waiting, &sk);
#line 114
  struct tsp_opt_obj_3 first = {};
#line 114
  first.has = tsp_is_there(tsp_found1);
#line 114
  if (tsp_found1) { first.value.f_at = tsp_found1->f_at; first.value.f_laddr = tsp_found1->f_laddr; first.value.f_raddr = tsp_found1->f_raddr; first.value.f_rport = tsp_found1->f_rport; first.value.f_pid = tsp_found1->f_pid; first.value.f_comm = tsp_found1->f_comm; }
  if (!first.has) {
#line 115
    return;
  }
#line 116
  if ((__s64)opt_localport__size == 0 || tsp_in_set(opt_localport__bits, lport)) {
    struct tsp_event_0 *tsp_event3 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event3), 0);
#line 117
    if (tsp_event3) {
#line 117
      tsp_event3->tsp_id = 0;
#line 117
      tsp_event3->f_sk = sk;
#line 117
      tsp_event3->f_at = first.value.f_at;
#line 117
      tsp_event3->f_us = (__u64)0LL;
#line 117
      tsp_event3->f_laddr = first.value.f_laddr;
#line 117
      tsp_event3->f_lport = lport;
#line 117
      tsp_event3->f_raddr = first.value.f_raddr;
#line 117
      tsp_event3->f_rport = first.value.f_rport;
#line 117
      tsp_event3->f_from = 7;
#line 117
      tsp_event3->f_to = 2;
#line 117
      tsp_event3->f_pid = first.value.f_pid;
#line 117
      tsp_event3->f_comm = first.value.f_comm;
#line 117
      tsp_event3->f_cpid = first.value.f_pid;
#line 117
      tsp_event3->f_ccomm = first.value.f_comm;
#line 117
      bpf_ringbuf_submit(tsp_event3, 0);
#line 117
    } else { tsp_count(6 /* lost */); }
  }
#line 132
  bpf_map_delete_elem(&m2_waiting, &sk);
}
#line 1 "<tsprobe>"
#line 207 "tcpstates.ts"
INLINE void fn_2_portChosen(_Bool *tsp_failed) {
  __u32 tsp_key1 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 208
  __u64 *tsp_found2 = bpf_map_lookup_elem(&m3_connecting, &tsp_key1);
#line 208
  struct tsp_opt_u64 sk = {};
#line 208
  sk.has = tsp_is_there(tsp_found2);
#line 208
  if (tsp_found2) { sk.value = *tsp_found2; }
  if (!sk.has) {
#line 209
    return;
  }
#line 210
  __u16 tsp_skc_num4;
#line 210
  if (tsp_read(tsp_skc_num4, ((const struct sock *)(unsigned long)sk.value)->__sk_common.skc_num)) { tsp_count(7 /* read */); *tsp_failed = 1; return; }
#line 210
  __s64 lport = (__s64)tsp_skc_num4;
  if (lport == 0) {
#line 211
    return;
  }
#line 212
  __u32 tsp_key5 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 212
  bpf_map_delete_elem(&m3_connecting, &tsp_key5);
  fn_1_sendWaiting(sk.value, lport);
}
#line 1 "<tsprobe>"
#line 4 "fd.js"
INLINE __u64 fn_3_fdSock(__s64 fd, _Bool *tsp_failed) {
  __u64 taken = bpf_get_current_task();
#line 5
  __u64 files;
#line 5
  if (tsp_read(files, ((const struct task_struct *)(unsigned long)taken)->files)) { tsp_count(8 /* read */); *tsp_failed = 1; return 0; }
  if (!(files != 0)) {
#line 6
    return 0;
  }
#line 7
  __u64 fdt;
#line 7
  if (tsp_read(fdt, ((const struct files_struct *)(unsigned long)files)->fdt)) { tsp_count(9 /* read */); *tsp_failed = 1; return 0; }
  if (!(fdt != 0) || fd < 0 || ({ __u32 tsp_max_fds3; if (tsp_read(tsp_max_fds3, ((const struct fdtable *)(unsigned long)fdt)->max_fds)) { tsp_count(10 /* read */); *tsp_failed = 1; return 0; } fd >= (__s64)tsp_max_fds3; })) {
#line 8
    return 0;
  }
#line 9
  __u64 address;
#line 9
  __u64 tsp_fd6;
#line 9
  if (tsp_read(tsp_fd6, ((const struct fdtable *)(unsigned long)fdt)->fd)) { tsp_count(11 /* read */); *tsp_failed = 1; return 0; }
#line 9
  __u64 tsp_7;
#line 9
  if (__builtin_add_overflow(tsp_fd6, fd * 8, &tsp_7)) { tsp_count(12 /* overflow */); *tsp_failed = 1; return 0; }
#line 9
  if (bpf_probe_read_kernel(&address, sizeof(address), (const void *)(unsigned long)tsp_7)) { tsp_count(13 /* read */); *tsp_failed = 1; return 0; }
  if (address == 0) {
#line 10
    return 0;
  }
#line 11
  __u64 file = address;
  __u64 inode;
#line 12
  if (tsp_read(inode, ((const struct file *)(unsigned long)file)->f_inode)) { tsp_count(14 /* read */); *tsp_failed = 1; return 0; }
  if (!(inode != 0) || ({ __u16 tsp_i_mode9; if (tsp_read(tsp_i_mode9, ((const struct inode *)(unsigned long)inode)->i_mode)) { tsp_count(15 /* read */); *tsp_failed = 1; return 0; } (__s64)((__s32)tsp_i_mode9 & 61440) != 49152; })) {
#line 13
    return 0;
  }
#line 14
  __u64 taken_2;
#line 14
  if (tsp_read(taken_2, ((const struct file *)(unsigned long)file)->private_data)) { tsp_count(16 /* read */); *tsp_failed = 1; return 0; }
#line 14
  __u64 sk;
#line 14
  if (tsp_read(sk, ((const struct socket *)(unsigned long)taken_2)->sk)) { tsp_count(17 /* read */); *tsp_failed = 1; return 0; }
  return !(sk != 0) ? 0LL : sk;
}
#line 1 "<tsprobe>"
#line 228 "tcpstates.ts"
INLINE void fn_4_accepted(__u64 sk, _Bool *tsp_failed) {
  if (sk == 0 || ({ __u16 tsp_sk_protocol1; if (tsp_read(tsp_sk_protocol1, ((const struct sock *)(unsigned long)sk)->sk_protocol)) { tsp_count(18 /* read */); *tsp_failed = 1; return; } (__s64)tsp_sk_protocol1 != 6; })) {
#line 229
    return;
  }
#line 230
  struct tsp_text_16 tsp_comm3 = {};
#line 230
  bpf_get_current_comm(tsp_comm3.v, sizeof(tsp_comm3.v));
#line 230
  struct m1_owners_value tsp_value4;
#line 230
  __builtin_memset(&tsp_value4, 0, sizeof(tsp_value4));
#line 230
  tsp_value4.f_pid = (__s64)(bpf_get_current_pid_tgid() >> 32);
#line 230
  tsp_value4.f_comm = tsp_comm3;
#line 230
  if (bpf_map_update_elem(&m1_owners, &sk, &tsp_value4, 0)) tsp_count(19 /* map-full */);
}
#line 1 "<tsprobe>"
#line 138 "tcpstates.ts"
SEC("tracepoint/sock/inet_sock_set_state")
#line 138
int p0_changes(struct tp_sock__inet_sock_set_state *ctx) {
  _Bool tsp_failed = 0;
#line 139
  if (FIELD(16, ctx, protocol) != 6) return 0;
#line 141
  if (opt_ipv4 && !opt_ipv6 && FIELD(16, ctx, family) != 2) return 0;
  if (opt_ipv6 && !opt_ipv4 && FIELD(16, ctx, family) != 10) return 0;
  if ((__s64)opt_remoteport__size > 0 && !tsp_in_set(opt_remoteport__bits, FIELD(16, ctx, dport))) return 0;
  struct tsp_ip laddr = (FIELD(16, ctx, family) == 2) ? ({ struct tsp_u8x4 tsp_copy1 ALIGNED; COPY4(tsp_copy1.v, ctx, saddr); struct tsp_ip tsp_ip2 = { .family = 2 }; __builtin_memcpy(tsp_ip2.bytes, tsp_copy1.v, 4); tsp_ip2; }) : ({ struct tsp_u8x16 tsp_copy3 ALIGNED; COPY16(tsp_copy3.v, ctx, saddr_v6); struct tsp_ip tsp_ip4 = { .family = 10 }; __builtin_memcpy(tsp_ip4.bytes, tsp_copy3.v, 16); tsp_ip4; });
  struct tsp_ip raddr = (FIELD(16, ctx, family) == 2) ? ({ struct tsp_u8x4 tsp_copy6 ALIGNED; COPY4(tsp_copy6.v, ctx, daddr); struct tsp_ip tsp_ip7 = { .family = 2 }; __builtin_memcpy(tsp_ip7.bytes, tsp_copy6.v, 4); tsp_ip7; }) : ({ struct tsp_u8x16 tsp_copy8 ALIGNED; COPY16(tsp_copy8.v, ctx, daddr_v6); struct tsp_ip tsp_ip9 = { .family = 10 }; __builtin_memcpy(tsp_ip9.bytes, tsp_copy8.v, 16); tsp_ip9; });
  if ((__s64)opt_laddr__size > 0 && !(tsp_find_network(opt_laddr__networks, opt_laddr__size, laddr.family, (const __u32 *)laddr.bytes) >= 0)) return 0;
  if ((__s64)opt_raddr__size > 0 && !(tsp_find_network(opt_raddr__networks, opt_raddr__size, raddr.family, (const __u32 *)raddr.bytes) >= 0)) return 0;
  if ((struct tsp_opt_s64){ .has = opt_netns__given, .value = opt_netns }.has && ({ __u64 tsp_11 = FIELD(64, ctx, skaddr); __u64 tsp_net12; if (tsp_read(tsp_net12, ((const struct sock *)(unsigned long)tsp_11)->__sk_common.skc_net.net)) { tsp_count(20 /* read */); return 0; } struct tsp_opt_s64 tsp_optional13 = {}; __u64 link = tsp_net12; if (link) { __u32 tsp_inum14; if (tsp_read(tsp_inum14, ((const struct net *)(unsigned long)link)->ns.inum)) { tsp_count(21 /* read */); return 0; } tsp_optional13 = (struct tsp_opt_s64){ .has = 1, .value = (__s64)tsp_inum14 }; } struct tsp_opt_s64 value = tsp_optional13; !(value.has && value.value == (struct tsp_opt_s64){ .has = opt_netns__given, .value = opt_netns }.value); })) return 0;
  if ((struct tsp_opt_u64){ .has = opt_cgroup__given, .value = opt_cgroup }.has && ({ _Bool tsp_result16 = fn_0_sockInCgroup(FIELD(64, ctx, skaddr), (struct tsp_opt_u64){ .has = opt_cgroup__given, .value = opt_cgroup }.value, &tsp_failed); if (tsp_failed) return 0; !tsp_result16; })) return 0;
#line 152
  if (FIELD(32, ctx, oldstate) != 7) {
#line 152
    fn_1_sendWaiting(FIELD(64, ctx, skaddr), (__s64)FIELD(16, ctx, sport));
  }
#line 153
  _Bool connects = FIELD(32, ctx, oldstate) == 7 && FIELD(32, ctx, newstate) == 2;
  _Bool waits = connects && FIELD(16, ctx, sport) == 0;
  if (!waits && (__s64)opt_localport__size > 0 && !tsp_in_set(opt_localport__bits, FIELD(16, ctx, sport))) return 0;
#line 157
  __u64 now = bpf_ktime_get_ns();
#line 159
  _Bool isChild = FIELD(32, ctx, oldstate) == 10 && FIELD(32, ctx, newstate) == 3;
  struct tsp_opt_u64 before = (FIELD(32, ctx, oldstate) == 7 || isChild) ? (struct tsp_opt_u64){} : ({ __u64 tsp_key19 = FIELD(64, ctx, skaddr); __u64 *tsp_found20 = bpf_map_lookup_elem(&m0_since, &tsp_key19); struct tsp_opt_u64 tsp_value21 = {}; tsp_value21.has = tsp_is_there(tsp_found20); if (tsp_found20) { tsp_value21.value = *tsp_found20; } tsp_value21; });
  if (FIELD(32, ctx, newstate) == 7) {
#line 161
    __u64 tsp_key23 = FIELD(64, ctx, skaddr);
#line 161
    bpf_map_delete_elem(&m0_since, &tsp_key23);
  } else {
#line 162
    __u64 tsp_key25 = FIELD(64, ctx, skaddr);
#line 162
    if (bpf_map_update_elem(&m0_since, &tsp_key25, &now, 0)) tsp_count(22 /* map-full */);
  }
#line 165
  __s64 cpid = tsp_in_interrupt() ? 0LL : (__s64)(bpf_get_current_pid_tgid() >> 32);
  _Bool opens = connects || (FIELD(32, ctx, oldstate) == 7 && FIELD(32, ctx, newstate) == 10);
  if (isChild) {
#line 167
    __u64 tsp_key26 = FIELD(64, ctx, skaddr);
#line 167
    bpf_map_delete_elem(&m1_owners, &tsp_key26);
  }
#line 168
  _Bool ends = FIELD(32, ctx, newstate) == 4 || FIELD(32, ctx, newstate) == 9 || (FIELD(32, ctx, oldstate) == 10 && FIELD(32, ctx, newstate) == 7);
#line 172
  _Bool tsp_30 = ends && cpid != 0 && ({ __u64 tsp_28 = bpf_get_current_task(); __u32 tsp_flags29; if (tsp_read(tsp_flags29, ((const struct task_struct *)(unsigned long)tsp_28)->flags)) { tsp_count(23 /* read */); return 0; } (__s64)((__s32)tsp_flags29 & 2097152) == 0; });
#line 172
  _Bool holds = tsp_30 && ({ __u64 tsp_key31 = FIELD(64, ctx, skaddr); _Bool tsp_has32 = tsp_is_there(bpf_map_lookup_elem(&m1_owners, &tsp_key31)); !tsp_has32; });
  if (opens || holds) {
#line 173
    __u64 tsp_key34 = FIELD(64, ctx, skaddr);
#line 173
    struct tsp_text_16 tsp_comm35 = {};
#line 173
    bpf_get_current_comm(tsp_comm35.v, sizeof(tsp_comm35.v));
#line 173
    struct m1_owners_value tsp_value36;
#line 173
    __builtin_memset(&tsp_value36, 0, sizeof(tsp_value36));
#line 173
    tsp_value36.f_pid = (__s64)(bpf_get_current_pid_tgid() >> 32);
#line 173
    tsp_value36.f_comm = tsp_comm35;
#line 173
    if (bpf_map_update_elem(&m1_owners, &tsp_key34, &tsp_value36, 0)) tsp_count(24 /* map-full */);
  }
#line 174
  __u64 tsp_key37 = FIELD(64, ctx, skaddr);
#line 174
  struct m1_owners_value *tsp_found38 = bpf_map_lookup_elem(&m1_owners, &tsp_key37);
#line 174
  struct tsp_opt_obj_8 tsp_value39 = {};
#line 174
  tsp_value39.has = tsp_is_there(tsp_found38);
#line 174
  if (tsp_found38) { tsp_value39.value.f_pid = tsp_found38->f_pid; tsp_value39.value.f_comm = tsp_found38->f_comm; }
#line 174
  struct tsp_obj_8 owner = tsp_value39.has ? tsp_value39.value : (struct tsp_obj_8){ .f_pid = 0, .f_comm = (struct tsp_text_16){ "" } };
  if (FIELD(32, ctx, newstate) == 7) {
#line 175
    __u64 tsp_key40 = FIELD(64, ctx, skaddr);
#line 175
    bpf_map_delete_elem(&m1_owners, &tsp_key40);
  }
#line 176
  if ((struct tsp_opt_s64){ .has = opt_pid__given, .value = opt_pid }.has && owner.f_pid != (struct tsp_opt_s64){ .has = opt_pid__given, .value = opt_pid }.value) return 0;
  if (opt_comm__given && ({ const char *tsp_from42 = (const void *)opt_comm; asm("" : "+r"(tsp_from42)); struct tsp_long_text tsp_43 = (struct tsp_long_text){ tsp_from42 }; !tsp_same_text(tsp_43.v, 64, owner.f_comm.v, 16); })) return 0;
#line 179
  __s64 us = !before.has ? 0LL : ({ __s64 tsp_45; if (__builtin_sub_overflow(now, before.value, &tsp_45)) { tsp_count(25 /* overflow */); return 0; } tsp_divide(tsp_45, 1000); });
  if (opt_summary) {
    if (before.has) {
#line 181
      __u8 tsp_key47 = (__s64)FIELD(32, ctx, oldstate);
#line 181
      a0_times_add(&tsp_key47, 26 /* map-full */, us);
    }
#line 182
    return 0;
  }
  if (waits) {
    __u64 tsp_key48 = FIELD(64, ctx, skaddr);
#line 185
    struct m2_waiting_value tsp_value49;
#line 185
    __builtin_memset(&tsp_value49, 0, sizeof(tsp_value49));
#line 185
    tsp_value49.f_at = now;
#line 185
    tsp_value49.f_laddr = laddr;
#line 185
    tsp_value49.f_raddr = raddr;
#line 185
    tsp_value49.f_rport = (__s64)FIELD(16, ctx, dport);
#line 185
    tsp_value49.f_pid = owner.f_pid;
#line 185
    tsp_value49.f_comm = owner.f_comm;
#line 185
    if (bpf_map_update_elem(&m2_waiting, &tsp_key48, &tsp_value49, 0)) tsp_count(27 /* map-full */);
    __u32 tsp_key50 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 186
    __u64 tsp_value51 = FIELD(64, ctx, skaddr);
#line 186
    if (bpf_map_update_elem(&m3_connecting, &tsp_key50, &tsp_value51, 0)) tsp_count(28 /* map-full */);
    return 0;
  }
  struct tsp_event_0 *tsp_event52 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event52), 0);
#line 189
  if (tsp_event52) {
#line 189
    tsp_event52->tsp_id = 0;
#line 189
    tsp_event52->f_sk = FIELD(64, ctx, skaddr);
#line 189
    tsp_event52->f_at = now;
#line 189
    tsp_event52->f_us = (__u64)us;
#line 189
    tsp_event52->f_laddr = laddr;
#line 189
    tsp_event52->f_lport = FIELD(16, ctx, sport);
#line 189
    tsp_event52->f_raddr = raddr;
#line 189
    tsp_event52->f_rport = FIELD(16, ctx, dport);
#line 189
    tsp_event52->f_from = FIELD(32, ctx, oldstate);
#line 189
    tsp_event52->f_to = FIELD(32, ctx, newstate);
#line 189
    tsp_event52->f_pid = owner.f_pid;
#line 189
    tsp_event52->f_comm = owner.f_comm;
#line 189
    tsp_event52->f_cpid = cpid;
#line 189
    bpf_get_current_comm(tsp_event52->f_ccomm.v, sizeof(tsp_event52->f_ccomm.v));
#line 189
    bpf_ringbuf_submit(tsp_event52, 0);
#line 189
  } else { tsp_count(29 /* lost */); }
#line 204
  return 0;
#line 204
}
#line 1 "<tsprobe>"
#line 218 "tcpstates.ts"
SEC("tracepoint/syscalls/sys_exit_connect")
#line 218
int p1_fexit_u23_2(struct tp_syscalls__sys_exit_connect *tsp_context UNUSED) {
  _Bool tsp_failed = 0;
#line 218
  fn_2_portChosen(&tsp_failed);
#line 218
  if (tsp_failed) return 0;
#line 218
  return 0;
#line 218
}
#line 1 "<tsprobe>"
#line 223 "tcpstates.ts"
SEC("tracepoint/syscalls/sys_exit_connect")
#line 223
int p2_fexit_u23_3(struct tp_syscalls__sys_exit_connect *tsp_context UNUSED) {
  _Bool tsp_failed = 0;
#line 223
  fn_2_portChosen(&tsp_failed);
#line 223
  if (tsp_failed) return 0;
#line 223
  return 0;
#line 223
}
#line 1 "<tsprobe>"
#line 226 "tcpstates.ts"
SEC("tracepoint/tcp/tcp_retransmit_skb")
#line 226
int p3_tracepoint_u(struct tp_tcp__tcp_retransmit_skb *ctx) {
#line 226
  fn_1_sendWaiting(FIELD(64, ctx, skaddr), (__s64)FIELD(16, ctx, sport));
#line 226
  return 0;
#line 226
}
#line 1 "<tsprobe>"
#line 235 "tcpstates.ts"
SEC("tracepoint")
#line 235
int p4_fexit_u23_5(struct tps_syscalls_sys_exit_accept_ *ctx) {
  _Bool tsp_failed = 0;
#line 236
  if (FIELD(64, ctx, ret) >= 0) {
#line 236
    __s64 tsp_1 = FIELD(64, ctx, ret);
#line 236
    if (tsp_1 > 9007199254740991LL || tsp_1 < -9007199254740991LL) { tsp_count(30 /* overflow */); return 0; }
#line 236
    __u64 tsp_result2 = fn_3_fdSock(tsp_1, &tsp_failed);
#line 236
    if (tsp_failed) return 0;
#line 236
    fn_4_accepted(tsp_result2, &tsp_failed);
#line 236
    if (tsp_failed) return 0;
  }
#line 237
  return 0;
#line 237
}
#line 1 "<tsprobe>"
