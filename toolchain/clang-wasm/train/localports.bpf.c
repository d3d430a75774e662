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
INLINE _Bool tsp_same_bytes(const __u8 *a, const __u8 *b, __u32 size) {
  __u8 unlike = 0;
  for (__u32 i = 0; i < size; i++) unlike |= a[i] ^ b[i];
  return unlike == 0;
}

struct tsp_ip { __u32 family; __u8 bytes[16]; };
struct tsp_obj_1 { __s64 f_family; struct tsp_ip f_laddr; struct tsp_ip f_raddr; __s64 f_lport; __s64 f_rport; __s64 f_netns; };
struct tsp_u8x16 { __u8 v[16]; };
struct tsp_opt_s64 { _Bool has; __s64 value; };
struct tsp_obj_4 { __s64 f_low; __s64 f_high; };
struct tsp_opt_obj_4 { _Bool has; struct tsp_obj_4 value; };
struct tsp_obj_6 { __u64 f_sk; __u64 f_at; };
struct tsp_opt_obj_6 { _Bool has; struct tsp_obj_6 value; };
struct tsp_text_16 { char v[16]; };

struct raw_tp_inet_sock_set_state {
  __u64 f_sk; // const struct sock *, offset 0
  __s32 f_oldstate; // const int, offset 8
  __u8 tsp_pad_12[4];
  __s32 f_newstate; // const int, offset 16
};
struct tp_tcp__tcp_retransmit_skb {
  __u8 tsp_pad_0[16];
  __u64 f_skaddr; // const void *, offset 16
  __s32 f_state; // int, offset 24
  __u16 f_sport; // __u16, offset 28
};
struct tp_tcp__tcp_send_reset {
  __u8 tsp_pad_0[16];
  __u64 f_skaddr; // const void *, offset 16
  __s32 f_state; // int, offset 24
};

struct tp_syscalls__sys_exit_connect;

struct tp_syscalls__sys_exit_listen;

struct in6_addr { union { __u8 u6_addr8[16]; } __attribute__((preserve_access_index)) in6_u; } __attribute__((preserve_access_index));
struct sock_common { __u16 skc_family; struct in6_addr skc_v6_rcv_saddr; __u32 skc_rcv_saddr; struct in6_addr skc_v6_daddr; __u32 skc_daddr; __u16 skc_num; __u16 skc_dport; struct { void *net; } __attribute__((preserve_access_index)) skc_net; __u8 skc_state; __u64 skc_flags; } __attribute__((preserve_access_index));
struct sock { struct sock_common __sk_common; __u16 sk_protocol; __s32 sk_err; } __attribute__((preserve_access_index));
struct ns_common { __u32 inum; } __attribute__((preserve_access_index));
struct net { struct ns_common ns; } __attribute__((preserve_access_index));
struct inet_sock { __u16 inet_sport; } __attribute__((preserve_access_index));
struct tcp_sock { __s32 linger2; } __attribute__((preserve_access_index));

// Event 0: connects
struct tsp_event_0 {
  __u64 tsp_id;
  __u64 f_at;
  __u32 f_netns;
  struct tsp_ip f_laddr;
  __u16 f_lport;
  struct tsp_ip f_raddr;
  __u16 f_rport;
  __u64 f_sk;
  __u16 f_before;
  __u32 f_pid;
  struct tsp_text_16 f_comm;
};
_Static_assert(sizeof(struct tsp_event_0) == 104, "layout of event 0");
// Event 1: changes
struct tsp_event_1 {
  __u64 tsp_id;
  __u64 f_at;
  __u32 f_netns;
  struct tsp_ip f_laddr;
  __u16 f_lport;
  struct tsp_ip f_raddr;
  __u16 f_rport;
  __u64 f_sk;
  __u8 f_what;
  __u8 f_from;
  __u8 f_to;
  __u8 f_how;
};
_Static_assert(sizeof(struct tsp_event_1) == 88, "layout of event 1");

