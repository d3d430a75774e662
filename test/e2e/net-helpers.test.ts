import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { statSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { collect } from "./harness/collect.js";
import { describeWhere, requireFile, requireRoot, requireTool, testWhere } from "./harness/requirements.js";

const needs = [requireRoot, requireFile("/sys/kernel/btf/vmlinux")];
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A connection over loopback that is open while `use` runs. */
async function connected(
  host: string,
  bind: string,
  use: (client: Socket, server: Socket, port: number) => Promise<void>,
): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, bind, resolve));
  const { port } = server.address() as AddressInfo;
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const client = connect(port, host);
  await new Promise<void>((resolve, reject) => {
    client.once("connect", resolve);
    client.once("error", reject);
  });
  const peer = await accepted;
  try {
    await use(client, peer, port);
  } finally {
    client.destroy();
    peer.destroy();
    await new Promise((resolve) => server.close(resolve));
    await pause(100);
  }
}

const STATES = `import { addressOf, ip, kptr, pid, tracepoint } from "tsprobe";
import { tcpState } from "tsprobe/kernel";
import { inetSock, sockAddrs, sockCookie, tcpInfo, tcpSock } from "tsprobe/net";
export const seen = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (ctx.protocol !== 6) return;
  const sk = kptr("sock", ctx.skaddr);
  const a = sockAddrs(sk);
  return { a, sk: ctx.skaddr, addr: addressOf(sk), same: addressOf(tcpSock(sk)) === ctx.skaddr,
    sport: ctx.sport, dport: ctx.dport, family: ctx.family, saddr: ip(ctx.saddr), daddr: ip(ctx.daddr), saddr6: ip(ctx.saddr_v6), daddr6: ip(ctx.daddr_v6),
    from: tcpState(ctx.oldstate), to: tcpState(ctx.newstate), num: inetSock(sk).inet_sport, cookie: sockCookie(sk), info: tcpInfo(sk) };
});`;

interface Seen {
  readonly a: { family: number; laddr: string; raddr: string; lport: number; rport: number; netns: number };
  readonly info: Record<string, number | bigint>;
  readonly [field: string]: unknown;
}

describeWhere(needs, "sockets", () => {
  test.each([
    ["IPv4", "127.0.0.1", "127.0.0.1", 2],
    ["IPv6", "::1", "::1", 10],
    ["an IPv4 peer of an IPv6 socket", "127.0.0.1", "::", 10],
  ])("sockAddrs() of %s", async (_, host, bind, serverFamily) => {
    let port = 0;
    const { streams, counters } = await collect(STATES, () =>
      connected(host, bind, async (_client, _server, at) => {
        port = at;
      }),
    );
    expect(counters).toEqual([]);
    const events = (streams[0] as unknown as Seen[]).filter(({ a }) => a.lport === port || a.rport === port);
    const open = events.filter((event) => event.to === "ESTABLISHED");
    expect(open).toHaveLength(2);
    for (const { a, ...ctx } of open) {
      expect(a.netns).toBe(statSync("/proc/self/ns/net").ino);
      expect([a.lport, a.rport, a.family]).toEqual([ctx.sport, ctx.dport, ctx.family]);
      expect(ctx.addr).toBe(ctx.sk);
      expect(ctx.same).toBe(true);
      const mapped = serverFamily === 10 && host === "127.0.0.1" && a.lport === port;
      expect([a.laddr, a.raddr]).toEqual(mapped ? ["::ffff:127.0.0.1", "::ffff:127.0.0.1"] : [host, host]);
      if (a.lport === port) expect(a.family).toBe(serverFamily);
    }
  });

  testWhere([requireTool("ss", "iproute2")], "tcpInfo() agrees with ss", async () => {
    let shown = "";
    let local = 0;
    const { streams } = await collect(STATES, () =>
      connected("127.0.0.1", "127.0.0.1", async (client, server, port) => {
        server.resume();
        await new Promise<void>((resolve) => client.write(Buffer.alloc(200_000), () => resolve()));
        server.write("answer");
        await pause(300);
        local = client.localPort as number;
        const run = await promisify(execFile)("ss", ["-tinHO", "-e", `( sport = :${local} and dport = :${port} )`]);
        shown = run.stdout;
      }),
    );
    // The states that follow come after ss has looked, and nothing was sent in between.
    const event = (streams[0] as unknown as Seen[]).find(({ a, from }) => a.lport === local && from === "ESTABLISHED");
    expect(shown).toContain(`:${local}`);
    const { info } = event as Seen;
    const of = (name: string) => new RegExp(`\\b${name}:(\\S+)`).exec(shown)?.[1];
    expect(Number(info.cwnd)).toBe(Number(of("cwnd")));
    expect(Number(info.mss)).toBe(Number(of("mss")));
    expect(Number(info.bytesAcked)).toBe(Number(of("bytes_acked")));
    expect(Number(info.bytesSent)).toBe(Number(of("bytes_sent")));
    expect(Number(info.bytesReceived)).toBe(Number(of("bytes_received")));
    expect(Number(info.minRttUs) / 1000).toBeCloseTo(Number(of("minrtt")), 3);
    const [rtt, deviation] = (/\brtt:([\d.]+)\/([\d.]+)/.exec(shown) ?? []).slice(1).map(Number);
    expect(Number(info.rttUs) / 1000).toBeCloseTo(rtt as number, 3);
    expect(Number(info.rttvarUs) / 1000).toBeCloseTo(deviation as number, 3);
    // "retrans:0/1": now and in all; not shown when there were none. On a busy machine there are, even over loopback.
    expect(Number(info.totalRetrans)).toBe(Number(of("retrans")?.split("/")[1] ?? 0));
    // ss asked for the cookie, so that now there is one.
    expect(Number(event?.cookie).toString(16)).toBe(of("sk"));
  });
});

