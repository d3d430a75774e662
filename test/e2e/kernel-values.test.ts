import { createSocket, type Socket } from "node:dgram";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { getpgid } from "../fixtures/bpf/tracing.js";
import { collect } from "./harness/collect.js";
import { describeWhere, requireFile, requireRoot } from "./harness/requirements.js";

const needs = [requireRoot, requireFile("/sys/kernel/btf/vmlinux")];

/** A handler that runs when this process calls getpgid(n). */
const onCall = (body: string): string => `
import { addressOf, curtask, enumName, enumValue, exists, flags, kptr, kread, pid, tracepoint } from "tsprobe";
const NAMES = { WRITE: 1, RDWR: 2, CREAT: 64 };
export const seen = tracepoint("syscalls:sys_enter_getpgid", (ctx) => {
  if (pid() !== ${process.pid}) return;
  const i = Number(ctx.pid);
  const task = curtask();
  ${body}
});`;

async function call(body: string, ...given: number[]) {
  const { streams, counters } = await collect(onCall(body), async () => {
    for (const each of given) getpgid(each);
  });
  return {
    events: streams[0] ?? [],
    counters: counters.map(({ site, count }) => [site.reason, site.span.file.text.slice(site.span.start, site.span.end), count]),
  };
}

const status = (name: string): string =>
  new RegExp(`^${name}:\\s+(.*)$`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1] as string;

