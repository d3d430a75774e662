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
#define COUNT(rounds) ({ asm("" : "+r"(rounds)); rounds++; })
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, __u64 flags) = (void *)2;
static long (*const bpf_probe_read_kernel)(void *to, __u32 size, const void *from) = (void *)113;
#define tsp_size(place) __builtin_preserve_field_info(place, 1)
#define tsp_exists(place) __builtin_preserve_field_info(place, 2)
#define tsp_read(to, place) (tsp_size(place) != sizeof(to) || bpf_probe_read_kernel(&(to), sizeof(to), &(place)))
#define tsp_read_at(to, place, further) (tsp_size(place) != sizeof(to) || bpf_probe_read_kernel(&(to), sizeof(to), (const char *)&(place) + (further)))
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

struct tsp_ip { __u32 family; __u8 bytes[16]; };
struct tsp_u8x16 { __u8 v[16]; };
struct tsp_opt_s64 { _Bool has; __s64 value; };
struct tsp_opt_u64 { _Bool has; __u64 value; };
struct tsp_obj_4 { struct tsp_ip f_laddr; struct tsp_ip f_raddr; __s64 f_lport; __s64 f_rport; __s64 f_netns; __s64 f_network; };

struct raw_tp_tcp_probe {
  __u64 f_sk; // struct sock *, offset 0
};

struct in6_addr { union { __u8 u6_addr8[16]; } __attribute__((preserve_access_index)) in6_u; } __attribute__((preserve_access_index));
struct sock_common { __u16 skc_family; struct in6_addr skc_v6_daddr; __u16 skc_dport; struct in6_addr skc_v6_rcv_saddr; __u32 skc_rcv_saddr; __u32 skc_daddr; struct { void *net; } __attribute__((preserve_access_index)) skc_net; } __attribute__((preserve_access_index));
struct sock_cgroup_data { void *cgroup; } __attribute__((preserve_access_index));
struct sock { struct sock_common __sk_common; struct sock_cgroup_data sk_cgrp_data; struct { __u32 val; } __attribute__((preserve_access_index)) sk_uid; } __attribute__((preserve_access_index));
struct inet_sock { __u16 inet_sport; } __attribute__((preserve_access_index));
struct ns_common { __u32 inum; } __attribute__((preserve_access_index));
struct net { struct ns_common ns; } __attribute__((preserve_access_index));
struct cgroup_subsys_state { void *parent; void *cgroup; } __attribute__((preserve_access_index));
struct cgroup { void *kn; struct cgroup_subsys_state self; } __attribute__((preserve_access_index));
struct kernfs_node { __u64 id; } __attribute__((preserve_access_index));
struct minmax_sample { __u32 v; } __attribute__((preserve_access_index));
struct minmax { struct minmax_sample s[3]; } __attribute__((preserve_access_index));
struct tcp_sock { struct minmax rtt_min; __u32 mdev_us; __u32 srtt_us; } __attribute__((preserve_access_index));

struct a0_rtt_key { struct tsp_ip f_laddr; struct tsp_ip f_raddr; __u16 f_lport; __u16 f_rport; __u32 f_netns; __s8 f_network; };
struct a0_rtt_slot { __u64 low; __u64 high; __u64 min; __u64 max; __u64 buckets[249]; };
// hist rtt
struct {
  __uint(type, 1);
  __uint(max_entries, 1024);
  __type(key, struct a0_rtt_key);
  __type(value, struct a0_rtt_slot);
} a0_rtt_0 SEC(".maps");
struct {
  __uint(type, 1);
  __uint(max_entries, 1024);
  __type(key, struct a0_rtt_key);
  __type(value, struct a0_rtt_slot);
} a0_rtt_1 SEC(".maps");
// Which of its two copies each aggregation uses; the host switches them
__u32 tsp_banks[1] SEC(".data.banks") = {};
static const __u64 tsp_zeros[253] = {};