struct m0_ranges_value { __u16 f_low; __u16 f_high; };
// hash ranges
struct {
  __uint(type, 1);
  __uint(max_entries, 4096);
  __type(key, __u32);
  __type(value, struct m0_ranges_value);
} m0_ranges SEC(".maps");
struct m1_searching_value { __u64 f_sk; __u64 f_at; };
// lruHash searching
struct {
  __uint(type, 9);
  __uint(max_entries, 16384);
  __type(key, __u32);
  __type(value, struct m1_searching_value);
} m1_searching SEC(".maps");

struct a0_searches_slot { __u64 low; __u64 high; __u64 min; __u64 max; __u64 buckets[249]; };
// hist searches
struct {
  __uint(type, 1);
  __uint(max_entries, 256);
  __type(key, __u32);
  __type(value, struct a0_searches_slot);
} a0_searches_0 SEC(".maps");
struct {
  __uint(type, 1);
  __uint(max_entries, 256);
  __type(key, __u32);
  __type(value, struct a0_searches_slot);
} a0_searches_1 SEC(".maps");
// Which of its two copies each aggregation uses; the host switches them
__u32 tsp_banks[1] SEC(".data.banks") = {};
static const __u64 tsp_zeros[253] = {};

const volatile _Bool opt_netns__given;
const volatile __u32 opt_netns;

// The event ring
struct {
  __uint(type, 27);
  __uint(max_entries, 8388608);
} tsp_events SEC(".maps");