const CALLS = `import { ip, pid, tracepoint } from "tsprobe";
import { userSockaddr } from "tsprobe/net";
export const calls = tracepoint("syscalls:sys_enter_connect", (ctx) => {
  if (pid() !== ${process.pid}) return;
  const to = userSockaddr(ctx.uservaddr);
  return to === undefined ? { family: 0 } : { family: to.family, addr: to.addr, port: to.port, isLocal: to.addr === "127.0.0.1" };
});`;

describeWhere(needs, "addresses of system calls", () => {
  test("userSockaddr() is what connect() was given: IPv4, IPv6, neither", async () => {
    const ports: number[] = [];
    const { streams, counters } = await collect(CALLS, async () => {
      for (const host of ["127.0.0.1", "::1"])
        await connected(host, host, async (_client, _server, port) => {
          ports.push(port);
        });
      await new Promise<void>((resolve) => connect("/nonexistent/socket").once("error", () => resolve()));
      await pause(50);
    });
    expect(counters).toEqual([]);
    expect(streams[0]).toEqual([
      { family: 2, addr: "127.0.0.1", port: ports[0], isLocal: true },
      { family: 10, addr: "::1", port: ports[1], isLocal: false },
      { family: 0 },
    ]);
  });
});

const PACKETS = (port: number) =>
  `import { flags, kptr, tracepoint } from "tsprobe";
import { tcpFlags } from "tsprobe/kernel";
import { skbHeaders } from "tsprobe/net";
export const seen = tracepoint("net:netif_receive_skb", (ctx) => {
  const packet = skbHeaders(kptr("sk_buff", ctx.skbaddr));
  if (packet === undefined) return;
  if (packet.sport !== ${port} && packet.dport !== ${port}) return;
  return { ...packet, shown: tcpFlags(packet.flags), len: ctx.len };
});`.replace(
    "...packet",
    ["family", "saddr", "daddr", "protocol", "ttl", "laterFragment", "sport", "dport", "seq", "ack", "flags", "window", "payload"]
      .map((name) => `${name}: packet.${name}`)
      .join(", "),
  );

describeWhere(needs, "packets", () => {
  test.each([
    ["127.0.0.1", "udp4", 2, 28],
    ["::1", "udp6", 10, 48],
  ] as const)("skbHeaders() of UDP to %s", async (host, type, family, headers) => {
    const receiver = createSocket(type);
    const sender = createSocket(type);
    await new Promise<void>((resolve) => receiver.bind(0, host, resolve));
    await new Promise<void>((resolve) => sender.bind(0, host, resolve));
    const { port } = receiver.address();
    try {
      const { streams, counters } = await collect(PACKETS(port), async () => {
        const got = new Promise((resolve) => receiver.once("message", resolve));
        sender.send(Buffer.alloc(123), port, host);
        await got;
        await pause(50);
      });
      expect(counters).toEqual([]);
      expect(streams[0]).toEqual([
        {
          family,
          saddr: host,
          daddr: host,
          protocol: 17,
          ttl: 64,
          laterFragment: false,
          sport: sender.address().port,
          dport: port,
          seq: 0,
          ack: 0,
          flags: 0,
          window: 0,
          payload: 123,
          shown: "0",
          len: 123 + headers,
        },
      ]);
    } finally {
      receiver.close();
      sender.close();
    }
  });

  test.each([["127.0.0.1"], ["::1"]])("skbHeaders() of a TCP conversation with %s", async (host) => {
    const server = createServer((socket) => socket.on("data", () => socket.end()));
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const { port } = server.address() as AddressInfo;
    let local = 0;
    const { streams, counters } = await collect(PACKETS(port), async () => {
      const client = connect(port, host, () => {
        local = client.localPort as number;
        client.write("hello");
      });
      client.resume();
      await new Promise((resolve) => client.once("close", resolve));
      await pause(100);
    });
    await new Promise((resolve) => server.close(resolve));
    expect(counters).toEqual([]);
    const packets = streams[0] as unknown as {
      seq: number;
      ack: number;
      shown: string;
      sport: number;
      dport: number;
      payload: number;
      window: number;
    }[];
    const [syn, synAck, ack] = packets;
    expect(packets.every(({ sport, dport }) => [sport, dport].sort().join() === [local, port].sort().join())).toBe(true);
    expect(
      [syn?.shown, synAck?.shown, ack?.shown].map((shown) =>
        shown
          ?.split("|")
          .filter((name) => !["ECE", "CWR", "AE"].includes(name))
          .join("|"),
      ),
    ).toEqual(["SYN", "SYN|ACK", "ACK"]);
    expect([syn?.dport, synAck?.sport]).toEqual([port, port]);
    expect(synAck?.ack).toBe(((syn?.seq as number) + 1) >>> 0);
    expect(ack?.ack).toBe(((synAck?.seq as number) + 1) >>> 0);
    const data = packets.find(({ payload }) => payload > 0);
    expect(data).toMatchObject({
      payload: 5,
      seq: ((syn?.seq as number) + 1) >>> 0,
      dport: port,
      shown: expect.stringContaining("PSH"),
    });
    expect(packets.filter(({ shown }) => shown.includes("FIN"))).toHaveLength(2);
  });
});
