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
static __u64 (*const bpf_get_current_uid_gid)(void) = (void *)15;
static long (*const bpf_get_current_comm)(void *buffer, __u32 size) = (void *)16;
static __u64 (*const bpf_get_current_task)(void) = (void *)35;
static long (*const bpf_probe_read_user)(void *to, __u32 size, const void *from) = (void *)112;
static long (*const bpf_probe_read_kernel)(void *to, __u32 size, const void *from) = (void *)113;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, __u64 flags) = (void *)132;
#define tsp_size(place) __builtin_preserve_field_info(place, 1)
#define tsp_exists(place) __builtin_preserve_field_info(place, 2)
#define tsp_read(to, place) (tsp_size(place) != sizeof(to) || bpf_probe_read_kernel(&(to), sizeof(to), &(place)))
INLINE _Bool tsp_is_there(const void *found) {
  __u64 is = found != 0;
  asm("" : "+r"(is)); // else clang tests two pointers at once, by an "or" of both that the verifier refuses
  return is;
}
INLINE _Bool tsp_in_set(const volatile __u64 *bits, __u64 value) {
  asm("" : "+r"(value)); // else clang drops a check that the verifier needs
  return value < 65536 && (bits[value >> 6] >> (value & 63) & 1);
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

struct tsp_opt_s64 { _Bool has; __s64 value; };
struct tsp_ip { __u32 family; __u8 bytes[16]; };
struct tsp_opt_u64 { _Bool has; __u64 value; };
struct tsp_text_16 { char v[16]; };
struct tsp_obj_4 { __u64 f_at; __s64 f_ns; __u64 f_search; __s64 f_pid; struct tsp_text_16 f_comm; __s64 f_uid; __s64 f_netns; __s64 f_ipv; struct tsp_ip f_saddr; __s64 f_lport; struct tsp_ip f_daddr; __s64 f_dport; __s64 f_outcome; __s64 f_retrans; };
struct tsp_obj_5 { __s64 f_pid; struct tsp_text_16 f_comm; __s64 f_uid; __s64 f_netns; __s64 f_ipv; struct tsp_ip f_saddr; __s64 f_lport; struct tsp_ip f_daddr; __s64 f_dport; __u64 f_since; __u64 f_sent; };
struct tsp_u8x16 { __u8 v[16]; };
struct tsp_obj_7 { __s64 f_pid; struct tsp_text_16 f_comm; __s64 f_uid; __s64 f_netns; __s64 f_ipv; struct tsp_ip f_saddr; __s64 f_lport; struct tsp_ip f_daddr; __s64 f_dport; };
struct tsp_obj_8 { __u64 f_since; __u64 f_sk; struct tsp_ip f_daddr; __s64 f_dport; __s64 f_step; };
struct tsp_opt_obj_8 { _Bool has; struct tsp_obj_8 value; };
struct tsp_opt_obj_5 { _Bool has; struct tsp_obj_5 value; };
struct tsp_u8x4 { __u8 v[4]; };
struct tsp_opt_u8x4 { _Bool has; struct tsp_u8x4 value; };
struct tsp_opt_u8x16 { _Bool has; struct tsp_u8x16 value; };

struct tp_syscalls__sys_enter_connect {
  __u8 tsp_pad_0[16];
  __s32 f_fd; // int, offset 16
  __u8 tsp_pad_20[4];
  __u64 f_uservaddr; // struct sockaddr *, offset 24
};
struct tp_syscalls__sys_exit_connect {
  __u8 tsp_pad_0[16];
  __s64 f_ret; // long, offset 16
};
struct tp_sock__inet_sock_set_state {
  __u8 tsp_pad_0[8];
  __u64 f_skaddr; // const void *, offset 8
  __s32 f_oldstate; // int, offset 16
  __s32 f_newstate; // int, offset 20
  __u8 tsp_pad_24[6];
  __u16 f_protocol; // __u16, offset 30
};

struct task_struct { void *files; } __attribute__((preserve_access_index));
struct files_struct { void *fdt; } __attribute__((preserve_access_index));
struct fdtable { __u32 max_fds; void *fd; } __attribute__((preserve_access_index));
struct file { void *f_inode; void *private_data; } __attribute__((preserve_access_index));
struct inode { __u16 i_mode; } __attribute__((preserve_access_index));
struct socket { void *sk; enum { TSP_ENUM_0 } state; } __attribute__((preserve_access_index));
struct in6_addr { union { __u8 u6_addr8[16]; } __attribute__((preserve_access_index)) in6_u; } __attribute__((preserve_access_index));
struct sock_common { __u16 skc_family; __u8 skc_state; struct { void *net; } __attribute__((preserve_access_index)) skc_net; struct in6_addr skc_v6_rcv_saddr; __u32 skc_rcv_saddr; __u16 skc_num; struct in6_addr skc_v6_daddr; __u32 skc_daddr; __u16 skc_dport; } __attribute__((preserve_access_index));
struct sk_buff_head { __u32 qlen; } __attribute__((preserve_access_index));
struct sock { struct sock_common __sk_common; __u16 sk_protocol; void *sk_socket; __s32 sk_err_soft; struct sk_buff_head sk_error_queue; __s32 sk_err; } __attribute__((preserve_access_index));
struct ns_common { __u32 inum; } __attribute__((preserve_access_index));
struct net { struct ns_common ns; } __attribute__((preserve_access_index));
struct inet_sock { __u16 inet_sport; } __attribute__((preserve_access_index));
struct tcp_sock { __u32 total_retrans; } __attribute__((preserve_access_index));

// Event 0: ends
struct tsp_event_0 {
  __u64 tsp_id;
  __u32 f_pid;
  struct tsp_text_16 f_comm;
  __u32 f_uid;
  __u32 f_netns;
  __u8 f_ipv;
  struct tsp_ip f_saddr;
  __u16 f_lport;
  struct tsp_ip f_daddr;
  __u16 f_dport;
  __u64 f_at;
  __u64 f_ns;
  __u64 f_search;
  __s32 f_outcome;
  __u32 f_retrans;
};
_Static_assert(sizeof(struct tsp_event_0) == 120, "layout of event 0");

struct m0_calls_value { __u64 f_since; __u64 f_sk; struct tsp_ip f_daddr; __u16 f_dport; __u32 f_step; };
// lruHash calls
struct {
  __uint(type, 9);
  __uint(max_entries, 16384);
  __type(key, __u32);
  __type(value, struct m0_calls_value);
} m0_calls SEC(".maps");
struct m1_opening_value { __u32 f_pid; struct tsp_text_16 f_comm; __u32 f_uid; __u32 f_netns; __u8 f_ipv; struct tsp_ip f_saddr; __u16 f_lport; struct tsp_ip f_daddr; __u16 f_dport; __u64 f_since; __u64 f_sent; };
// hash opening
struct {
  __uint(type, 1);
  __uint(max_entries, 32768);
  __type(key, __u64);
  __type(value, struct m1_opening_value);
} m1_opening SEC(".maps");
// lruHash searches
struct {
  __uint(type, 9);
  __uint(max_entries, 32768);
  __type(key, __u64);
  __type(value, __u64);
} m2_searches SEC(".maps");

const volatile _Bool opt_min_ms__given;
const volatile __u64 opt_min_ms;
const volatile _Bool opt_ipv4;
const volatile _Bool opt_ipv6;
const volatile __u32 opt_localport__size;
const volatile __u64 opt_localport__bits[1024];
const volatile __u32 opt_remoteport__size;
const volatile __u64 opt_remoteport__bits[1024];
const volatile __u32 opt_laddr__size;
const volatile __u32 opt_laddr__networks[576];
const volatile __u32 opt_raddr__size;
const volatile __u32 opt_raddr__networks[576];
const volatile _Bool opt_failed;

// The event ring
struct {
  __uint(type, 27);
  __uint(max_entries, 8388608);
} tsp_events SEC(".maps");

// One counter for each place that can lose or fail
struct {
  __uint(type, 6);
  __uint(max_entries, 43);
  __type(key, __u32);
  __type(value, __u64);
} tsp_counters SEC(".maps");

INLINE _Bool tsp_passes(void) { return 1; }

static __attribute__((noinline)) void tsp_count(__u32 site) {
  __u64 *count = bpf_map_lookup_elem(&tsp_counters, &site);
  if (count) (*count)++;
}
#line 4 "fd.js"
INLINE __u64 fn_0_fdSock(__s64 fd, _Bool *tsp_failed) {
  __u64 taken = bpf_get_current_task();
#line 5
  __u64 files;
#line 5
  if (tsp_read(files, ((const struct task_struct *)(unsigned long)taken)->files)) { tsp_count(0 /* read */); *tsp_failed = 1; return 0; }
  if (!(files != 0)) {
#line 6
    return 0;
  }
#line 7
  __u64 fdt;
#line 7
  if (tsp_read(fdt, ((const struct files_struct *)(unsigned long)files)->fdt)) { tsp_count(1 /* read */); *tsp_failed = 1; return 0; }
  if (!(fdt != 0) || fd < 0 || ({ __u32 tsp_max_fds3; if (tsp_read(tsp_max_fds3, ((const struct fdtable *)(unsigned long)fdt)->max_fds)) { tsp_count(2 /* read */); *tsp_failed = 1; return 0; } fd >= (__s64)tsp_max_fds3; })) {
#line 8
    return 0;
  }
#line 9
  __u64 address;
#line 9
  __u64 tsp_fd6;
#line 9
  if (tsp_read(tsp_fd6, ((const struct fdtable *)(unsigned long)fdt)->fd)) { tsp_count(3 /* read */); *tsp_failed = 1; return 0; }
#line 9
  __u64 tsp_7;
#line 9
  if (__builtin_add_overflow(tsp_fd6, fd * 8, &tsp_7)) { tsp_count(4 /* overflow */); *tsp_failed = 1; return 0; }
#line 9
  if (bpf_probe_read_kernel(&address, sizeof(address), (const void *)(unsigned long)tsp_7)) { tsp_count(5 /* read */); *tsp_failed = 1; return 0; }
  if (address == 0) {
#line 10
    return 0;
  }
#line 11
  __u64 file = address;
  __u64 inode;
#line 12
  if (tsp_read(inode, ((const struct file *)(unsigned long)file)->f_inode)) { tsp_count(6 /* read */); *tsp_failed = 1; return 0; }
  if (!(inode != 0) || ({ __u16 tsp_i_mode9; if (tsp_read(tsp_i_mode9, ((const struct inode *)(unsigned long)inode)->i_mode)) { tsp_count(7 /* read */); *tsp_failed = 1; return 0; } (__s64)((__s32)tsp_i_mode9 & 61440) != 49152; })) {
#line 13
    return 0;
  }
#line 14
  __u64 taken_2;
#line 14
  if (tsp_read(taken_2, ((const struct file *)(unsigned long)file)->private_data)) { tsp_count(8 /* read */); *tsp_failed = 1; return 0; }
#line 14
  __u64 sk;
#line 14
  if (tsp_read(sk, ((const struct socket *)(unsigned long)taken_2)->sk)) { tsp_count(9 /* read */); *tsp_failed = 1; return 0; }
  return !(sk != 0) ? 0LL : sk;
}
#line 1 "<tsprobe>"
#line 186 "tcpconnlat.ts"
INLINE __u64 fn_1_freshSocket(__s64 fd, _Bool *tsp_failed) {
  __u64 at = fn_0_fdSock(fd, tsp_failed);
#line 187
  if (*tsp_failed) { *tsp_failed = 1; return 0; }
  if (at == 0) {
#line 188
    return 0;
  }
#line 189
  __u64 sk = at;
  __u16 tsp_skc_family2;
#line 190
  if (tsp_read(tsp_skc_family2, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_family)) { tsp_count(10 /* read */); *tsp_failed = 1; return 0; }
#line 190
  __s64 family = (__s64)tsp_skc_family2;
#line 190
  __u8 tsp_skc_state3;
#line 190
  if (tsp_read(tsp_skc_state3, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_state)) { tsp_count(11 /* read */); *tsp_failed = 1; return 0; }
#line 190
  __s64 state = (__s64)tsp_skc_state3;
  _Bool isTcp = (family == 2 || family == 10) && ({ __u16 tsp_sk_protocol4; if (tsp_read(tsp_sk_protocol4, ((const struct sock *)(unsigned long)sk)->sk_protocol)) { tsp_count(12 /* read */); *tsp_failed = 1; return 0; } _Bool tsp_6 = (__s64)tsp_sk_protocol4 == 6 || ({ __u16 tsp_sk_protocol5; if (tsp_read(tsp_sk_protocol5, ((const struct sock *)(unsigned long)sk)->sk_protocol)) { tsp_count(13 /* read */); *tsp_failed = 1; return 0; } (__s64)tsp_sk_protocol5 == 262; }); tsp_6; });
#line 193
  _Bool tsp_11 = isTcp && state == 7 && ({ __u64 tsp_sk_socket8; if (tsp_read(tsp_sk_socket8, ((const struct sock *)(unsigned long)sk)->sk_socket)) { tsp_count(14 /* read */); *tsp_failed = 1; return 0; } struct tsp_opt_s64 tsp_optional9 = {}; __u64 link = tsp_sk_socket8; if (link) { __u32 tsp_state10; if (tsp_read(tsp_state10, ((const struct socket *)(unsigned long)link)->state)) { tsp_count(15 /* read */); *tsp_failed = 1; return 0; } tsp_optional9 = (struct tsp_opt_s64){ .has = 1, .value = (__s64)tsp_state10 }; } struct tsp_opt_s64 value = tsp_optional9; value.has && value.value == 1; });
#line 193
  return tsp_11 ? at : 0LL;
}
#line 1 "<tsprobe>"
#line 169 "tcpconnlat.ts"
INLINE void fn_2_begin(__u64 sk, struct tsp_ip daddr, __s64 dport) {
  if (tsp_passes()) {
#line 170
    __u32 tsp_key1 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 170
    __u64 tsp_now2 = bpf_ktime_get_ns();
#line 170
    struct m0_calls_value tsp_value3;
#line 170
    __builtin_memset(&tsp_value3, 0, sizeof(tsp_value3));
#line 170
    tsp_value3.f_since = tsp_now2;
#line 170
    tsp_value3.f_sk = sk;
#line 170
    tsp_value3.f_daddr = daddr;
#line 170
    tsp_value3.f_dport = dport;
#line 170
    tsp_value3.f_step = 0;
#line 170
    if (bpf_map_update_elem(&m0_calls, &tsp_key1, &tsp_value3, 0)) tsp_count(16 /* map-full */);
  }
#line 171
}
#line 1 "<tsprobe>"
#line 123 "tcpconnlat.ts"
INLINE _Bool fn_3_isWanted(__s64 ns, __s64 ipv, struct tsp_ip saddr, __s64 lport, struct tsp_ip daddr, __s64 dport) {
  if ((struct tsp_opt_u64){ .has = opt_min_ms__given, .value = opt_min_ms }.has && ({ __u64 tsp_1 = (struct tsp_opt_u64){ .has = opt_min_ms__given, .value = opt_min_ms }.value; ns < 0 || (__u64)ns < tsp_1; })) {
#line 124
    return 0;
  }
  if (opt_ipv4 != opt_ipv6 && opt_ipv6 != (ipv == 6)) {
#line 126
    return 0;
  }
#line 127
  if ((__s64)opt_localport__size > 0 && !tsp_in_set(opt_localport__bits, lport)) {
#line 127
    return 0;
  }
#line 128
  if ((__s64)opt_remoteport__size > 0 && !tsp_in_set(opt_remoteport__bits, dport)) {
#line 128
    return 0;
  }
#line 129
  if ((__s64)opt_laddr__size > 0 && !(tsp_find_network(opt_laddr__networks, opt_laddr__size, saddr.family, (const __u32 *)saddr.bytes) >= 0)) {
#line 129
    return 0;
  }
#line 130
  return (__s64)opt_raddr__size == 0 || (tsp_find_network(opt_raddr__networks, opt_raddr__size, daddr.family, (const __u32 *)daddr.bytes) >= 0);
}
#line 1 "<tsprobe>"
#line 135 "tcpconnlat.ts"
INLINE void fn_4_send(struct tsp_obj_4 end) {
  struct tsp_event_0 *tsp_event1 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event1), 0);
