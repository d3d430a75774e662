import { beforeEach, expect, test, vi } from "vitest";

/** The fields of a transition of an IPv4 connection 10.0.0.1:40000 → 10.0.0.2:443, as the kernel gives them. */
const V4 = {
  skaddr: 0xffff_8880_0000_1000n,
  protocol: 6,
  family: 2,
  sport: 40_000,
  dport: 443,
  saddr: [10, 0, 0, 1],
  daddr: [10, 0, 0, 2],
  // What the kernel fills in for IPv4 (ipv6_addr_set_v4mapped, include/trace/events/sock.h).
  saddr_v6: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1],
  daddr_v6: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 2],
  oldstate: 7,
  newstate: 2,
};

const V6 = {
  ...V4,
  skaddr: 0xffff_8880_0000_3000n,
  family: 10,
  saddr: [0, 0, 0, 0],
  daddr: [0, 0, 0, 0],
  saddr_v6: [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  daddr_v6: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
};

/** The probe as started with these flags. Flags are read when the module runs, so each start is a fresh module. */
async function start(...flags: string[]) {
  vi.resetModules();
  const { beginScript } = await import("../../../dsl/script.js");
  const script = beginScript(flags);
  const { fixture, task } = await import("tsprobe/test");
  const { kernelMemory } = await import("tsprobe/test");
  const { changes, states, times, unseen } = await import("../../../probes/tcpstates.js");
  const shown: Parameters<Parameters<typeof states.on>[0]>[0][] = [];
  states.on((row) => void shown.push(row));
  task({ curtask: { flags: 0 } });
  /** Puts a socket: `port` is the one that it holds (skc_num), `error` what a packet ended it with. */
  const socket = (port: number, { sk = V4.skaddr, error = 0 } = {}) =>
    kernelMemory("sock", sk, { __sk_common: { skc_num: port }, sk_err: error } as never);
  /** The row that a change gave last; undefined when it gave none. The socket holds the tracepoint's port, unless given. */
  const hit = (fields: Partial<typeof V4> = {}, { holds, error }: { holds?: number; error?: number } = {}) => {
    const before = shown.length;
    const change = { ...V4, ...fields };
    socket(holds ?? change.sport, { sk: change.skaddr, error });
    changes.handler(fixture("sock:inet_sock_set_state", change as never));
    return shown.length > before ? shown.at(-1) : undefined;
  };
  /** An alternative's handler, by what it hooks. */
  const otherwise = (title: string) => {
    const hooks = script.probes.flatMap((probe) => [probe, ...probe.otherwise]);
    const found = hooks.find(({ target }) => JSON.stringify(target).includes(title));
    return found?.handler as ((ctx: unknown) => unknown) | undefined;
  };
  const [columns] = script.tables.map((table) => table.columns);
  return { hit, socket, task, shown, otherwise, kernelMemory, times, unseen, columns: columns ?? [] };
}

let probe: Awaited<ReturnType<typeof start>>;
beforeEach(async () => {
  probe = await start();
});

test("an IPv4 transition, whole", () => {
  probe.task({ pid: 7, comm: "curl", ktimeNs: 5_000n });
  expect(probe.hit()).toEqual({
    sk: 0xffff_8880_0000_1000n,
    pid: 7,
    comm: "curl",
    laddr: "10.0.0.1",
    lport: 40_000,
    raddr: "10.0.0.2",
    rport: 443,
    from: "CLOSE",
    to: "SYN_SENT",
    us: 0n,
    at: 5_000n,
    cpid: 7,
    ccomm: "curl",
  });
});

test("the local port of a connect comes later, and its row with it, with its own time", () => {
  const { hit, socket, task, shown, otherwise } = probe;
  task({ pid: 7, tid: 8, comm: "curl", ktimeNs: 5_000n });
  expect(hit({ sport: 0 })).toBeUndefined();
  task({ ktimeNs: 9_000n });
  socket(40_001);
  otherwise("sys_exit_connect")?.({});
  expect(shown).toEqual([expect.objectContaining({ from: "CLOSE", to: "SYN_SENT", lport: 40_001, at: 5_000n, pid: 7 })]);
  // Once only.
  otherwise("sys_exit_connect")?.({});
  hit({ oldstate: 2, newstate: 1 });
  expect(shown.map(({ to }) => to)).toEqual(["SYN_SENT", "ESTABLISHED"]);
});

test("the next change, or a SYN that is sent again, shows the row that waits for its port", () => {
  const { hit, shown, otherwise } = probe;
  hit({ sport: 0 });
  hit({ oldstate: 2, newstate: 1 });
  expect(shown.map(({ to, lport }) => [to, lport])).toEqual([
    ["SYN_SENT", 40_000],
    ["ESTABLISHED", 40_000],
  ]);
  hit({ sport: 0, skaddr: 1n });
  otherwise("tcp_retransmit_skb")?.({ skaddr: 1n, sport: 40_002 });
  expect(shown.at(-1)).toMatchObject({ to: "SYN_SENT", lport: 40_002 });
});

test("-L looks at the port that the kernel has chosen", async () => {
  const { hit, shown } = await start("-L", "40000");
  hit({ sport: 0 });
  hit({ sport: 0, skaddr: 1n });
  hit({ oldstate: 2, newstate: 1 });
  hit({ oldstate: 2, newstate: 1, sport: 40_001, skaddr: 1n });
  expect(shown.map(({ to, lport }) => [to, lport])).toEqual([
    ["SYN_SENT", 40_000],
    ["ESTABLISHED", 40_000],
  ]);
});

test("of a socket that connects again the tracepoint's port is the earlier one: its row waits, too", async () => {
  const { hit, socket, shown, otherwise } = probe;
  expect(hit({ sport: 40_000 }, { holds: 0 })).toBeUndefined();
  socket(40_001);
  otherwise("sys_exit_connect")?.({});
  hit({ oldstate: 2, newstate: 7, sport: 40_001 }, { holds: 0, error: 111 });
  expect(shown.map(({ to, lport }) => [to, lport])).toEqual([
    ["SYN_SENT", 40_001],
    ["CLOSE", 40_001],
  ]);
  // Refused before connect() has returned, with the same port again.
  hit({ sport: 40_001 }, { holds: 0 });
  hit({ oldstate: 2, newstate: 7, sport: 40_001 }, { holds: 0, error: 111 });
  expect(shown.slice(2).map(({ lport }) => lport)).toEqual([40_001, 40_001]);
  // No port was found: the kernel leaves the earlier one where it was.
  hit({ sport: 40_001 }, { holds: 0 });
  hit({ oldstate: 2, newstate: 7, sport: 40_001 }, { holds: 0 });
  hit({ sport: 40_001 }, { holds: 0 });
  hit({ oldstate: 2, newstate: 7, sport: 40_001 }, { holds: 0, error: 104 });
  expect(shown.slice(4).map(({ lport }) => lport)).toEqual([0, 0, 0, 0]);
  // Without bind(), listen() chooses its port after the change, too.
  expect(hit({ newstate: 10 }, { holds: 0 })).toMatchObject({ to: "LISTEN", lport: 0 });
});

test.each([
  ["40000", ["SYN_SENT", "ESTABLISHED"]],
  ["39999", []],
])("-L %s looks at the port of this connection, 40000, not at that of the one before, 39999", async (list, expected) => {
  const { hit, shown } = await start("-L", list);
  hit({ sport: 39_999 }, { holds: 0 });
  hit({ oldstate: 2, newstate: 1 });
  expect(shown.map(({ to }) => to)).toEqual(expected);
});

test("an interrupt names nobody: neither the owner nor who ran", () => {
  const { hit, task } = probe;
  task({ pid: 9, comm: "bystander", inInterrupt: true });
  expect(hit({ oldstate: 10, newstate: 3 })).toMatchObject({
    pid: undefined,
    comm: undefined,
    cpid: undefined,
    ccomm: undefined,
  });
  expect(hit({ oldstate: 1, newstate: 4 })).toMatchObject({ pid: undefined, cpid: undefined });
  // close() by the process that holds it.
  task({ pid: 7, comm: "server", inInterrupt: false });
  expect(hit({ oldstate: 8, newstate: 9 })).toMatchObject({ pid: 7, comm: "server", cpid: 7 });
  task({ pid: 9, comm: "bystander", inInterrupt: true });
  expect(hit({ oldstate: 9, newstate: 7 })).toMatchObject({ pid: 7, comm: "server", cpid: undefined });
});

test("a kernel thread that closes what a process has left is not its owner", () => {
  const { hit, task } = probe;
  task({ pid: 33, comm: "kworker/0:1", inInterrupt: false, curtask: { flags: 0x20_0000 } });
  expect(hit({ oldstate: 1, newstate: 4 })).toMatchObject({ pid: undefined, cpid: 33 });
});

test("who accepts a child owns it, and a socket's owner ends with it", () => {
  const { hit, task, otherwise, kernelMemory } = probe;
  task({ pid: 7, comm: "server", inInterrupt: false });
  const sk = kernelMemory("sock", V4.skaddr, { sk_protocol: 6 } as never);
  otherwise("inet_csk_accept")?.({ ret: sk });
  task({ inInterrupt: true, pid: 9 });
  expect(hit({ oldstate: 1, newstate: 8 })).toMatchObject({ pid: 7, comm: "server" });
  hit({ oldstate: 8, newstate: 7 });
  expect(hit({ oldstate: 1, newstate: 8 })).toMatchObject({ pid: undefined });
});

test.each([
  [["--pid", "7"], true],
  [["--pid", "8"], false],
  [["--comm", "curl"], true],
  [["--comm", "wget"], false],
  [["-a", "10.0.0.0/24"], true],
  [["--laddr", "10.0.1.0/24,fe80::/10"], false],
  [["-A", "10.0.0.1"], false],
  [["--raddr", "10.0.0.2,::1"], true],
] as const)("%j shows a connection of curl, process 7: %j", async (flags, isShown) => {
  const { hit, task } = await start(...flags);
  task({ pid: 7, comm: "curl", inInterrupt: false });
  expect(hit() !== undefined).toBe(isShown);
});

test("--comm longer than a thread's name can be is refused: it would match nothing", async () => {
  await expect(start("--comm", "a-name-of-sixteen")).rejects.toThrow("longer than the 15 bytes the kernel keeps of a name");
});

test("a network of IPv4 has the IPv6 sockets that speak to its own", async () => {
  const { hit } = await start("-A", "10.0.0.2");
  expect(hit({ ...V6, saddr_v6: V4.saddr_v6, daddr_v6: V4.daddr_v6 })).toMatchObject({ raddr: "::ffff:10.0.0.2" });
});

test("an IPv6 transition takes the long addresses", () => {
  expect(probe.hit(V6)).toMatchObject({ laddr: "2001:db8::1", raddr: "::1" });
});

test("other protocols are left out", () => {
  expect(probe.hit({ protocol: 132 })).toBeUndefined(); // SCTP uses the same tracepoint
});

test("the time in the old state, in whole microseconds, for each socket by itself", () => {
  const other = { skaddr: 0xffff_8880_0000_2000n };
  probe.task({ ktimeNs: 1_000_000n });
  expect(probe.hit()).toMatchObject({ us: 0n });
  probe.task({ ktimeNs: 1_000_400n });
  expect(probe.hit(other)).toMatchObject({ us: 0n });
  probe.task({ ktimeNs: 3_501_999n });
  expect(probe.hit({ oldstate: 2, newstate: 1 })).toMatchObject({ us: 2501n, to: "ESTABLISHED" });
  expect(probe.hit({ ...other, oldstate: 2, newstate: 1 })).toMatchObject({ us: 2501n });
});

test("a change that was not seen: the time of the state after it is not known, and it is counted", async () => {
  const { hit, task, unseen } = probe;
  task({ ktimeNs: 1_000_000n });
  hit({ oldstate: 1, newstate: 4 });
  task({ ktimeNs: 2_000_000n });
  // FIN_WAIT1 -> FIN_WAIT2 is missing: the millisecond is of both states together.
  expect(hit({ oldstate: 5, newstate: 7 })).toMatchObject({ from: "FIN_WAIT2", us: 0n });
  expect(await unseen.read()).toBe(1);
  task({ ktimeNs: 3_000_000n });
  hit({ oldstate: 7, newstate: 10 });
  expect(await unseen.read()).toBe(1);
});

test("--summary leaves out times that are not known", async () => {
  const { hit, task, times } = await start("--summary");
  task({ ktimeNs: 1_000_000n });
  hit({ oldstate: 2, newstate: 1 });
  task({ ktimeNs: 2_000_000n });
  hit({ oldstate: 1, newstate: 4 });
  task({ ktimeNs: 3_000_000n });
  hit({ oldstate: 5, newstate: 7 });
  expect([...(await times.read())].map(([state, { count }]) => [state, count])).toEqual([[1, 1]]);
});

test("--summary -L counts the times of the ports it asks for, and remembers no others", async () => {
  const { hit, task, times } = await start("--summary", "-L", "40000");
  const play = (lport: number, began: bigint) => {
    task({ ktimeNs: began });
    hit({ sport: 39_999 }, { holds: 0 });
    task({ ktimeNs: began + 1_000_000n });
    hit({ oldstate: 2, newstate: 1, sport: lport });
    task({ ktimeNs: began + 4_000_000n });
    hit({ oldstate: 1, newstate: 7, sport: lport }, { holds: 0 });
  };
  play(40_001, 1_000_000n);
  expect([...(await times.read())]).toEqual([]);
  // A socket at the same place in memory whose first change the kernel did not tell: how long it lasted is not known.
  task({ ktimeNs: 9_000_000_000n });
  hit({ oldstate: 2, newstate: 7 }, { holds: 0, error: 111 });
  expect([...(await times.read())]).toEqual([]);
  play(40_000, 9_500_000_000n);
  const read = [...(await times.read())].map(([state, { count, max }]) => [state, count, Number(max)]);
  expect(read.sort()).toEqual([
    [1, 1, 3000],
    [2, 1, 1000],
  ]);
});

test("CLOSE forgets the socket: the next one at its address starts anew", () => {
  probe.task({ ktimeNs: 1_000_000n });
  probe.hit({ oldstate: 1, newstate: 9 });
  probe.task({ ktimeNs: 2_000_000n });
  expect(probe.hit({ oldstate: 9, newstate: 7 })).toMatchObject({ from: "LAST_ACK", to: "CLOSE", us: 1000n });
  probe.task({ ktimeNs: 9_000_000n });
  expect(probe.hit({ oldstate: 7, newstate: 2 })).toMatchObject({ us: 0n });
});

test.each([
  [[], true, true],
  [["-4"], true, false],
  [["--ipv4"], true, false],
  [["-6"], false, true],
  [["-4", "-6"], true, true],
] as const)("%j: IPv4 %j, IPv6 %j", async (flags, v4, v6) => {
  const { hit } = await start(...flags);
  expect([hit() !== undefined, hit(V6) !== undefined]).toEqual([v4, v6]);
});

test.each([
  [["-L", "40000"], true],
  [["--localport", "1,39990-40010"], true],
  [["-L", "443"], false],
  [["-D", "443"], true],
  [["--remoteport=80,443"], true],
  [["-D", "40000"], false],
  [["-L", "40000", "-D", "80"], false],
  [["-L", "80", "-L", "40000"], true],
] as const)("%j shows our connection: %j", async (flags, shown) => {
  const { hit } = await start(...flags);
  expect(hit() !== undefined).toBe(shown);
});

test("what a filter hides is not remembered either", async () => {
  const { hit, task } = await start("-L", "40000");
  task({ ktimeNs: 1_000n });
  hit({ sport: 40_001 });
  task({ ktimeNs: 9_000n });
  expect(hit()).toMatchObject({ us: 0n });
});

test("the columns are those of BCC's tcpstates; -T puts the time in front", async () => {
  const headings = (columns: typeof probe.columns) => columns.map((column) => column.heading);
  const usual = ["SKADDR", "PID", "COMM", "LADDR", "LPORT", "RADDR", "RPORT", "OLDSTATE", "NEWSTATE", "MS"];
  expect(headings(probe.columns)).toEqual(usual);
  const { columns } = await start("-T");
  expect(headings(columns)).toEqual(["TIME", ...usual]);
  expect(columns[0]?.value({ at: process.hrtime.bigint() })).toMatch(/^\d\d:\d\d:\d\d$/);
  const wide = await start("-t", "-w");
  const whole = ["SKADDR", "PID", "COMM", "IP", ...usual.slice(3), "C-PID", "C-COMM"];
  expect(headings(wide.columns)).toEqual(["TIME(s)", ...whole]);
  expect(wide.columns[0]?.value({ at: 5_000_000n })).toBe("0.000000");
  expect(wide.columns[0]?.value({ at: 1_255_000_000n })).toBe("1.250000");
  const csv = await start("--csv");
  expect(headings(csv.columns)).toEqual(["SKADDR", "C-PID", "C-COMM", "IP", ...usual.slice(3), "PID", "COMM"]);
});

test("-t counts from the first change, also where its row waits and comes after another", async () => {
  const { hit, task, shown, columns } = await start("-t");
  const seconds = () => shown.map((row) => columns[0]?.value(row));
  task({ ktimeNs: 1_000_000_000n });
  hit({ sport: 0 });
  task({ ktimeNs: 1_500_000_000n });
  hit({ skaddr: 1n });
  expect(seconds()).toEqual(["0.500000"]);
  hit({ oldstate: 2, newstate: 1 });
  expect(seconds()).toEqual(["0.500000", "0.000000", "0.500000"]);
});

test("MS is the microseconds as milliseconds", () => {
  expect(probe.columns.at(-1)?.value({ us: 2501n })).toBe(2.501);
});

test("a socket at the address of one whose end was not seen begins at 0", () => {
  const since = (ktimeNs: bigint, oldstate: number, newstate: number) => {
    probe.task({ ktimeNs });
    return probe.hit({ oldstate, newstate })?.us;
  };
  // The kernel can skip the probe at a CLOSE, so the map still holds the earlier socket's time.
  expect(since(1_000_000n, 7, 2)).toBe(0n);
  expect(since(9_000_000n, 7, 2)).toBe(0n); // a new socket: out of CLOSE
  expect(since(9_500_000n, 2, 1)).toBe(500n);
  expect(since(20_000_000n, 10, 3)).toBe(0n); // a new socket: the child of a listener
  expect(since(20_700_000n, 3, 1)).toBe(700n);
  // The listener itself is followed to its end.
  expect(since(30_000_000n, 7, 10)).toBe(0n);
  expect(since(30_900_000n, 10, 7)).toBe(900n);
});
