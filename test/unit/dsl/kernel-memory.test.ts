import { describe, expect, test } from "vitest";
import { addressOf, enumName, enumValue, exists, ip, kptr, kread } from "../../../dsl/index.js";
import { ntohl, ntohs, skbHeaders, sockAddrs, tcpInfo } from "../../../dsl/net/index.js";
import { kernelEnum, kernelMemory, putKernelMemory } from "../../../dsl/test/index.js";

const memory = kernelMemory as unknown as (struct: string, address: bigint, fields: object) => object;
const pointer = kptr as unknown as (struct: string, address: bigint | object) => Record<string, never>;

describe("kernel memory in Node", () => {
  test("structs at addresses, by another name, and what they have", () => {
    memory("sock", 0x1000n, { sk_mark: 7 });
    memory("tcp_sock", 0x1000n, { srtt_us: 80 });
    const sk = pointer("sock", 0x1000n);
    expect(sk.sk_mark).toBe(7);
    expect(pointer("tcp_sock", sk).srtt_us).toBe(80);
    expect(addressOf(sk)).toBe(0x1000n);
    expect(addressOf(null)).toBe(0n);
    expect([exists(sk, "sk_mark"), exists(sk, "sk_none")]).toEqual([true, false]);
    expect(() => sk.sk_none).toThrow("struct sock has no sk_none");
    expect(() => pointer("sock", 0x2000n)).toThrow('kptr("sock", 8192): no such struct in this test');
    expect(() => addressOf({})).toThrow("no address");
  });

  test("integers at addresses", () => {
    putKernelMemory(0x5000n, [0xff, 0xff, 0x34, 0x12, 0, 0, 0, 0x80]);
    expect([kread("u8", 0x5000n), kread("s8", 0x5000n), kread("u16", 0x5002n), kread("s16", 0x5000n)]).toEqual([
      255, -1, 0x1234, -1,
    ]);
    expect([kread("u32", 0x5004n), kread("s32", 0x5004n)]).toEqual([0x8000_0000, -(2 ** 31)]);
    expect([kread("u64", 0x5000n), kread("s64", 0x5000n)]).toEqual([
      0x8000_0000_1234_ffffn,
      BigInt.asIntN(64, 0x8000_0000_1234_ffffn),
    ]);
    expect(() => kread("u16", 0x5007n)).toThrow('kread("u16", 20487): no such memory');
  });

  test("enums that the test gives", () => {
    (kernelEnum as (name: string, values: object) => void)("colour", { RED: 1, BLUE: 2n });
    const [name, value] = [enumName, enumValue] as unknown as ((e: string, v: unknown) => unknown)[];
    expect([name?.("colour", 1), name?.("colour", 2), name?.("colour", 2n), name?.("colour", 9)]).toEqual([
      "RED",
      "BLUE",
      "BLUE",
      "9",
    ]);
    expect(value?.("colour", "RED")).toBe(1);
    expect(() => value?.("colour", "GREEN")).toThrow("no such member");
    expect(() => name?.("shape", 1)).toThrow("kernelEnum()");
  });

  test("ip() of the number that the kernel keeps", () => {
    expect(ip(0x0100007f)).toBe("127.0.0.1");
    expect(ip(-1)).toBe("255.255.255.255");
  });
});

