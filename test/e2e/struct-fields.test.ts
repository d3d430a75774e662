import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { compileText, Refused } from "../parity/harness/run.js";
import { collect } from "./harness/collect.js";
import { describeWhere, requireFile, requireRoot, requireTool, testWhere, toolEnvironment } from "./harness/requirements.js";

/** One TCP connection over loopback, opened and closed; gives the server's port to the script before it starts. */
async function withServer(use: (port: number, talk: () => Promise<void>) => Promise<void>): Promise<void> {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const talk = () =>
    new Promise<void>((resolve, reject) => {
      const client = connect(port, "127.0.0.1");
      client.on("close", () => setTimeout(resolve, 50));
      client.on("error", reject);
      client.resume();
    });
  try {
    await use(port, talk);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A handler that sees the connecting side of our connection only. */
const scriptFor = (port: number, body: string): string => `
import { addressOf, curtask, enumName, enumValue, exists, flags, ip, kptr, kread, pid, tracepoint } from "tsprobe";
const PORT = ${port};
export const seen = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (ctx.dport !== PORT) return;
  ${body}
});`;

/** Where members are in structs of this kernel, as bpftool tells: bytes. */
function kernelLayout(): { offset(struct: string, member: string): bigint; size(struct: string): bigint } {
  const args = ["btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "raw"];
  const text = execFileSync("bpftool", args, { encoding: "utf8", maxBuffer: 1 << 28, env: toolEnvironment() });
  const found = (pattern: RegExp, of: string): string => pattern.exec(of)?.[1] ?? expect.fail(`bpftool shows no ${pattern}`);
  const members = (struct: string): string => found(new RegExp(`STRUCT '${struct}' size=\\d+ vlen=\\d+\\n((?:\t.*\n)+)`), text);
  return {
    offset: (struct, member) => BigInt(found(new RegExp(`'${member}' type_id=\\d+ bits_offset=(\\d+)`), members(struct))) / 8n,
    size: (struct) => BigInt(found(new RegExp(`STRUCT '${struct}' size=(\\d+)`), text)),
  };
}

const needs = [requireRoot, requireFile("/sys/kernel/btf/vmlinux")];

describeWhere(needs, "fields of kernel structs", () => {
  test("have the values that the tracepoint and /proc tell", async () => {
    await withServer(async (port, talk) => {
      const body = `const sk = kptr("sock", ctx.skaddr);
  const net = sk.__sk_common.skc_net.net;
  const socket = sk.sk_socket;
  return {
    family: ctx.family, sport: ctx.sport, dport: ctx.dport, saddr: ip(ctx.saddr),
    skFamily: sk.__sk_common.skc_family, skNum: sk.__sk_common.skc_num, skDport: sk.__sk_common.skc_dport,
    inum: sk.__sk_common.skc_net.net?.ns.inum, inum2: net === null ? 0 : net.ns.inum,
    portpair: sk.__sk_common.skc_portpair, daddr: sk.__sk_common.skc_daddr,
    protocol: sk.sk_protocol, name: sk.__sk_common.skc_prot?.name, isTcp: sk.__sk_common.skc_prot?.name === "TCP",
    backlog: sk.sk_backlog.len, backlogMemory: sk.sk_backlog.rmem_alloc.counter,
    state: sk.sk_socket?.state, inode: sk.sk_socket?.file?.f_inode?.i_ino, hasSocket: socket !== null,
    bytes: sk.__sk_common.skc_v6_daddr.in6_u.u6_addr8.length, skState: sk.__sk_common.skc_state, newstate: ctx.newstate,
  };`;
      const { streams, counters } = await collect(scriptFor(port, body), talk);
      const [events = []] = streams;
      expect(counters).toEqual([]);
      expect(events.length).toBeGreaterThanOrEqual(4);
      const swapped = ((port & 0xff) << 8) | (port >> 8);
      for (const event of events) {
        expect(event).toMatchObject({
          family: 2,
          skFamily: 2,
          dport: port,
          skDport: swapped,
          protocol: 6,
          daddr: 0x0100007f,
          isTcp: true,
          name: "TCP",
          bytes: 16,
          backlog: expect.any(Number),
          backlogMemory: expect.any(Number),
        });
        expect(event.inum).toBe(statSync("/proc/self/ns/net").ino);
        expect(event.inum2).toBe(event.inum);
        expect((event.portpair as number) >>> 0).toBe(((event.skNum as number) * 65536 + swapped) >>> 0);
      }
      // While the socket is open it has a socket, a file and an inode.
      const open = events.find((event) => event.newstate === 1);
      expect(open).toMatchObject({ hasSocket: true, state: expect.any(Number), inode: expect.any(BigInt), skNum: open?.sport });
      expect(open?.inode as bigint).toBeGreaterThan(0n);
    });
  });

  test("a struct or null: chosen, given as a default, assigned", async () => {
    await withServer(async (port, talk) => {
      const body = `const sk = kptr("sock", ctx.skaddr);
  const chosen = ctx.newstate === 1 ? sk : null;
  const given = curtask().real_parent?.real_parent ?? null;
  let kept = ctx.newstate === 7 ? null : kptr("sock", ctx.skaddr);
  const isKept = kept !== null;
  if (isKept) kept = null;
  return { newstate: ctx.newstate, chosen: chosen?.__sk_common.skc_family, pid: pid(), above: given === null ? 0 : given.tgid, isKept, over: kept === null };`;
      const { streams, counters } = await collect(scriptFor(port, body), talk);
      expect(counters).toEqual([]);
      expect(streams[0]?.length).toBeGreaterThanOrEqual(4);
      const above = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${process.ppid}/status`, "utf8"))?.[1]);
      const own = (streams[0] ?? []).filter(({ pid }) => pid === process.pid);
      expect(own.length).toBeGreaterThan(0);
      for (const { newstate, ...event } of own)
        expect(event).toEqual({
          chosen: newstate === 1 ? 2 : undefined,
          pid: process.pid,
          above,
          isKept: newstate !== 7,
          over: true,
        });
    });
  });

  // Three things can be behind a?.b: an address, null (the pointer is), undefined (a is null). io_uring is null in a task that has no ring.
  test("a pointer behind ?. is an address, null or undefined, as in JavaScript", async () => {
    const asked = (x: string) => `{
      isNull: ${x} === null, isNotNull: ${x} !== null, isUndefined: ${x} === undefined, isNeither: ${x} != null, isTrue: ${x} ? true : false,
      both: ${x} !== undefined && ${x} !== null,
    }`;
    const body = `const task = curtask();
  const address = task.group_leader?.mm;
  const none = task.group_leader?.io_uring;
  const missing = task.io_uring?.last;
  const certain = task.group_leader?.mm ?? task.mm;
  let pgd = 0n;
  if (address) pgd = addressOf(address);
  if (address != null && addressOf(address) !== pgd) return;
  if (address !== undefined && address !== null && addressOf(address) !== pgd) return;
  return {
    address: ${asked("address")}, none: ${asked("none")}, missing: ${asked("missing")},
    direct: { isNull: task.group_leader?.io_uring === null, isMissing: task.io_uring?.last === null },
    beyond: { address: address?.owner?.tgid, none: none?.inflight_tracked.counter, missing: missing?.sq_entries },
    or: {
      address: addressOf(address ?? task.mm) === pgd, none: (none ?? null) === null, missing: (missing ?? null) === null,
      certain: certain === null ? 0n : addressOf(certain) === pgd ? 1n : 2n,
      last: addressOf(none?.last?.submitter_task ?? task.real_parent ?? task) === addressOf(task.real_parent),
    },
    tgid: task.tgid,
  };`;
    await withServer(async (port, talk) => {
      const { streams, counters } = await collect(scriptFor(port, body), talk);
      expect(counters).toEqual([]);
      // The connecting task is this one; what interrupts it may be a kernel thread, which has no memory of its own.
      const event = streams[0]?.find(({ tgid }) => tgid === process.pid);
      const yes = { isNull: false, isNotNull: true, isUndefined: false, isNeither: true, isTrue: true, both: true };
      expect(event).toMatchObject({
        address: yes,
        none: { isNull: true, isNotNull: false, isUndefined: false, isNeither: false, isTrue: false, both: false },
        missing: { isNull: false, isNotNull: true, isUndefined: true, isNeither: false, isTrue: false, both: false },
        direct: { isNull: true, isMissing: false },
        beyond: { address: process.pid, none: undefined, missing: undefined },
        or: { address: true, none: true, missing: true, certain: 1n, last: true },
      });
    });
  });

  // What is in them is not read, so C knows nothing of these structs (clang 19 crashed on structs without members).
  testWhere([requireTool("bpftool")], "addresses of structs in structs are where the kernel's BTF says", async () => {
    await withServer(async (port, talk) => {
      const body = `const sk = kptr("sock", ctx.skaddr), task = curtask(), signal = task.signal, fs = task.fs;
  if (fs === null || signal === null) return;
  return {
    common: addressOf(sk.__sk_common) - ctx.skaddr, se: addressOf(task.se) - addressOf(task), pending: addressOf(task.pending) - addressOf(task),
    pwd: addressOf(fs.pwd) - addressOf(fs), limit: addressOf(signal.rlim[2]) - addressOf(signal),
  };`;
      const { streams, counters } = await collect(scriptFor(port, body), talk);
      expect(counters).toEqual([]);
      const { offset, size } = kernelLayout();
      expect(streams[0]?.[0]).toEqual({
        common: 0n,
        se: offset("task_struct", "se"),
        pending: offset("task_struct", "pending"),
        pwd: offset("fs_struct", "pwd"),
        limit: offset("signal_struct", "rlim") + 2n * size("rlimit"),
      });
    });
  });

  test("what may be null is refused until it is known not to be", async () => {
    const use = (test: string) => `const p = curtask().group_leader?.mm; ${test} return { v: p.map_count };`;
    const refused = async (body: string) => {
      const error = await compileText(scriptFor(1, body)).then(
        () => undefined,
        (thrown: unknown) => thrown as Refused,
      );
      return error?.diagnostics.map(({ code }) => code);
    };
    expect(await refused(use(""))).toEqual(["TSP2202"]);
    expect(await refused(use("if (p === undefined) return;"))).toEqual(["TSP2202"]);
    expect(await refused(use("if (p === null) return;"))).toEqual(["TSP2202"]);
    expect(await refused(use("if (p === undefined) { if (pid() > 1) return; } else if (p === null) return;"))).toEqual([
      "TSP2202",
    ]);
    for (const test of [
      "if (p == null) return;",
      "if (!p) return;",
      "if (p === undefined || p === null) return;",
      "if (p === null || p === undefined) return;",
      "if (p === null) return; if (p === undefined) return;",
      "if (!(p !== null && p !== undefined)) return;",
    ])
      expect(await refused(use(test)), test).toBeUndefined();
  });

  test("at an address that cannot be read end the run, which is counted", async () => {
    await withServer(async (port, talk) => {
      const { streams, counters } = await collect(
        scriptFor(port, `return { family: kptr("sock", 16n).__sk_common.skc_family };`),
        talk,
      );
      expect(streams[0]).toEqual([]);
      expect(counters.map(({ site }) => site)).toMatchObject([{ reason: "read", subject: "__sk_common.skc_family" }]);
      expect(counters[0]?.count).toBeGreaterThanOrEqual(4n);
    });
  });

  test.each([
    ["no such struct", `return { v: kptr("sok", ctx.skaddr).x };`, "TSP3003", "has no struct sok", "sock"],
    [
      "no such member",
      `return { v: kptr("sock", ctx.skaddr).__sk_common.skc_famly };`,
      "TSP3004",
      "has no member skc_famly",
      "skc_family",
    ],
    ["a pointer that may be null", `return { v: kptr("sock", ctx.skaddr).sk_socket.state };`, "TSP2202", "may be null", "?."],
    [
      "a member that only other kernels have",
      `return { v: kptr("sock", ctx.skaddr).sk_none_such };`,
      "TSP3004",
      "has no member sk_none_such",
      "exists(…",
    ],
    [
      "an array of structs as a value",
      `return { v: kptr("task_struct", ctx.skaddr).signal?.rlim };`,
      "TSP2107",
      "an array of the kernel",
      "elements",
    ],
    ["a large array as a value", `return { v: kptr("mm_struct", ctx.skaddr).saved_auxv };`, "TSP2552", "too large", "256"],
    ["an index outside", `return { v: kptr("signal_struct", ctx.skaddr).rlim[16].rlim_cur };`, "TSP2117", "never inside", ""],
    [
      "an address of a number",
      `return { v: addressOf(ctx.sport) };`,
      "TSP2554",
      "addressOf() needs a kernel struct, not number",
      "kptr",
    ],
    [
      "exists() with a name that is not written there",
      `return { v: exists(kptr("sock", ctx.skaddr), ctx.sport) };`,
      "TSP2553",
      "literal",
      "",
    ],
    [
      "an unknown enum",
      `return { v: enumName("skb_drop_resaon", 1) };`,
      "TSP2556",
      "has no enum skb_drop_resaon",
      "skb_drop_reason",
    ],
    [
      "an unknown value of an enum",
      `return { v: enumValue("pid_type", "PIDTYPE_SIDD") };`,
      "TSP2557",
      "no value PIDTYPE_SIDD",
      "PIDTYPE_SID",
    ],
    [
      "an unknown name in a comparison",
      `return { v: enumName("skb_drop_reason", 1) === "NO_SOCKET" };`,
      "TSP2204",
      '"NO_SOCKET"',
      "SKB_DROP_REASON_NO_SOCKET",
    ],
    ["flags that are not known", `return { v: flags(1, { A: ctx.sport }) };`, "TSP2558", "must be constants", ""],
    ["flags in a comparison", `return { v: flags(1, { A: 1 }) === "A" };`, "TSP2559", "cannot be compared", "&"],
    ["kread() of a type that is no integer", `return { v: kread("u24", ctx.skaddr) };`, "TSP2555", "u24", "u32"],
    ["a struct as a value", `return { v: kptr("sock", ctx.skaddr).__sk_common };`, "TSP2107", "struct sock_common", "fields"],
    ["a pointer in an event", `return { v: kptr("sock", ctx.skaddr).sk_socket };`, "TSP2128", "cannot be sent", "fields"],
    ["an address that is a number", `return { v: kptr("sock", 5).sk_protocol };`, "TSP2203", "bigint", ""],
  ])("%s is refused", async (_, body, code, message, hint) => {
    const error = await compileText(scriptFor(1, body)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Refused);
    const [first] = (error as Refused).diagnostics;
    expect(first).toMatchObject({ code, message: expect.stringContaining(message) });
    expect((first?.hints ?? []).join(" ")).toContain(hint);
  });
});