describeWhere(needs, "members of task_struct", () => {
  // They would not fit on the stack at once: each is put into the event, and one that fails gives the event's room back.
  test("forty behind ?. are one event; where one cannot be read there is none", async () => {
    const fields = Array.from({ length: 40 }, (_, k) => `f${k}: task.${["group_leader", "real_parent"][k % 2]}?.tgid`);
    const { events, counters } = await call(
      `const bad = kptr("task_struct", i === 5 ? 16n : addressOf(task)); return { i, ${fields.join(", ")}, last: bad.group_leader?.tgid, pid: task.tgid };`,
      4,
      5,
      6,
    );
    const all = Object.fromEntries(fields.map((_, k) => [`f${k}`, k % 2 === 0 ? process.pid : process.ppid]));
    expect(events).toEqual([4, 6].map((i) => ({ i, ...all, last: process.pid, pid: process.pid })));
    expect(counters).toEqual([["read", "bad.group_leader", 1n]]);
  });

  test("scalars, texts, arrays of structs and enums are those that /proc tells", async () => {
    const { events, counters } = await call(
      `return {
        tgid: task.tgid, comm: task.comm, isNode: task.comm === "node", parent: task.real_parent?.tgid, leader: task.group_leader?.pid,
        umask: task.fs?.umask, caps: task.cred?.cap_effective.val, files: task.signal?.rlim[7].rlim_cur, anyLimit: task.signal?.rlim[i].rlim_max,
        session: task.signal?.pids[i - 4]?.numbers[0].nr, group: task.signal?.pids[2]?.numbers[0].nr, mode: task.seccomp.mode,
      };`,
      7,
    );
    expect(counters).toEqual([]);
    const stat = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
    const limit = /^Max open files\s+(\d+)\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    expect(events).toEqual([
      {
        tgid: process.pid,
        comm: readFileSync("/proc/thread-self/comm", "utf8").trim(),
        isNode: readFileSync("/proc/thread-self/comm", "utf8").trim() === "node",
        parent: process.ppid,
        leader: process.pid,
        umask: Number.parseInt(status("Umask"), 8),
        caps: BigInt(`0x${status("CapEff")}`),
        files: BigInt(limit?.[1] as string),
        anyLimit: BigInt(limit?.[2] as string),
        session: Number(stat[3]),
        group: Number(stat[2]),
        mode: Number(status("Seccomp")),
      },
    ]);
  });

  test("an index outside an array ends the run, and is counted", async () => {
    const { events, counters } = await call("return { i, limit: task.signal?.rlim[i].rlim_cur };", 0, 15, 16, -1, 1_000_000);
    expect(events.map(({ i }) => i)).toEqual([0, 15]);
    expect(counters).toEqual([["range", "i", 3n]]);
  });

  test("a name stands for the element that the index meant when it was given", async () => {
    const { events } = await call(
      `let at = i;
      const limits = task.signal;
      if (limits === null) return;
      const limit = limits.rlim[at];
      at = 0;
      return { same: limit.rlim_cur === limits.rlim[i].rlim_cur, number: limit.rlim_cur };`,
      7,
    );
    const files = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    expect(events).toEqual([{ same: true, number: BigInt(files as string) }]);
  });

  test("addresses: of structs, of structs and arrays inside, and what lies there", async () => {
    const { events } = await call(
      `const mm = task.mm;
      return { same: kptr("task_struct", addressOf(task)).tgid, cast: kptr("task_struct", task).tgid, nothing: addressOf(mm) === 0n,
        inside: kread("u64", addressOf(task.se)) === task.se.load.weight, part: addressOf(task.thread) > addressOf(task), there: exists(task, "rt"),
        isNull: kptr("sock", BigInt(i)) === null, isThere: task !== null,
        chosen: kread("u64", (i > 5 ? 0n : addressOf(task.se)) - 8n + 8n) === task.se.load.weight };`,
      0,
    );
    expect(events).toEqual([
      {
        same: process.pid,
        cast: process.pid,
        nothing: false,
        inside: true,
        part: true,
        there: true,
        isNull: true,
        isThere: true,
        chosen: true,
      },
    ]);
  });

  test("exists() tells members of this kernel, and what it lacks may be spoken of behind it", async () => {
    const { events, counters } = await call(
      `const old = exists(task, "state") ? task.state : 77;
      const now = exists(task, "__state") ? task.__state : 78;
      const inside = exists(task.se, "no_such_member") && task.se.no_such_member > 3;
      if (!exists(task, "tgid")) return { none: true };
      if (!exists(task, "also_no_member")) return { old, now, inside, tgid: task.tgid };
      return { wrong: task.also_no_member.further[3] };`,
      0,
    );
    expect(counters).toEqual([]);
    expect(events).toEqual([{ old: 77, now: 0, inside: false, tgid: process.pid }]);
  });

  test("names of enums, values of enums, flags", async () => {
    const { events } = await call(
      `const type = enumValue("pid_type", "PIDTYPE_SID");
      const big = BigInt(i) << 33n;
      return { name: enumName("pid_type", i), unknown: enumName("pid_type", i + 90), type, isSid: i === type, text: enumName("pid_type", i) === "PIDTYPE_SID",
        flags: flags(i, NAMES), more: flags(i + 64, NAMES), none: flags(i - 3, NAMES), big: flags(big, { HIGH: 0x200000000n }), negative: flags(-i, { LOW: 1 }) };`,
      3,
    );
    expect(events).toEqual([
      {
        name: "PIDTYPE_SID",
        unknown: "93",
        type: 3,
        isSid: true,
        text: true,
        flags: "WRITE|RDWR",
        more: "WRITE|RDWR|CREAT",
        none: "0",
        big: "HIGH|0x400000000",
        negative: "LOW|0xfffffffc",
      },
    ]);
  });
});