describe("tsprobe/net in Node", () => {
  test("byte orders", () => {
    expect([ntohs(0x5000), ntohs(0x1234), ntohs(80)]).toEqual([80, 0x3412, 0x5000]);
    expect([ntohl(0x0100007f), ntohl(0xff), ntohl(0xffff_fffe)]).toEqual([0x7f00_0001, 0xff00_0000, 0xfeff_ffff]);
  });

  const common = {
    skc_num: 4000,
    skc_dport: 0x5000,
    skc_rcv_saddr: 0x0100007f,
    skc_daddr: 0x0200007f,
    skc_net: { net: { ns: { inum: 9 } } },
  };

  test("sockAddrs() of IPv4, of IPv6, of a kernel without IPv6 and of no IP", () => {
    const v6 = { in6_u: { u6_addr8: Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0)) } };
    const at = (family: number, more = {}) =>
      sockAddrs(memory("sock", 1n, { __sk_common: { skc_family: family, ...common, ...more } }) as never);
    expect(at(2)).toEqual({ family: 2, laddr: "127.0.0.1", raddr: "127.0.0.2", lport: 4000, rport: 80, netns: 9 });
    expect(at(10, { skc_v6_rcv_saddr: v6, skc_v6_daddr: v6 })).toMatchObject({ laddr: "::1", raddr: "::1", lport: 4000 });
    expect(at(1, { skc_net: {} })).toEqual({ family: 1, laddr: "0.0.0.0", raddr: "0.0.0.0", lport: 0, rport: 0, netns: 0 });
  });

  test("tcpInfo() scales as tcp_get_info does", () => {
    const fields = {
      srtt_us: 81,
      mdev_us: 43,
      rtt_min: { s: [{ v: 5 }] },
      snd_cwnd: 10,
      snd_ssthresh: 7,
      mss_cache: 1448,
      packets_out: 1,
      lost_out: 2,
      retrans_out: 3,
      total_retrans: 4,
      bytes_sent: 5n,
      bytes_acked: 6n,
      bytes_received: 7n,
    };
    memory("tcp_sock", 0x77n, fields);
    const sk = memory("sock", 0x77n, { __sk_common: { skc_state: 1 } });
    expect(tcpInfo(sk as never)).toMatchObject({
      state: 1,
      rttUs: 10,
      rttvarUs: 10,
      minRttUs: 5,
      cwnd: 10,
      totalRetrans: 4,
      bytesReceived: 7n,
    });
  });

  let place = 0x10000n;
  /** A packet in memory, its IP header 16 bytes in. */
  const packet = (protocol: number, bytes: readonly number[]) => {
    place += 0x1000n;
    putKernelMemory(place + 16n, bytes);
    const [saddr, daddr] = [bytes.slice(8, 24), bytes.slice(24, 40)].map((address) => ({
      in6_u: { u6_addr8: Uint8Array.from(address) },
    }));
    memory("ipv6hdr", place + 16n, { saddr, daddr });
    return skbHeaders(memory("sk_buff", place, { protocol, network_header: 16, head: place }) as never);
  };
  const v4 = (fragment: number, protocol: number, options: number, ...rest: number[]) => {
    const header = 20 + options;
    const total = header + rest.length;
    return [
      0x40 | (header / 4),
      0,
      total >> 8,
      total & 0xff,
      0,
      0,
      fragment >> 8,
      fragment & 0xff,
      63,
      protocol,
      0,
      0,
      10,
      0,
      0,
      1,
      10,
      0,
      0,
      2,
      ...new Array<number>(options).fill(1),
      ...rest,
    ];
  };
  const tcp = [0x1f, 0x90, 0, 80, 0xff, 0, 0, 1, 0, 0, 0, 2, 0x61, 0x12, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1];
  const v6 = (next: number, ...rest: number[]) => [
    0x60,
    0,
    0,
    0,
    rest.length >> 8,
    rest.length & 0xff,
    next,
    64,
    ...new Array<number>(15).fill(0),
    1,
    ...new Array<number>(15).fill(0),
    2,
    ...rest,
  ];
  const udp = [0, 53, 0, 99, 0, 12, 0, 0, 1, 2, 3, 4];

  test("skbHeaders() of TCP over IPv4, with options on both levels", () => {
    expect(packet(8, v4(0x4000, 6, 8, ...tcp, 1, 2, 3))).toEqual({
      family: 2,
      saddr: "10.0.0.1",
      daddr: "10.0.0.2",
      protocol: 6,
      ttl: 63,
      laterFragment: false,
      sport: 8080,
      dport: 80,
      seq: 0xff00_0001,
      ack: 2,
      flags: 0x112,
      window: 256,
      payload: 3,
    });
  });

  test("skbHeaders() of a later fragment reads no ports from what is none", () => {
    expect(packet(8, v4(0x00b9, 17, 0, ...udp))).toMatchObject({
      protocol: 17,
      laterFragment: true,
      sport: 0,
      dport: 0,
      payload: 12,
    });
  });

  test("skbHeaders() steps over IPv6's extension headers", () => {
    const hop = [60, 0, 1, 4, 0, 0, 0, 0];
    const destination = [44, 1, ...new Array<number>(14).fill(0)];
    const first = [17, 0, 0, 1, 0, 0, 0, 7];
    expect(packet(0xdd86, v6(0, ...hop, ...destination, ...first, ...udp))).toMatchObject({
      family: 10,
      saddr: "::1",
      daddr: "::2",
      protocol: 17,
      sport: 53,
      dport: 99,
      payload: 4,
      laterFragment: false,
      ttl: 64,
    });
    const later = [17, 0, 5, 168, 0, 0, 0, 7];
    expect(packet(0xdd86, v6(44, ...later, ...udp))).toMatchObject({ protocol: 17, sport: 0, laterFragment: true, payload: 12 });
    const authentication = [6, 4, ...new Array<number>(22).fill(0)];
    expect(packet(0, v6(51, ...authentication, ...tcp))).toMatchObject({ protocol: 6, sport: 8080, flags: 0x112, payload: 0 });
  });

  test("skbHeaders() of what is no IP packet, or not known yet", () => {
    expect(packet(0x0608, v4(0, 17, 0, ...udp))).toBeUndefined();
    expect(packet(0, [0x51])).toBeUndefined();
    expect(packet(0xdd86, v4(0, 17, 0, ...udp))).toBeUndefined();
    expect(skbHeaders(memory("sk_buff", 2n, { protocol: 8, network_header: 0xffff, head: 0n }) as never)).toBeUndefined();
  });
});