const volatile _Bool opt_ipv4;
const volatile _Bool opt_ipv6;
const volatile __u32 opt_lport__size;
const volatile __u64 opt_lport__bits[1024];
const volatile __u32 opt_rport__size;
const volatile __u64 opt_rport__bits[1024];
const volatile __u32 opt_laddr__size;
const volatile __u32 opt_laddr__networks[576];
const volatile __u32 opt_raddr__size;
const volatile __u32 opt_raddr__networks[576];
const volatile _Bool opt_netns__given;
const volatile __u32 opt_netns;
const volatile _Bool opt_cgroup__given;
const volatile __u64 opt_cgroup;
const volatile _Bool opt_uid__given;
const volatile __u32 opt_uid;
const volatile _Bool opt_min;
const volatile _Bool opt_mdev;
const volatile _Bool opt_byconnection;
const volatile _Bool opt_byladdr;
const volatile _Bool opt_byraddr;
const volatile _Bool opt_bylport;
const volatile _Bool opt_byrport;
const volatile _Bool opt_bynetns;
const volatile __u32 opt_bycidr__size;
const volatile __u32 opt_bycidr__networks[576];
const volatile _Bool opt_milliseconds;

// The event ring
struct {
  __uint(type, 27);
  __uint(max_entries, 8388608);
} tsp_events SEC(".maps");