#line 136
  if (tsp_event1) {
#line 136
    tsp_event1->tsp_id = 0;
#line 136
    tsp_event1->f_pid = end.f_pid;
#line 136
    tsp_event1->f_comm = end.f_comm;
#line 136
    tsp_event1->f_uid = end.f_uid;
#line 136
    tsp_event1->f_netns = end.f_netns;
#line 136
    tsp_event1->f_ipv = end.f_ipv;
#line 136
    tsp_event1->f_saddr = end.f_saddr;
#line 136
    tsp_event1->f_lport = end.f_lport;
#line 136
    tsp_event1->f_daddr = end.f_daddr;
#line 136
    tsp_event1->f_dport = end.f_dport;
#line 136
    tsp_event1->f_at = end.f_at;
#line 136
    tsp_event1->f_ns = (__u64)end.f_ns;
#line 136
    tsp_event1->f_search = end.f_search;
#line 136
    tsp_event1->f_outcome = end.f_outcome;
#line 136
    tsp_event1->f_retrans = end.f_retrans;
#line 136
    bpf_ringbuf_submit(tsp_event1, 0);
#line 136
  } else { tsp_count(17 /* lost */); }
}
#line 1 "<tsprobe>"
#line 144 "tcpconnlat.ts"
INLINE void fn_5_finish(__u64 sk, struct tsp_obj_5 who, __u64 since, __s64 lport, __s64 outcome, __s64 retrans, _Bool *tsp_failed) {
  __u64 at = bpf_ktime_get_ns();
  __s64 ns;
#line 146
  if (__builtin_sub_overflow(at, since, &ns)) { tsp_count(18 /* overflow */); *tsp_failed = 1; return; }
  __u64 *tsp_found3 = bpf_map_lookup_elem(&m2_searches, &sk);
#line 147
  struct tsp_opt_u64 tsp_value4 = {};
#line 147
  tsp_value4.has = tsp_is_there(tsp_found3);
#line 147
  if (tsp_found3) { tsp_value4.value = *tsp_found3; }
#line 147
  __u64 search = tsp_value4.has ? tsp_value4.value : 0LL;
  bpf_map_delete_elem(&m2_searches, &sk);
  __s64 pid = who.f_pid;
#line 149
  struct tsp_text_16 comm = who.f_comm;
#line 149
  __s64 uid = who.f_uid;
#line 149
  __s64 netns = who.f_netns;
#line 149
  __s64 ipv = who.f_ipv;
#line 149
  struct tsp_ip saddr = who.f_saddr;
#line 149
  struct tsp_ip daddr = who.f_daddr;
#line 149
  __s64 dport = who.f_dport;
  _Bool tsp_result6 = fn_3_isWanted(ns, ipv, saddr, lport, daddr, dport);
#line 150
  if (!tsp_result6 || (opt_failed && outcome == 0)) {
#line 150
    return;
  }
#line 151
  fn_4_send((struct tsp_obj_4){ .f_at = at, .f_ns = ns, .f_search = search, .f_pid = pid, .f_comm = comm, .f_uid = uid, .f_netns = netns, .f_ipv = ipv, .f_saddr = saddr, .f_lport = lport, .f_daddr = daddr, .f_dport = dport, .f_outcome = outcome, .f_retrans = retrans });
}
#line 1 "<tsprobe>"
#line 15 "ends.js"
INLINE __s64 fn_6_sockNetns(__u64 sk, _Bool *tsp_failed) {
#line 17
  return (tsp_exists(((const struct sock *)0)->__sk_common.skc_net.net) != 0) ? ({ __u64 tsp_net1; if (tsp_read(tsp_net1, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_net.net)) { tsp_count(19 /* read */); *tsp_failed = 1; return 0; } struct tsp_opt_s64 tsp_optional2 = {}; __u64 link = tsp_net1; if (link) { __u32 tsp_inum3; if (tsp_read(tsp_inum3, ((const struct net *)(unsigned long)link)->ns.inum)) { tsp_count(20 /* read */); *tsp_failed = 1; return 0; } tsp_optional2 = (struct tsp_opt_s64){ .has = 1, .value = (__s64)tsp_inum3 }; } tsp_optional2.has ? tsp_optional2.value : 0LL; }) : 0LL;
}
#line 1 "<tsprobe>"
#line 5 "ends.js"
INLINE struct tsp_ip fn_7_localAddr(__u64 sk, _Bool *tsp_failed) {
#line 7
  __u16 tsp_skc_family1;
#line 7
  if (tsp_read(tsp_skc_family1, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_family)) { tsp_count(21 /* read */); *tsp_failed = 1; return (struct tsp_ip){}; }
#line 7
  return ((__s64)tsp_skc_family1 == 10 && (tsp_exists(((const struct sock *)0)->__sk_common.skc_v6_rcv_saddr) != 0)) ? ({ struct tsp_u8x16 tsp_u6_addr82; if (tsp_read(tsp_u6_addr82, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8)) { tsp_count(22 /* read */); *tsp_failed = 1; return (struct tsp_ip){}; } struct tsp_ip tsp_ip3 = { .family = 10 }; __builtin_memcpy(tsp_ip3.bytes, tsp_u6_addr82.v, 16); tsp_ip3; }) : ({ __u32 tsp_skc_rcv_saddr5; if (tsp_read(tsp_skc_rcv_saddr5, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_rcv_saddr)) { tsp_count(23 /* read */); *tsp_failed = 1; return (struct tsp_ip){}; } struct tsp_ip tsp_ip4 = { .family = 2 }; *(__u32 *)tsp_ip4.bytes = tsp_skc_rcv_saddr5; tsp_ip4; });
}
#line 1 "<tsprobe>"
#line 155 "tcpconnlat.ts"
INLINE struct tsp_obj_7 fn_8_whoOf(__u64 sk, struct tsp_ip daddr, __s64 dport, _Bool *tsp_failed) {
#line 155
  struct tsp_text_16 tsp_comm1 = {};
#line 155
  bpf_get_current_comm(tsp_comm1.v, sizeof(tsp_comm1.v));
#line 155
  __s64 tsp_result2 = fn_6_sockNetns(sk, tsp_failed);
#line 155
  if (*tsp_failed) { *tsp_failed = 1; return (struct tsp_obj_7){}; }
#line 155
  __u16 tsp_skc_family3;
#line 155
  if (tsp_read(tsp_skc_family3, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_family)) { tsp_count(24 /* read */); *tsp_failed = 1; return (struct tsp_obj_7){}; }
#line 155
  struct tsp_ip tsp_result4 = fn_7_localAddr(sk, tsp_failed);
#line 155
  if (*tsp_failed) { *tsp_failed = 1; return (struct tsp_obj_7){}; }
#line 155
  __u16 tsp_skc_num5;
#line 155
  if (tsp_read(tsp_skc_num5, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_num)) { tsp_count(25 /* read */); *tsp_failed = 1; return (struct tsp_obj_7){}; }
#line 155
  return (struct tsp_obj_7){ .f_pid = (__s64)(bpf_get_current_pid_tgid() >> 32), .f_comm = tsp_comm1, .f_uid = (__s64)(__u32)bpf_get_current_uid_gid(), .f_netns = tsp_result2, .f_ipv = ((__s64)tsp_skc_family3 == 10) ? 6LL : 4LL, .f_saddr = tsp_result4, .f_lport = (__s64)tsp_skc_num5, .f_daddr = daddr, .f_dport = dport };
#line 165
}
#line 1 "<tsprobe>"
#line 144 "tcpconnlat.ts"
INLINE void fn_9_finish(__u64 sk, struct tsp_obj_7 who, __u64 since, __s64 lport, __s64 outcome, __s64 retrans, _Bool *tsp_failed) {
  __u64 at = bpf_ktime_get_ns();
  __s64 ns;
#line 146
  if (__builtin_sub_overflow(at, since, &ns)) { tsp_count(18 /* overflow */); *tsp_failed = 1; return; }
  __u64 *tsp_found3 = bpf_map_lookup_elem(&m2_searches, &sk);
#line 147
  struct tsp_opt_u64 tsp_value4 = {};
#line 147
  tsp_value4.has = tsp_is_there(tsp_found3);
#line 147
  if (tsp_found3) { tsp_value4.value = *tsp_found3; }
#line 147
  __u64 search = tsp_value4.has ? tsp_value4.value : 0LL;
  bpf_map_delete_elem(&m2_searches, &sk);
  __s64 pid = who.f_pid;
#line 149
  struct tsp_text_16 comm = who.f_comm;
#line 149
  __s64 uid = who.f_uid;
#line 149
  __s64 netns = who.f_netns;
#line 149
  __s64 ipv = who.f_ipv;
#line 149
  struct tsp_ip saddr = who.f_saddr;
#line 149
  struct tsp_ip daddr = who.f_daddr;
#line 149
  __s64 dport = who.f_dport;
  _Bool tsp_result6 = fn_3_isWanted(ns, ipv, saddr, lport, daddr, dport);
#line 150
  if (!tsp_result6 || (opt_failed && outcome == 0)) {
#line 150
    return;
  }
#line 151
  fn_4_send((struct tsp_obj_4){ .f_at = at, .f_ns = ns, .f_search = search, .f_pid = pid, .f_comm = comm, .f_uid = uid, .f_netns = netns, .f_ipv = ipv, .f_saddr = saddr, .f_lport = lport, .f_daddr = daddr, .f_dport = dport, .f_outcome = outcome, .f_retrans = retrans });
}
#line 1 "<tsprobe>"
#line 220 "tcpconnlat.ts"
INLINE void fn_10_returned(__s64 ret, _Bool *tsp_failed) {
  __u32 tsp_key1 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 221
  struct m0_calls_value *tsp_found2 = bpf_map_lookup_elem(&m0_calls, &tsp_key1);
#line 221
  struct tsp_opt_obj_8 call = {};
#line 221
  call.has = tsp_is_there(tsp_found2);
#line 221
  if (tsp_found2) { call.value.f_since = tsp_found2->f_since; call.value.f_sk = tsp_found2->f_sk; call.value.f_daddr = tsp_found2->f_daddr; call.value.f_dport = tsp_found2->f_dport; call.value.f_step = tsp_found2->f_step; }
  if (!call.has) {
#line 222
    return;
  }
#line 223
  __u32 tsp_key4 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 223
  bpf_map_delete_elem(&m0_calls, &tsp_key4);
  __s64 error = -ret;
#line 226
  if (error <= 0 || error > 511 || error == 115 || error == 4) {
#line 226
    return;
  }
#line 227
  __u64 since = call.value.f_since;
#line 227
  __u64 at = call.value.f_sk;
#line 227
  struct tsp_ip daddr = call.value.f_daddr;
#line 227
  __s64 dport = call.value.f_dport;
#line 227
  __s64 step = call.value.f_step;
  if (step == 2) {
    struct m1_opening_value *tsp_found6 = bpf_map_lookup_elem(&m1_opening, &at);
#line 229
    struct tsp_opt_obj_5 connect = {};
#line 229
    connect.has = tsp_is_there(tsp_found6);
#line 229
    if (tsp_found6) { connect.value.f_pid = tsp_found6->f_pid; connect.value.f_comm = tsp_found6->f_comm; connect.value.f_uid = tsp_found6->f_uid; connect.value.f_netns = tsp_found6->f_netns; connect.value.f_ipv = tsp_found6->f_ipv; connect.value.f_saddr = tsp_found6->f_saddr; connect.value.f_lport = tsp_found6->f_lport; connect.value.f_daddr = tsp_found6->f_daddr; connect.value.f_dport = tsp_found6->f_dport; connect.value.f_since = tsp_found6->f_since; connect.value.f_sent = tsp_found6->f_sent; }
    bpf_map_delete_elem(&m1_opening, &at);
    if (connect.has) {
#line 231
      fn_5_finish(at, connect.value, connect.value.f_since, connect.value.f_lport, error, 0, tsp_failed);
#line 231
      if (*tsp_failed) { *tsp_failed = 1; return; }
    }
  } else {
#line 232
    if (step == 0) {
      __u64 sk = at;
      __s64 outcome = (error == 99) ? (-2LL) : error;
      struct tsp_obj_7 tsp_result9 = fn_8_whoOf(sk, daddr, dport, tsp_failed);
#line 235
      if (*tsp_failed) { *tsp_failed = 1; return; }
#line 235
      __u16 tsp_skc_num10;
#line 235
      if (tsp_read(tsp_skc_num10, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_num)) { tsp_count(26 /* read */); *tsp_failed = 1; return; }
#line 235
      fn_9_finish(at, tsp_result9, since, (__s64)tsp_skc_num10, outcome, 0, tsp_failed);
#line 235
      if (*tsp_failed) { *tsp_failed = 1; return; }
    }
  }
#line 237
}
#line 1 "<tsprobe>"
#line 9 "ends.js"
INLINE struct tsp_ip fn_11_remoteAddr(__u64 sk, _Bool *tsp_failed) {
#line 11
  __u16 tsp_skc_family1;
#line 11
  if (tsp_read(tsp_skc_family1, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_family)) { tsp_count(27 /* read */); *tsp_failed = 1; return (struct tsp_ip){}; }
#line 11
  return ((__s64)tsp_skc_family1 == 10 && (tsp_exists(((const struct sock *)0)->__sk_common.skc_v6_daddr) != 0)) ? ({ struct tsp_u8x16 tsp_u6_addr82; if (tsp_read(tsp_u6_addr82, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_v6_daddr.in6_u.u6_addr8)) { tsp_count(28 /* read */); *tsp_failed = 1; return (struct tsp_ip){}; } struct tsp_ip tsp_ip3 = { .family = 10 }; __builtin_memcpy(tsp_ip3.bytes, tsp_u6_addr82.v, 16); tsp_ip3; }) : ({ __u32 tsp_skc_daddr5; if (tsp_read(tsp_skc_daddr5, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_daddr)) { tsp_count(29 /* read */); *tsp_failed = 1; return (struct tsp_ip){}; } struct tsp_ip tsp_ip4 = { .family = 2 }; *(__u32 *)tsp_ip4.bytes = tsp_skc_daddr5; tsp_ip4; });
}
#line 1 "<tsprobe>"
#line 2 "bytes.js"
INLINE __s64 fn_12_ntohs(__s64 value) {
#line 2
  return (__s64)((__s32)(__s32)((__u32)((__s32)value & 255) << 8) | (__s32)((__s32)((__s32)value >> 8) & 255));
#line 2
}
#line 1 "<tsprobe>"
#line 14 "ends.js"
INLINE __s64 fn_13_remotePort(__u64 sk, _Bool *tsp_failed) {
#line 14
  __u16 tsp_skc_dport1;
#line 14
  if (tsp_read(tsp_skc_dport1, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_dport)) { tsp_count(30 /* read */); *tsp_failed = 1; return 0; }
#line 14
  return fn_12_ntohs((__s64)tsp_skc_dport1);
#line 14
}
#line 1 "<tsprobe>"
#line 254 "tcpconnlat.ts"
INLINE void fn_14_enters(__u64 sk, _Bool *tsp_failed) {
  if (!tsp_passes()) {
#line 255
    return;
  }
#line 256
  __u64 at = sk;
  __u32 tsp_key1 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 257
  struct m0_calls_value *tsp_found2 = bpf_map_lookup_elem(&m0_calls, &tsp_key1);
#line 257
  struct tsp_opt_obj_8 call = {};
#line 257
  call.has = tsp_is_there(tsp_found2);
#line 257
  if (tsp_found2) { call.value.f_since = tsp_found2->f_since; call.value.f_sk = tsp_found2->f_sk; call.value.f_daddr = tsp_found2->f_daddr; call.value.f_dport = tsp_found2->f_dport; call.value.f_step = tsp_found2->f_step; }
  struct tsp_opt_u64 tsp_optional4 = {};
#line 258
  if (call.has) { struct tsp_obj_8 link = call.value; tsp_optional4 = (struct tsp_opt_u64){ .has = 1, .value = link.f_since }; }
#line 258
  __u64 since = tsp_optional4.has ? tsp_optional4.value : ({ __u64 tsp_now5 = bpf_ktime_get_ns(); tsp_now5; });
  struct tsp_ip tsp_result7 = fn_11_remoteAddr(sk, tsp_failed);
#line 259
  if (*tsp_failed) { *tsp_failed = 1; return; }
#line 259
  __s64 tsp_result8 = fn_13_remotePort(sk, tsp_failed);
#line 259
  if (*tsp_failed) { *tsp_failed = 1; return; }
#line 259
  struct tsp_obj_7 taken = fn_8_whoOf(sk, tsp_result7, tsp_result8, tsp_failed);
#line 259
  if (*tsp_failed) { *tsp_failed = 1; return; }
#line 259
  __s64 pid = taken.f_pid;
#line 259
  struct tsp_text_16 comm = taken.f_comm;
#line 259
  __s64 uid = taken.f_uid;
#line 259
  __s64 netns = taken.f_netns;
#line 259
  __s64 ipv = taken.f_ipv;
#line 259
  struct tsp_ip saddr = taken.f_saddr;
#line 259
  __s64 lport = taken.f_lport;
#line 259
  struct tsp_ip daddr = taken.f_daddr;
#line 259
  __s64 dport = taken.f_dport;
#line 261
  if (call.has) {
#line 261
    __u32 tsp_key10 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 261
    struct m0_calls_value tsp_value11;
#line 261
    __builtin_memset(&tsp_value11, 0, sizeof(tsp_value11));
#line 261
    tsp_value11.f_since = since;
#line 261
    tsp_value11.f_sk = at;
#line 261
    tsp_value11.f_daddr = daddr;
#line 261
    tsp_value11.f_dport = dport;
#line 261
    tsp_value11.f_step = 1;
#line 261
    if (bpf_map_update_elem(&m0_calls, &tsp_key10, &tsp_value11, 0)) tsp_count(31 /* map-full */);
  }
#line 262
  __u64 tsp_now12 = bpf_ktime_get_ns();
#line 262
  struct m1_opening_value tsp_value13;
#line 262
  __builtin_memset(&tsp_value13, 0, sizeof(tsp_value13));
#line 262
  tsp_value13.f_pid = pid;
#line 262
  tsp_value13.f_comm = comm;
#line 262
  tsp_value13.f_uid = uid;
#line 262
  tsp_value13.f_netns = netns;
#line 262
  tsp_value13.f_ipv = ipv;
#line 262
  tsp_value13.f_saddr = saddr;
#line 262
  tsp_value13.f_lport = lport;
#line 262
  tsp_value13.f_daddr = daddr;
#line 262
  tsp_value13.f_dport = dport;
#line 262
  tsp_value13.f_since = since;
#line 262
  tsp_value13.f_sent = tsp_now12;
#line 262
  if (bpf_map_update_elem(&m1_opening, &at, &tsp_value13, 0)) tsp_count(32 /* map-full */);
}
#line 1 "<tsprobe>"
#line 287 "tcpconnlat.ts"
INLINE __s64 fn_15_softError(__u64 sk, _Bool *tsp_failed) {
  __s32 tsp_sk_err_soft1;
#line 288
  if (tsp_read(tsp_sk_err_soft1, ((const struct sock *)(unsigned long)sk)->sk_err_soft)) { tsp_count(33 /* read */); *tsp_failed = 1; return 0; }
#line 288
  _Bool tsp_3 = (__s64)tsp_sk_err_soft1 == 0 && ({ __u32 tsp_qlen2; if (tsp_read(tsp_qlen2, ((const struct sock *)(unsigned long)sk)->sk_error_queue.qlen)) { tsp_count(34 /* read */); *tsp_failed = 1; return 0; } (__s64)tsp_qlen2 > 0; });
#line 288
  return tsp_3 ? (-3LL) : ({ __s32 tsp_sk_err_soft4; if (tsp_read(tsp_sk_err_soft4, ((const struct sock *)(unsigned long)sk)->sk_err_soft)) { tsp_count(35 /* read */); *tsp_failed = 1; return 0; } (__s64)tsp_sk_err_soft4; });
#line 288
}
#line 1 "<tsprobe>"
#line 18 "sock.js"
INLINE __u64 fn_16_inetSock(__u64 sk) {
#line 18
  return sk;
#line 18
}
#line 1 "<tsprobe>"
#line 13 "ends.js"
INLINE __s64 fn_17_localPort(__u64 sk, _Bool *tsp_failed) {
#line 13
  __u64 tsp_result1 = fn_16_inetSock(sk);
#line 13
  __u16 tsp_inet_sport2;
#line 13
  if (tsp_read(tsp_inet_sport2, ((const struct inet_sock *)(unsigned long)tsp_result1)->inet_sport)) { tsp_count(36 /* read */); *tsp_failed = 1; return 0; }
#line 13
  return fn_12_ntohs((__s64)tsp_inet_sport2);
#line 13
}
#line 1 "<tsprobe>"
#line 19 "sock.js"
INLINE __u64 fn_18_tcpSock(__u64 sk) {
#line 19
  return sk;
#line 19
}
#line 1 "<tsprobe>"
#line 291 "tcpconnlat.ts"
INLINE void fn_19_leaves(__u64 sk, __s64 newstate, _Bool *tsp_failed) {
  __u64 at = sk;
  struct m1_opening_value *tsp_found1 = bpf_map_lookup_elem(&m1_opening, &at);
#line 293
  struct tsp_opt_obj_5 connect = {};
#line 293
  connect.has = tsp_is_there(tsp_found1);
#line 293
  if (tsp_found1) { connect.value.f_pid = tsp_found1->f_pid; connect.value.f_comm = tsp_found1->f_comm; connect.value.f_uid = tsp_found1->f_uid; connect.value.f_netns = tsp_found1->f_netns; connect.value.f_ipv = tsp_found1->f_ipv; connect.value.f_saddr = tsp_found1->f_saddr; connect.value.f_lport = tsp_found1->f_lport; connect.value.f_daddr = tsp_found1->f_daddr; connect.value.f_dport = tsp_found1->f_dport; connect.value.f_since = tsp_found1->f_since; connect.value.f_sent = tsp_found1->f_sent; }
  if (!connect.has) {
#line 294
    return;
  }
#line 295
  _Bool isClosed = newstate == 7;
  __s32 tsp_sk_err3;
#line 296
  if (tsp_read(tsp_sk_err3, ((const struct sock *)(unsigned long)sk)->sk_err)) { tsp_count(37 /* read */); *tsp_failed = 1; return; }
#line 296
  __s64 hard = (__s64)tsp_sk_err3;
  __s64 error = !isClosed ? 0LL : ({ __s64 tsp_5 = (hard != 0) ? hard : ({ __s64 tsp_result4 = fn_15_softError(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return; } tsp_result4; }); tsp_5; });
  if (isClosed && error == 0) {
    __u32 tsp_key7 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 299
    struct m0_calls_value *tsp_found8 = bpf_map_lookup_elem(&m0_calls, &tsp_key7);
#line 299
    struct tsp_opt_obj_8 call = {};
#line 299
    call.has = tsp_is_there(tsp_found8);
#line 299
    if (tsp_found8) { call.value.f_since = tsp_found8->f_since; call.value.f_sk = tsp_found8->f_sk; call.value.f_daddr = tsp_found8->f_daddr; call.value.f_dport = tsp_found8->f_dport; call.value.f_step = tsp_found8->f_step; }
#line 301
    if (call.has && call.value.f_sk == at) {
      __u32 tsp_key10 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 302
      struct m0_calls_value tsp_value11;
#line 302
      __builtin_memset(&tsp_value11, 0, sizeof(tsp_value11));
#line 302
      tsp_value11.f_since = call.value.f_since;
#line 302
      tsp_value11.f_sk = at;
#line 302
      tsp_value11.f_daddr = call.value.f_daddr;
#line 302
      tsp_value11.f_dport = call.value.f_dport;
#line 302
      tsp_value11.f_step = 2;
#line 302
      if (bpf_map_update_elem(&m0_calls, &tsp_key10, &tsp_value11, 0)) tsp_count(38 /* map-full */);
      return;
    }
  }
  bpf_map_delete_elem(&m1_opening, &at);
#line 308
  __s64 lport = fn_17_localPort(sk, tsp_failed);
#line 308
  if (*tsp_failed) { *tsp_failed = 1; return; }
  __s64 silent = (lport == 0) ? 99LL : (-1LL);
  __u64 tsp_result14 = fn_18_tcpSock(sk);
#line 310
  __u32 tsp_total_retrans15;
#line 310
  if (tsp_read(tsp_total_retrans15, ((const struct tcp_sock *)(unsigned long)tsp_result14)->total_retrans)) { tsp_count(39 /* read */); *tsp_failed = 1; return; }
#line 310
  fn_5_finish(at, connect.value, connect.value.f_since, lport, (isClosed && error == 0) ? silent : error, (__s64)tsp_total_retrans15, tsp_failed);
#line 310
  if (*tsp_failed) { *tsp_failed = 1; return; }
}
#line 1 "<tsprobe>"
#line 199 "tcpconnlat.ts"
SEC("tracepoint/syscalls/sys_enter_connect")
#line 199
int p0_fentry_u23_1(struct tp_syscalls__sys_enter_connect *given) {
  _Bool tsp_failed = 0;
#line 199
  __s64 fd = (__s64)FIELD(32, given, fd);
#line 199
  __u64 uservaddr = FIELD(64, given, uservaddr);
  struct tsp_opt_u8x4 head;
#line 200
  long tsp_got2 = bpf_probe_read_user(head.value.v, 4, (const void *)uservaddr);
#line 200
  head.has = tsp_got2 >= 0;
  struct tsp_opt_u8x4 address;
#line 201
  __u64 tsp_4;
#line 201
  if (__builtin_add_overflow(uservaddr, 4LL, &tsp_4)) { tsp_count(40 /* overflow */); return 0; }
#line 201
  long tsp_got5 = bpf_probe_read_user(address.value.v, 4, (const void *)tsp_4);
#line 201
  address.has = tsp_got5 >= 0;
  if (!head.has || !address.has || (__s64)head.value.v[0] != 2) return 0;
  __u64 sk = fn_1_freshSocket(fd, &tsp_failed);
#line 203
  if (tsp_failed) return 0;
  if (sk != 0) {
#line 204
    struct tsp_ip tsp_ip7 = { .family = 2 };
#line 204
    __builtin_memcpy(tsp_ip7.bytes, address.value.v, 4);
#line 204
    fn_2_begin(sk, tsp_ip7, (__s64)((__s32)(__s32)((__u32)head.value.v[2] << 8) | (__s32)head.value.v[3]));
  }
#line 205
  return 0;
#line 205
}
#line 1 "<tsprobe>"
#line 210 "tcpconnlat.ts"
SEC("tracepoint/syscalls/sys_enter_connect")
#line 210
int p1_fentry_u23_2(struct tp_syscalls__sys_enter_connect *given) {
  _Bool tsp_failed = 0;
#line 210
  __s64 fd = (__s64)FIELD(32, given, fd);
#line 210
  __u64 uservaddr = FIELD(64, given, uservaddr);
  struct tsp_opt_u8x4 head;
#line 211
  long tsp_got2 = bpf_probe_read_user(head.value.v, 4, (const void *)uservaddr);
#line 211
  head.has = tsp_got2 >= 0;
  struct tsp_opt_u8x16 address;
#line 212
  __u64 tsp_4;
#line 212
  if (__builtin_add_overflow(uservaddr, 8LL, &tsp_4)) { tsp_count(41 /* overflow */); return 0; }
#line 212
  long tsp_got5 = bpf_probe_read_user(address.value.v, 16, (const void *)tsp_4);
#line 212
  address.has = tsp_got5 >= 0;
  if (!head.has || !address.has || (__s64)head.value.v[0] != 10) return 0;
  __u64 sk = fn_1_freshSocket(fd, &tsp_failed);
#line 214
  if (tsp_failed) return 0;
  if (sk != 0) {
#line 215
    struct tsp_ip tsp_ip7 = { .family = 10 };
#line 215
    __builtin_memcpy(tsp_ip7.bytes, address.value.v, 16);
#line 215
    fn_2_begin(sk, tsp_ip7, (__s64)((__s32)(__s32)((__u32)head.value.v[2] << 8) | (__s32)head.value.v[3]));
  }
#line 216
  return 0;
#line 216
}
#line 1 "<tsprobe>"
#line 242 "tcpconnlat.ts"
SEC("tracepoint/syscalls/sys_exit_connect")
#line 242
int p2_fexit_u23_3(struct tp_syscalls__sys_exit_connect *given) {
  _Bool tsp_failed = 0;
#line 242
  __s64 ret = FIELD(64, given, ret);
#line 242
  if (ret > 9007199254740991LL || ret < -9007199254740991LL) { tsp_count(42 /* overflow */); return 0; }
#line 242
  fn_10_returned(ret, &tsp_failed);
#line 242
  if (tsp_failed) return 0;
#line 242
  return 0;
#line 242
}
#line 1 "<tsprobe>"
#line 248 "tcpconnlat.ts"
SEC("tracepoint/syscalls/sys_exit_connect")
#line 248
int p3_fexit_u23_4(struct tp_syscalls__sys_exit_connect *tsp_context UNUSED) {
#line 248
  return 0;
#line 248
}
#line 1 "<tsprobe>"
#line 275 "tcpconnlat.ts"
SEC("tracepoint/syscalls/sys_exit_connect")
#line 275
int p4_fexit_u23_5(struct tp_syscalls__sys_exit_connect *tsp_context UNUSED) {
#line 275
  return 0;
#line 275
}
#line 1 "<tsprobe>"
#line 280 "tcpconnlat.ts"
SEC("tracepoint/syscalls/sys_exit_connect")
#line 280
int p5_fexit_u23_6(struct tp_syscalls__sys_exit_connect *tsp_context UNUSED) {
#line 280
  return 0;
#line 280
}
#line 1 "<tsprobe>"
#line 313 "tcpconnlat.ts"
SEC("tracepoint/sock/inet_sock_set_state")
#line 313
int p6_tracepoint_u(struct tp_sock__inet_sock_set_state *given) {
  _Bool tsp_failed = 0;
#line 313
  __s64 protocol = (__s64)FIELD(16, given, protocol);
#line 313
  __u64 skaddr = FIELD(64, given, skaddr);
#line 313
  __s64 oldstate = (__s64)FIELD(32, given, oldstate);
#line 313
  __s64 newstate = (__s64)FIELD(32, given, newstate);
  if (protocol != 6) return 0;
  __u64 sk = skaddr;
  if (newstate == 2) {
#line 316
    fn_14_enters(sk, &tsp_failed);
#line 316
    if (tsp_failed) return 0;
  } else {
#line 317
    if (oldstate == 2) {
#line 317
      fn_19_leaves(sk, newstate, &tsp_failed);
#line 317
      if (tsp_failed) return 0;
    }
  }
#line 318
  return 0;
#line 318
}
#line 1 "<tsprobe>"