// One counter for each place that can lose or fail
struct {
  __uint(type, 6);
  __uint(max_entries, 22);
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
INLINE void a0_searches_add(const void *key, __u32 site, __s64 value) {
  __u32 bank = *(volatile __u32 *)&tsp_banks[0] & 1;
  struct a0_searches_slot *slot;
  if (bank) { slot = tsp_slot(&a0_searches_1, key, site); asm volatile("" : "+r"(slot) : "i"(1)); }
  else { slot = tsp_slot(&a0_searches_0, key, site); asm volatile("" : "+r"(slot) : "i"(0)); }
  if (!slot) return;
  __sync_fetch_and_add(&slot->low, (__u32)value);
  if (value >> 32) __sync_fetch_and_add(&slot->high, (__u64)(value >> 32));
  tsp_grow(&slot->min, (__u64)value ^ 0x7fffffffffffffffULL);
  tsp_grow(&slot->max, (__u64)value ^ 0x8000000000000000ULL);
  __u64 bucket = tsp_log_bucket(value, 2);
  asm("" : "+r"(bucket)); // clang must not drop the check, which the verifier needs to see
  if (bucket < 249) __sync_fetch_and_add(&slot->buckets[bucket], 1);
}
#line 2 "bytes.js"
INLINE __s64 fn_0_ntohs(__s64 value) {
#line 2
  return (__s64)((__s32)(__s32)((__u32)((__s32)value & 255) << 8) | (__s32)((__s32)((__s32)value >> 8) & 255));
#line 2
}
#line 1 "<tsprobe>"
#line 4 "sock.js"
INLINE struct tsp_obj_1 fn_1_sockAddrs(__u64 sk, _Bool *tsp_failed) {
#line 6
  __u16 tsp_skc_family1;
#line 6
  if (tsp_read(tsp_skc_family1, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_family)) { tsp_count(0 /* read */); *tsp_failed = 1; return (struct tsp_obj_1){}; }
#line 6
  __s64 family = (__s64)tsp_skc_family1;
  _Bool isIp = family == 2 || family == 10;
  _Bool v4 = family == 2;
  struct tsp_ip tsp_7 = (family == 10 && (tsp_exists(((const struct sock *)0)->__sk_common.skc_v6_rcv_saddr) != 0)) ? ({ struct tsp_u8x16 tsp_u6_addr82; if (tsp_read(tsp_u6_addr82, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8)) { tsp_count(1 /* read */); *tsp_failed = 1; return (struct tsp_obj_1){}; } struct tsp_ip tsp_ip3 = { .family = 10 }; __builtin_memcpy(tsp_ip3.bytes, tsp_u6_addr82.v, 16); tsp_ip3; }) : ({ __s64 tsp_6 = v4 ? ({ __u32 tsp_skc_rcv_saddr5; if (tsp_read(tsp_skc_rcv_saddr5, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_rcv_saddr)) { tsp_count(2 /* read */); *tsp_failed = 1; return (struct tsp_obj_1){}; } (__s64)tsp_skc_rcv_saddr5; }) : 0LL; struct tsp_ip tsp_ip4 = { .family = 2 }; *(__u32 *)tsp_ip4.bytes = tsp_6; tsp_ip4; });
#line 9
  struct tsp_ip tsp_13 = (family == 10 && (tsp_exists(((const struct sock *)0)->__sk_common.skc_v6_daddr) != 0)) ? ({ struct tsp_u8x16 tsp_u6_addr88; if (tsp_read(tsp_u6_addr88, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_v6_daddr.in6_u.u6_addr8)) { tsp_count(3 /* read */); *tsp_failed = 1; return (struct tsp_obj_1){}; } struct tsp_ip tsp_ip9 = { .family = 10 }; __builtin_memcpy(tsp_ip9.bytes, tsp_u6_addr88.v, 16); tsp_ip9; }) : ({ __s64 tsp_12 = v4 ? ({ __u32 tsp_skc_daddr11; if (tsp_read(tsp_skc_daddr11, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_daddr)) { tsp_count(4 /* read */); *tsp_failed = 1; return (struct tsp_obj_1){}; } (__s64)tsp_skc_daddr11; }) : 0LL; struct tsp_ip tsp_ip10 = { .family = 2 }; *(__u32 *)tsp_ip10.bytes = tsp_12; tsp_ip10; });
#line 9
  __s64 tsp_15 = isIp ? ({ __u16 tsp_skc_num14; if (tsp_read(tsp_skc_num14, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_num)) { tsp_count(5 /* read */); *tsp_failed = 1; return (struct tsp_obj_1){}; } (__s64)tsp_skc_num14; }) : 0LL;
#line 9
  __s64 tsp_18 = isIp ? ({ __u16 tsp_skc_dport16; if (tsp_read(tsp_skc_dport16, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_dport)) { tsp_count(6 /* read */); *tsp_failed = 1; return (struct tsp_obj_1){}; } __s64 tsp_result17 = fn_0_ntohs((__s64)tsp_skc_dport16); tsp_result17; }) : 0LL;
#line 9
  __s64 tsp_22 = (tsp_exists(((const struct sock *)0)->__sk_common.skc_net.net) != 0) ? ({ __u64 tsp_net19; if (tsp_read(tsp_net19, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_net.net)) { tsp_count(7 /* read */); *tsp_failed = 1; return (struct tsp_obj_1){}; } struct tsp_opt_s64 tsp_optional20 = {}; __u64 link = tsp_net19; if (link) { __u32 tsp_inum21; if (tsp_read(tsp_inum21, ((const struct net *)(unsigned long)link)->ns.inum)) { tsp_count(8 /* read */); *tsp_failed = 1; return (struct tsp_obj_1){}; } tsp_optional20 = (struct tsp_opt_s64){ .has = 1, .value = (__s64)tsp_inum21 }; } tsp_optional20.has ? tsp_optional20.value : 0LL; }) : 0LL;
#line 9
  return (struct tsp_obj_1){ .f_family = family, .f_laddr = tsp_7, .f_raddr = tsp_13, .f_lport = tsp_15, .f_rport = tsp_18, .f_netns = tsp_22 };
#line 17
}
#line 1 "<tsprobe>"
#line 18 "sock.js"
INLINE __u64 fn_2_inetSock(__u64 sk) {
#line 18
  return sk;
#line 18
}
#line 1 "<tsprobe>"
#line 100 "localports.ts"
INLINE _Bool fn_3_isFollowed(__s64 netns, __s64 port) {
  __u32 tsp_key1 = netns;
#line 101
  struct m0_ranges_value *tsp_found2 = bpf_map_lookup_elem(&m0_ranges, &tsp_key1);
#line 101
  struct tsp_opt_obj_4 range = {};
#line 101
  range.has = tsp_is_there(tsp_found2);
#line 101
  if (tsp_found2) { range.value.f_low = tsp_found2->f_low; range.value.f_high = tsp_found2->f_high; }
  return !range.has || (port >= range.value.f_low && port <= range.value.f_high);
}
#line 1 "<tsprobe>"
#line 19 "sock.js"
INLINE __u64 fn_4_tcpSock(__u64 sk) {
#line 19
  return sk;
#line 19
}
#line 1 "<tsprobe>"
#line 105 "localports.ts"
INLINE void fn_5_send(__s64 what, __u64 sk, __s64 lport, __s64 from, __s64 to, __s64 how, _Bool *tsp_failed) {
  struct tsp_obj_1 taken = fn_1_sockAddrs(sk, tsp_failed);
#line 106
  if (*tsp_failed) { *tsp_failed = 1; return; }
#line 106
  __s64 netns = taken.f_netns;
#line 106
  struct tsp_ip laddr = taken.f_laddr;
#line 106
  struct tsp_ip raddr = taken.f_raddr;
#line 106
  __s64 rport = taken.f_rport;
  struct tsp_event_1 *tsp_event2 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event2), 0);