// One counter for each place that can lose or fail
struct {
  __uint(type, 6);
  __uint(max_entries, 24);
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
INLINE void a0_rtt_add(const void *key, __u32 site, __s64 value) {
  __u32 bank = *(volatile __u32 *)&tsp_banks[0] & 1;
  struct a0_rtt_slot *slot;
  if (bank) { slot = tsp_slot(&a0_rtt_1, key, site); asm volatile("" : "+r"(slot) : "i"(1)); }
  else { slot = tsp_slot(&a0_rtt_0, key, site); asm volatile("" : "+r"(slot) : "i"(0)); }
  if (!slot) return;
  __sync_fetch_and_add(&slot->low, (__u32)value);
  if (value >> 32) __sync_fetch_and_add(&slot->high, (__u64)(value >> 32));
  tsp_grow(&slot->min, (__u64)value ^ 0x7fffffffffffffffULL);
  tsp_grow(&slot->max, (__u64)value ^ 0x8000000000000000ULL);
  __u64 bucket = tsp_log_bucket(value, 2);
  asm("" : "+r"(bucket)); // clang must not drop the check, which the verifier needs to see
  if (bucket < 249) __sync_fetch_and_add(&slot->buckets[bucket], 1);
}
#line 19 "ends.js"
INLINE _Bool fn_0_isOverIpv6(__u64 sk, _Bool *tsp_failed) {
#line 21
  __u16 tsp_skc_family1;
#line 21
  if (tsp_read(tsp_skc_family1, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_family)) { tsp_count(0 /* read */); *tsp_failed = 1; return 0; }
#line 21
  if ((__s64)tsp_skc_family1 != 10 || !(tsp_exists(((const struct sock *)0)->__sk_common.skc_v6_daddr) != 0)) {
#line 21
    return 0;
  }
  {
#line 23
    __s64 i = 0;
#line 23
    for (; i < 10; i = i + 1) {
#line 23
      __u8 tsp_element2;
#line 23
      if (tsp_read_at(tsp_element2, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_v6_daddr.in6_u.u6_addr8[0], i * tsp_size(((const struct sock *)(unsigned long)sk)->__sk_common.skc_v6_daddr.in6_u.u6_addr8[0]))) { tsp_count(1 /* read */); *tsp_failed = 1; return 0; }
#line 23
      if ((__s64)tsp_element2 != 0) {
#line 23
        return 1;
      }
    }
  }
#line 24
  __u8 tsp_element3;
#line 24
  if (tsp_read(tsp_element3, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_v6_daddr.in6_u.u6_addr8[10])) { tsp_count(2 /* read */); *tsp_failed = 1; return 0; }
#line 24
  return (__s64)tsp_element3 != 255 || ({ __u8 tsp_element4; if (tsp_read(tsp_element4, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_v6_daddr.in6_u.u6_addr8[11])) { tsp_count(3 /* read */); *tsp_failed = 1; return 0; } (__s64)tsp_element4 != 255; });
}
#line 1 "<tsprobe>"
#line 18 "sock.js"
INLINE __u64 fn_1_inetSock(__u64 sk) {
#line 18
  return sk;
#line 18
}
#line 1 "<tsprobe>"
#line 2 "bytes.js"
INLINE __s64 fn_2_ntohs(__s64 value) {
#line 2
  return (__s64)((__s32)(__s32)((__u32)((__s32)value & 255) << 8) | (__s32)((__s32)((__s32)value >> 8) & 255));
#line 2
}
#line 1 "<tsprobe>"
#line 13 "ends.js"
INLINE __s64 fn_3_localPort(__u64 sk, _Bool *tsp_failed) {
#line 13
  __u64 tsp_result1 = fn_1_inetSock(sk);
#line 13
  __u16 tsp_inet_sport2;
#line 13
  if (tsp_read(tsp_inet_sport2, ((const struct inet_sock *)(unsigned long)tsp_result1)->inet_sport)) { tsp_count(4 /* read */); *tsp_failed = 1; return 0; }
#line 13
  return fn_2_ntohs((__s64)tsp_inet_sport2);
#line 13
}
#line 1 "<tsprobe>"
#line 14 "ends.js"
INLINE __s64 fn_4_remotePort(__u64 sk, _Bool *tsp_failed) {
#line 14
  __u16 tsp_skc_dport1;
#line 14
  if (tsp_read(tsp_skc_dport1, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_dport)) { tsp_count(5 /* read */); *tsp_failed = 1; return 0; }
#line 14
  return fn_2_ntohs((__s64)tsp_skc_dport1);
#line 14
}
#line 1 "<tsprobe>"
#line 5 "ends.js"
INLINE struct tsp_ip fn_5_localAddr(__u64 sk, _Bool *tsp_failed) {
#line 7
  __u16 tsp_skc_family1;
#line 7
  if (tsp_read(tsp_skc_family1, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_family)) { tsp_count(6 /* read */); *tsp_failed = 1; return (struct tsp_ip){}; }
#line 7
  return ((__s64)tsp_skc_family1 == 10 && (tsp_exists(((const struct sock *)0)->__sk_common.skc_v6_rcv_saddr) != 0)) ? ({ struct tsp_u8x16 tsp_u6_addr82; if (tsp_read(tsp_u6_addr82, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8)) { tsp_count(7 /* read */); *tsp_failed = 1; return (struct tsp_ip){}; } struct tsp_ip tsp_ip3 = { .family = 10 }; __builtin_memcpy(tsp_ip3.bytes, tsp_u6_addr82.v, 16); tsp_ip3; }) : ({ __u32 tsp_skc_rcv_saddr5; if (tsp_read(tsp_skc_rcv_saddr5, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_rcv_saddr)) { tsp_count(8 /* read */); *tsp_failed = 1; return (struct tsp_ip){}; } struct tsp_ip tsp_ip4 = { .family = 2 }; *(__u32 *)tsp_ip4.bytes = tsp_skc_rcv_saddr5; tsp_ip4; });
}
#line 1 "<tsprobe>"
#line 9 "ends.js"
INLINE struct tsp_ip fn_6_remoteAddr(__u64 sk, _Bool *tsp_failed) {
#line 11
  __u16 tsp_skc_family1;
#line 11
  if (tsp_read(tsp_skc_family1, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_family)) { tsp_count(9 /* read */); *tsp_failed = 1; return (struct tsp_ip){}; }
#line 11
  return ((__s64)tsp_skc_family1 == 10 && (tsp_exists(((const struct sock *)0)->__sk_common.skc_v6_daddr) != 0)) ? ({ struct tsp_u8x16 tsp_u6_addr82; if (tsp_read(tsp_u6_addr82, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_v6_daddr.in6_u.u6_addr8)) { tsp_count(10 /* read */); *tsp_failed = 1; return (struct tsp_ip){}; } struct tsp_ip tsp_ip3 = { .family = 10 }; __builtin_memcpy(tsp_ip3.bytes, tsp_u6_addr82.v, 16); tsp_ip3; }) : ({ __u32 tsp_skc_daddr5; if (tsp_read(tsp_skc_daddr5, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_daddr)) { tsp_count(11 /* read */); *tsp_failed = 1; return (struct tsp_ip){}; } struct tsp_ip tsp_ip4 = { .family = 2 }; *(__u32 *)tsp_ip4.bytes = tsp_skc_daddr5; tsp_ip4; });
}
#line 1 "<tsprobe>"
#line 15 "ends.js"
INLINE __s64 fn_7_sockNetns(__u64 sk, _Bool *tsp_failed) {
#line 17
  return (tsp_exists(((const struct sock *)0)->__sk_common.skc_net.net) != 0) ? ({ __u64 tsp_net1; if (tsp_read(tsp_net1, ((const struct sock *)(unsigned long)sk)->__sk_common.skc_net.net)) { tsp_count(12 /* read */); *tsp_failed = 1; return 0; } struct tsp_opt_s64 tsp_optional2 = {}; __u64 link = tsp_net1; if (link) { __u32 tsp_inum3; if (tsp_read(tsp_inum3, ((const struct net *)(unsigned long)link)->ns.inum)) { tsp_count(13 /* read */); *tsp_failed = 1; return 0; } tsp_optional2 = (struct tsp_opt_s64){ .has = 1, .value = (__s64)tsp_inum3 }; } tsp_optional2.has ? tsp_optional2.value : 0LL; }) : 0LL;
}
#line 1 "<tsprobe>"
#line 2 "cgroup.js"
INLINE _Bool fn_8_sockInCgroup(__u64 sk, __u64 id, _Bool *tsp_failed) {
  if (!(tsp_exists(((const struct sock *)0)->sk_cgrp_data) != 0) || !(tsp_exists(((const struct sock *)0)->sk_cgrp_data.cgroup) != 0)) {
#line 3
    return 0;
  }
#line 4
  __u64 own;
#line 4
  if (tsp_read(own, ((const struct sock *)(unsigned long)sk)->sk_cgrp_data.cgroup)) { tsp_count(14 /* read */); *tsp_failed = 1; return 0; }
  __u64 address = !(own != 0) ? 0LL : own;
  {
#line 6
    __s64 level = 0;
#line 6
    for (__u64 tsp_rounds2 = 0; tsp_rounds2 < 32 && level < 32 && address != 0; COUNT(tsp_rounds2), level = level + 1) {
      __u64 cgroup = address;
      __u64 tsp_kn3;
#line 8
      if (tsp_read(tsp_kn3, ((const struct cgroup *)(unsigned long)cgroup)->kn)) { tsp_count(15 /* read */); *tsp_failed = 1; return 0; }
#line 8
      struct tsp_opt_u64 tsp_optional4 = {};
#line 8
      __u64 link = tsp_kn3;
#line 8
      if (link) { __u64 tsp_id5; if (tsp_read(tsp_id5, ((const struct kernfs_node *)(unsigned long)link)->id)) { tsp_count(16 /* read */); *tsp_failed = 1; return 0; } tsp_optional4 = (struct tsp_opt_u64){ .has = 1, .value = tsp_id5 }; }
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
      if (tsp_read(parent, ((const struct cgroup *)(unsigned long)cgroup)->self.parent)) { tsp_count(17 /* read */); *tsp_failed = 1; return 0; }
      if (!(parent != 0)) {
#line 10
        return 0;
      }
#line 11
      __u64 above;
#line 11
      if (tsp_read(above, ((const struct cgroup_subsys_state *)(unsigned long)parent)->cgroup)) { tsp_count(18 /* read */); *tsp_failed = 1; return 0; }
      address = !(above != 0) ? 0LL : above;
    }
  }
#line 14
  return 0;
}
#line 1 "<tsprobe>"
#line 93 "tcprtt.ts"
INLINE _Bool fn_9_isWanted(__u64 sk, _Bool *tsp_failed) {
  if (opt_ipv4 != opt_ipv6 && ({ _Bool tsp_result1 = fn_0_isOverIpv6(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return 0; } tsp_result1 != opt_ipv6; })) {
#line 94
    return 0;
  }
#line 95
  if ((__s64)opt_lport__size > 0 && ({ __s64 tsp_result3 = fn_3_localPort(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return 0; } !tsp_in_set(opt_lport__bits, tsp_result3); })) {
#line 95
    return 0;
  }
#line 96
  if ((__s64)opt_rport__size > 0 && ({ __s64 tsp_result5 = fn_4_remotePort(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return 0; } !tsp_in_set(opt_rport__bits, tsp_result5); })) {
#line 96
    return 0;
  }
#line 97
  if ((__s64)opt_laddr__size > 0 && ({ struct tsp_ip tsp_result7 = fn_5_localAddr(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return 0; } !(tsp_find_network(opt_laddr__networks, opt_laddr__size, tsp_result7.family, (const __u32 *)tsp_result7.bytes) >= 0); })) {
#line 97
    return 0;
  }
#line 98
  if ((__s64)opt_raddr__size > 0 && ({ struct tsp_ip tsp_result9 = fn_6_remoteAddr(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return 0; } !(tsp_find_network(opt_raddr__networks, opt_raddr__size, tsp_result9.family, (const __u32 *)tsp_result9.bytes) >= 0); })) {
#line 98
    return 0;
  }
#line 99
  if ((struct tsp_opt_s64){ .has = opt_netns__given, .value = opt_netns }.has && ({ __s64 tsp_result11 = fn_7_sockNetns(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return 0; } tsp_result11 != (struct tsp_opt_s64){ .has = opt_netns__given, .value = opt_netns }.value; })) {
#line 99
    return 0;
  }
#line 100
  if ((struct tsp_opt_u64){ .has = opt_cgroup__given, .value = opt_cgroup }.has && ({ _Bool tsp_result13 = fn_8_sockInCgroup(sk, (struct tsp_opt_u64){ .has = opt_cgroup__given, .value = opt_cgroup }.value, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return 0; } !tsp_result13; })) {
#line 100
    return 0;
  }
#line 101
  return !(struct tsp_opt_s64){ .has = opt_uid__given, .value = opt_uid }.has || ({ __u32 tsp_val15; if (tsp_read(tsp_val15, ((const struct sock *)(unsigned long)sk)->sk_uid.val)) { tsp_count(19 /* read */); *tsp_failed = 1; return 0; } (__s64)tsp_val15 == (struct tsp_opt_s64){ .has = opt_uid__given, .value = opt_uid }.value; });
}
#line 1 "<tsprobe>"
#line 19 "sock.js"
INLINE __u64 fn_10_tcpSock(__u64 sk) {
#line 19
  return sk;
#line 19
}
#line 1 "<tsprobe>"
#line 113 "tcprtt.ts"
INLINE void fn_11_gather(__u64 sk, _Bool *tsp_failed) {
  _Bool tsp_result1 = fn_9_isWanted(sk, tsp_failed);
#line 114
  if (*tsp_failed) { *tsp_failed = 1; return; }
#line 114
  if (!tsp_result1) {
#line 114
    return;
  }
#line 115
  __u64 tp = fn_10_tcpSock(sk);
#line 117
  __s64 us = opt_min ? ({ __u32 tsp_v3; if (tsp_read(tsp_v3, ((const struct tcp_sock *)(unsigned long)tp)->rtt_min.s[0].v)) { tsp_count(20 /* read */); *tsp_failed = 1; return; } (__s64)tsp_v3; }) : ({ __s64 tsp_6 = opt_mdev ? ({ __u32 tsp_mdev_us4; if (tsp_read(tsp_mdev_us4, ((const struct tcp_sock *)(unsigned long)tp)->mdev_us)) { tsp_count(21 /* read */); *tsp_failed = 1; return; } (__s64)((__u32)tsp_mdev_us4 >> 2); }) : ({ __u32 tsp_srtt_us5; if (tsp_read(tsp_srtt_us5, ((const struct tcp_sock *)(unsigned long)tp)->srtt_us)) { tsp_count(22 /* read */); *tsp_failed = 1; return; } (__s64)((__u32)tsp_srtt_us5 >> 3); }); tsp_6; });
  if (opt_min && us == 4294967295LL) {
#line 118
    return;
  }
#line 119
  _Bool all = opt_byconnection;
  struct tsp_ip tsp_10 = (opt_byladdr || all) ? ({ struct tsp_ip tsp_result8 = fn_5_localAddr(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return; } tsp_result8; }) : ({ struct tsp_ip tsp_ip9 = { .family = 2 }; *(__u32 *)tsp_ip9.bytes = 0; tsp_ip9; });
#line 120
  struct tsp_ip tsp_13 = (opt_byraddr || all) ? ({ struct tsp_ip tsp_result11 = fn_6_remoteAddr(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return; } tsp_result11; }) : ({ struct tsp_ip tsp_ip12 = { .family = 2 }; *(__u32 *)tsp_ip12.bytes = 0; tsp_ip12; });
#line 120
  __s64 tsp_15 = (opt_bylport || all) ? ({ __s64 tsp_result14 = fn_3_localPort(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return; } tsp_result14; }) : 0LL;
#line 120
  __s64 tsp_17 = (opt_byrport || all) ? ({ __s64 tsp_result16 = fn_4_remotePort(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return; } tsp_result16; }) : 0LL;
#line 120
  __s64 tsp_19 = (opt_bynetns || all) ? ({ __s64 tsp_result18 = fn_7_sockNetns(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return; } tsp_result18; }) : 0LL;
#line 120
  __s64 tsp_21 = ((__s64)opt_bycidr__size > 0) ? ({ struct tsp_ip tsp_result20 = fn_6_remoteAddr(sk, tsp_failed); if (*tsp_failed) { *tsp_failed = 1; return; } (__s64)tsp_find_network(opt_bycidr__networks, opt_bycidr__size, tsp_result20.family, (const __u32 *)tsp_result20.bytes); }) : 0LL;
#line 120
  struct tsp_obj_4 key = (struct tsp_obj_4){ .f_laddr = tsp_10, .f_raddr = tsp_13, .f_lport = tsp_15, .f_rport = tsp_17, .f_netns = tsp_19, .f_network = tsp_21 };
#line 128
  struct a0_rtt_key tsp_key22;
#line 128
  __builtin_memset(&tsp_key22, 0, sizeof(tsp_key22));
#line 128
  tsp_key22.f_laddr = key.f_laddr;
#line 128
  tsp_key22.f_raddr = key.f_raddr;
#line 128
  tsp_key22.f_lport = key.f_lport;
#line 128
  tsp_key22.f_rport = key.f_rport;
#line 128
  tsp_key22.f_netns = key.f_netns;
#line 128
  tsp_key22.f_network = key.f_network;
#line 128
  a0_rtt_add(&tsp_key22, 23 /* map-full */, opt_milliseconds ? (__s64)((__u64)us / 1000) : us);
}
#line 1 "<tsprobe>"
#line 189 "tcprtt.ts"
SEC("raw_tp/tcp_probe")
#line 189
int p0_fentry_u23_1(struct raw_tp_tcp_probe *given) {
  _Bool tsp_failed = 0;
#line 189
  __u64 sk = FIELD(64, given, sk);
#line 189
  fn_11_gather(sk, &tsp_failed);
#line 189
  if (tsp_failed) return 0;
#line 189
  return 0;
#line 189
}
#line 1 "<tsprobe>"