/** Bytes of our own in kernel memory: the payload of a UDP packet on its way over loopback. */
async function withPacket(payload: Buffer, body: string) {
  const sockets: [Socket, Socket] = [createSocket("udp4"), createSocket("udp4")];
  const [receiver, sender] = sockets;
  await new Promise<void>((resolve) => receiver.bind(0, "127.0.0.1", resolve));
  const { port } = receiver.address();
  const source = `import { addressOf, kptr, kread, tracepoint } from "tsprobe";
import { skbHeaders } from "tsprobe/net";
export const seen = tracepoint("net:netif_receive_skb", (ctx) => {
  const skb = kptr("sk_buff", ctx.skbaddr);
  const packet = skbHeaders(skb);
  if (packet === undefined || packet.dport !== ${port}) return;
  const payload = skb.head + BigInt(skb.network_header) + 28n;
  ${body}
});`;
  try {
    return await collect(source, async () => {
      const got = new Promise((resolve) => receiver.once("message", resolve));
      sender.send(payload, port, "127.0.0.1");
      await got;
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
  } finally {
    for (const socket of sockets) socket.close();
  }
}

describeWhere(needs, "bitfields", () => {
  test("have the bits that lie there, in words of all sizes", async () => {
    const payload = Buffer.alloc(64);
    // struct perf_branch_entry: two words, then 1 1 1 1 16 4 2 4 3 31 bits.
    const fields = [1n, 0n, 1n, 0n, 0xbeefn, 9n, 2n, 13n, 5n, 0x5555_5555n];
    const widths = [1n, 1n, 1n, 1n, 16n, 4n, 2n, 4n, 3n, 31n];
    let [word, at] = [0n, 0n];
    for (const [i, width] of widths.entries()) {
      word |= (fields[i] as bigint) << at;
      at += width;
    }
    payload.writeBigUInt64LE(0x1122334455667788n, 0);
    payload.writeBigUInt64LE(word, 16);
    // struct iphdr behind it: version 6, header length 13.
    payload[24] = 0x6d;
    const { streams, counters } = await withPacket(
      payload,
      `const entry = kptr("perf_branch_entry", payload);
      const header = kptr("iphdr", payload + 24n);
      return { from: entry.from, mispred: entry.mispred, predicted: entry.predicted, in_tx: entry.in_tx, abort: entry.abort, cycles: entry.cycles,
        type: entry.type, spec: entry.spec, new_type: entry.new_type, priv: entry.priv, reserved: entry.reserved, version: header.version, ihl: header.ihl,
        word: kread("u64", payload + 16n), byte: kread("s8", payload + 24n) };`,
    );
    expect(counters).toEqual([]);
    const [mispred, predicted, in_tx, abort, cycles, type, spec, new_type, priv, reserved] = fields;
    expect(streams[0]).toEqual([
      {
        from: 0x1122334455667788n,
        mispred,
        predicted,
        in_tx,
        abort,
        cycles,
        type,
        spec,
        new_type,
        priv,
        reserved,
        version: 6,
        ihl: 13,
        word,
        byte: 0x6d,
      },
    ]);
  });

  test("of sockets are what the sockets were made with", async () => {
    const source = `import { kptr, pid, tracepoint } from "tsprobe";
export const seen = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (pid() !== ${process.pid} || ctx.newstate !== 10) return;
  const { __sk_common: common, sk_protocol } = kptr("sock", ctx.skaddr);
  return { only: common.skc_ipv6only, reuse: common.skc_reuse, reuseport: common.skc_reuseport, sk_protocol };
});`;
    const listen = async (ipv6Only: boolean): Promise<void> => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen({ port: 0, host: "::", ipv6Only }, resolve));
      expect((server.address() as AddressInfo).port).toBeGreaterThan(0);
      await new Promise((resolve) => server.close(resolve));
    };
    const { streams, counters } = await collect(source, async () => {
      await listen(true);
      await listen(false);
    });
    expect(counters).toEqual([]);
    // libuv sets SO_REUSEADDR on what listens.
    expect(streams[0]).toEqual([
      { only: 1, reuse: 1, reuseport: 0, sk_protocol: 6 },
      { only: 0, reuse: 1, reuseport: 0, sk_protocol: 6 },
    ]);
  });
});

describeWhere(needs, "enumName()", () => {
  test("names the reason why a packet to a closed port was dropped", async () => {
    const closed = createSocket("udp4");
    await new Promise<void>((resolve) => closed.bind(0, "127.0.0.1", resolve));
    const { port } = closed.address();
    await new Promise<void>((resolve) => closed.close(() => resolve()));
    const source = `import { enumName, enumValue, kptr, tracepoint } from "tsprobe";
import { skbHeaders } from "tsprobe/net";
export const seen = tracepoint("skb:kfree_skb", (ctx) => {
  const packet = skbHeaders(kptr("sk_buff", ctx.skbaddr));
  if (packet === undefined || packet.dport !== ${port} || packet.protocol !== 17) return;
  return { reason: enumName("skb_drop_reason", ctx.reason), known: ctx.reason === enumValue("skb_drop_reason", "SKB_DROP_REASON_NO_SOCKET") };
});`;
    const { streams } = await collect(source, async () => {
      const sender = createSocket("udp4");
      await new Promise<void>((resolve) => sender.send("x", port, "127.0.0.1", () => resolve()));
      await new Promise((resolve) => setTimeout(resolve, 100));
      sender.close();
    });
    expect(streams[0]).toEqual([{ reason: "SKB_DROP_REASON_NO_SOCKET", known: true }]);
  });
});