#line 107
  if (tsp_event2) {
#line 107
    tsp_event2->tsp_id = 1;
#line 107
    __u64 tsp_now3 = bpf_ktime_get_ns();
#line 107
    tsp_event2->f_at = tsp_now3;
#line 107
    tsp_event2->f_netns = netns;
#line 107
    tsp_event2->f_laddr = laddr;
#line 107
    tsp_event2->f_lport = lport;
#line 107
    tsp_event2->f_raddr = raddr;
#line 107
    tsp_event2->f_rport = rport;
#line 107
    tsp_event2->f_sk = sk;
#line 107
    tsp_event2->f_what = what;
#line 107
    tsp_event2->f_from = from;
#line 107
    tsp_event2->f_to = to;
#line 107
    tsp_event2->f_how = how;
#line 107
    bpf_ringbuf_submit(tsp_event2, 0);
#line 107
  } else { tsp_count(9 /* lost */); }
}
#line 1 "<tsprobe>"
#line 144 "localports.ts"
INLINE void fn_6_portChosen(_Bool isSearch, _Bool *tsp_failed) {
  __u32 tsp_key1 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 145
  struct m1_searching_value *tsp_found2 = bpf_map_lookup_elem(&m1_searching, &tsp_key1);
#line 145
  struct tsp_opt_obj_6 search = {};
#line 145
  search.has = tsp_is_there(tsp_found2);
#line 145
  if (tsp_found2) { search.value.f_sk = tsp_found2->f_sk; search.value.f_at = tsp_found2->f_at; }
  if (!search.has) {
#line 146
    return;
  }
#line 147
  __u32 tsp_key4 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 147
  bpf_map_delete_elem(&m1_searching, &tsp_key4);
  __u64 sk = search.value.f_sk;
  struct tsp_obj_1 taken = fn_1_sockAddrs(sk, tsp_failed);
#line 149
  if (*tsp_failed) { *tsp_failed = 1; return; }
#line 149
  __s64 netns = taken.f_netns;
#line 149
  __s64 lport = taken.f_lport;
  __u8 tsp_skc_state7;
#line 150
  if (tsp_read(tsp_skc_state7, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_state)) { tsp_count(10 /* read */); *tsp_failed = 1; return; }
#line 150
  __s64 state = (__s64)tsp_skc_state7;
  if (isSearch) {
#line 151
    __u32 tsp_key8 = netns;
#line 151
    __u64 tsp_now9 = bpf_ktime_get_ns();
#line 151
    __s64 tsp_10;
#line 151
    if (__builtin_sub_overflow(tsp_now9, search.value.f_at, &tsp_10)) { tsp_count(11 /* overflow */); *tsp_failed = 1; return; }
#line 151
    a0_searches_add(&tsp_key8, 12 /* map-full */, tsp_10);
  }
#line 152
  if (lport != 0 && (state == 2 || state == 10) && ({ _Bool tsp_result11 = fn_3_isFollowed(netns, lport); tsp_result11; })) {
    fn_5_send(1, sk, lport, 7, state, 0, tsp_failed);
#line 153
    if (*tsp_failed) { *tsp_failed = 1; return; }
  }
#line 154
}
#line 1 "<tsprobe>"
#line 164 "localports.ts"
INLINE void fn_7_waiting(__s64 what, __u64 sk, __s64 state, _Bool *tsp_failed) {
  struct tsp_obj_1 taken = fn_1_sockAddrs(sk, tsp_failed);
#line 165
  if (*tsp_failed) { *tsp_failed = 1; return; }
#line 165
  __s64 netns = taken.f_netns;
#line 165
  __s64 lport = taken.f_lport;
  if ((struct tsp_opt_s64){ .has = opt_netns__given, .value = opt_netns }.has && netns != (struct tsp_opt_s64){ .has = opt_netns__given, .value = opt_netns }.value) {
#line 166
    return;
  }
#line 167
  if (fn_3_isFollowed(netns, lport)) {
#line 167
    fn_5_send(what, sk, lport, 7, state, 0, tsp_failed);
#line 167
    if (*tsp_failed) { *tsp_failed = 1; return; }
  }
#line 168
}
#line 1 "<tsprobe>"
#line 110 "localports.ts"
SEC("raw_tp/inet_sock_set_state")
#line 110
int p0_rawTracepoin(struct raw_tp_inet_sock_set_state *given) {
  _Bool tsp_failed = 0;
#line 110
  __u64 sk = FIELD(64, given, sk);
#line 110
  __s64 oldstate = (__s64)FIELD(32, given, oldstate);
#line 110
  __s64 newstate = (__s64)FIELD(32, given, newstate);
  __u16 tsp_sk_protocol1;
#line 111
  if (tsp_read(tsp_sk_protocol1, ((const struct sock *)(unsigned long)sk)->sk_protocol)) { tsp_count(13 /* read */); return 0; }
#line 111
  if ((__s64)tsp_sk_protocol1 != 6) return 0;
  struct tsp_obj_1 taken = fn_1_sockAddrs(sk, &tsp_failed);
#line 112
  if (tsp_failed) return 0;
#line 112
  __s64 netns = taken.f_netns;
#line 112
  struct tsp_ip laddr = taken.f_laddr;
#line 112
  __s64 bound = taken.f_lport;
#line 112
  struct tsp_ip raddr = taken.f_raddr;
#line 112
  __s64 rport = taken.f_rport;
  if ((struct tsp_opt_s64){ .has = opt_netns__given, .value = opt_netns }.has && netns != (struct tsp_opt_s64){ .has = opt_netns__given, .value = opt_netns }.value) return 0;
#line 115
  if (oldstate == 10 && newstate == 3) return 0;
#line 117
  __u64 tsp_result3 = fn_2_inetSock(sk);
#line 117
  __u16 tsp_inet_sport4;
#line 117
  if (tsp_read(tsp_inet_sport4, ((const struct inet_sock *)(unsigned long)tsp_result3)->inet_sport)) { tsp_count(14 /* read */); return 0; }
#line 117
  __s64 port = fn_0_ntohs((__s64)tsp_inet_sport4);
  if (newstate == 2 || (newstate == 10 && port == 0)) {
#line 120
    if (bound == 0) {
#line 120
      __u32 tsp_key6 = (__s64)(__u32)bpf_get_current_pid_tgid();
#line 120
      __u64 tsp_now7 = bpf_ktime_get_ns();
#line 120
      struct m1_searching_value tsp_value8;
#line 120
      __builtin_memset(&tsp_value8, 0, sizeof(tsp_value8));
#line 120
      tsp_value8.f_sk = sk;
#line 120
      tsp_value8.f_at = tsp_now7;
#line 120
      if (bpf_map_update_elem(&m1_searching, &tsp_key6, &tsp_value8, 0)) tsp_count(15 /* map-full */);
    }
#line 121
    if (newstate == 10) return 0;
    struct tsp_event_0 *tsp_event9 = bpf_ringbuf_reserve(&tsp_events, sizeof(*tsp_event9), 0);
#line 122
    if (tsp_event9) {
#line 122
      tsp_event9->tsp_id = 0;
#line 122
      __u64 tsp_now10 = bpf_ktime_get_ns();
#line 122
      tsp_event9->f_at = tsp_now10;
#line 122
      tsp_event9->f_netns = netns;
#line 122
      tsp_event9->f_laddr = laddr;
#line 122
      tsp_event9->f_lport = bound;
#line 122
      tsp_event9->f_raddr = raddr;
#line 122
      tsp_event9->f_rport = rport;
#line 122
      tsp_event9->f_sk = sk;
#line 122
      tsp_event9->f_before = port;
#line 122
      tsp_event9->f_pid = (__s64)(bpf_get_current_pid_tgid() >> 32);
#line 122
      bpf_get_current_comm(tsp_event9->f_comm.v, sizeof(tsp_event9->f_comm.v));
#line 122
      bpf_ringbuf_submit(tsp_event9, 0);
#line 122
    } else { tsp_count(16 /* lost */); }
#line 134
    return 0;
  }
  if (oldstate != 2 && ({ _Bool tsp_result11 = fn_3_isFollowed(netns, port); !tsp_result11; })) return 0;
  __u64 tsp_skc_flags13;
#line 137
  if (tsp_read(tsp_skc_flags13, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_flags)) { tsp_count(17 /* read */); return 0; }
#line 137
  _Bool done = ((tsp_skc_flags13 >> 1) & 1) == 1;
#line 139
  __s32 tsp_sk_err14;
#line 139
  if (tsp_read(tsp_sk_err14, ((const struct sock *)(unsigned long)sk)->sk_err)) { tsp_count(18 /* read */); return 0; }
#line 139
  _Bool failed = (__s64)tsp_sk_err14 != 0 || ({ _Bool tsp_17 = oldstate == 5 && !done && ({ __u64 tsp_result15 = fn_4_tcpSock(sk); __s32 tsp_linger216; if (tsp_read(tsp_linger216, ((const struct tcp_sock *)(unsigned long)tsp_result15)->linger2)) { tsp_count(19 /* read */); return 0; } (__s64)tsp_linger216 < 0; }); tsp_17; });
  fn_5_send(0, sk, port, oldstate, newstate, (__s64)((__s32)(failed ? 1LL : 0LL) | (__s32)(done ? 2LL : 0LL)), &tsp_failed);
#line 140
  if (tsp_failed) return 0;
  return 0;
#line 141
}
#line 1 "<tsprobe>"
#line 159 "localports.ts"
SEC("tracepoint/syscalls/sys_exit_connect")
#line 159
int p1_fexit_u23_2(struct tp_syscalls__sys_exit_connect *tsp_context UNUSED) {
  _Bool tsp_failed = 0;
#line 159
  fn_6_portChosen(0, &tsp_failed);
#line 159
  if (tsp_failed) return 0;
#line 159
  return 0;
#line 159
}
#line 1 "<tsprobe>"
#line 161 "localports.ts"
SEC("tracepoint/syscalls/sys_exit_listen")
#line 161
int p2_tracepoint_u(struct tp_syscalls__sys_exit_listen *tsp_context UNUSED) {
  _Bool tsp_failed = 0;
#line 161
  fn_6_portChosen(0, &tsp_failed);
#line 161
  if (tsp_failed) return 0;
#line 161
  return 0;
#line 161
}
#line 1 "<tsprobe>"
#line 178 "localports.ts"
SEC("tracepoint/tcp/tcp_retransmit_skb")
#line 178
int p3_fexit_u23_4(struct tp_tcp__tcp_retransmit_skb *given) {
  _Bool tsp_failed = 0;
#line 178
  __s64 state = (__s64)FIELD(32, given, state);
#line 178
  __u64 skaddr = FIELD(64, given, skaddr);
#line 178
  __s64 sport = (__s64)FIELD(16, given, sport);
  if (state == 2) {
#line 179
    fn_5_send(1, skaddr, sport, 7, 2, 0, &tsp_failed);
#line 179
    if (tsp_failed) return 0;
  }
#line 180
  return 0;
#line 180
}
#line 1 "<tsprobe>"
#line 191 "localports.ts"
SEC("raw_tp/inet_sock_set_state")
#line 191
int p4_fentry_u23_5(struct raw_tp_inet_sock_set_state *given) {
  _Bool tsp_failed = 0;
#line 191
  __u64 sk = FIELD(64, given, sk);
#line 191
  __s64 oldstate = (__s64)FIELD(32, given, oldstate);
#line 191
  __s64 newstate = (__s64)FIELD(32, given, newstate);
  if (newstate != 9 || ({ __u16 tsp_sk_protocol1; if (tsp_read(tsp_sk_protocol1, ((const struct sock *)(unsigned long)sk)->sk_protocol)) { tsp_count(20 /* read */); return 0; } (__s64)tsp_sk_protocol1 != 6; })) return 0;
  struct tsp_obj_1 taken = fn_1_sockAddrs(sk, &tsp_failed);
#line 193
  if (tsp_failed) return 0;
#line 193
  __s64 netns = taken.f_netns;
#line 193
  struct tsp_ip laddr = taken.f_laddr;
#line 193
  __s64 lport = taken.f_lport;
#line 193
  struct tsp_ip raddr = taken.f_raddr;
#line 193
  __s64 rport = taken.f_rport;
  _Bool isHere = (raddr.family == laddr.family && tsp_same_bytes(raddr.bytes, laddr.bytes, 16)) || ({ __u32 tsp_skc_daddr4; if (tsp_read(tsp_skc_daddr4, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_daddr)) { tsp_count(21 /* read */); return 0; } (__s64)((__s32)tsp_skc_daddr4 & 255) == 127; });
  if (isHere && ({ _Bool tsp_result6 = fn_3_isFollowed(netns, rport); tsp_result6; })) {
#line 195
    fn_5_send(4, sk, lport, oldstate, 9, 0, &tsp_failed);
#line 195
    if (tsp_failed) return 0;
  }
#line 196
  return 0;
#line 196
}
#line 1 "<tsprobe>"
#line 203 "localports.ts"
SEC("tracepoint/tcp/tcp_send_reset")
#line 203
int p5_fentry_u23_6(struct tp_tcp__tcp_send_reset *given) {
  _Bool tsp_failed = 0;
#line 203
  __s64 state = (__s64)FIELD(32, given, state);
#line 203
  __u64 skaddr = FIELD(64, given, skaddr);
  if (state == 6) {
#line 204
    fn_7_waiting(3, skaddr, 7, &tsp_failed);
#line 204
    if (tsp_failed) return 0;
  }
#line 205
  return 0;
#line 205
}
#line 1 "<tsprobe>"
