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
  const { states } = await import("../../../probes/tcpstates.js");
  const hit = (fields: Partial<typeof V4> = {}) =>
    states.handler(fixture("sock:inet_sock_set_state", { ...V4, ...fields } as never));
  const [columns] = script.tables.map((table) => table.columns);
  return { hit, task, columns: columns ?? [] };
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
  });
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
  hit({ sport: 0 });
  task({ ktimeNs: 9_000n });
  expect(hit()).toMatchObject({ us: 0n });
});

test("the columns are those of BCC's tcpstates; -T puts the time in front", async () => {
  const headings = (columns: typeof probe.columns) => columns.map((column) => column.heading);
  const usual = ["SKADDR", "PID", "COMM", "LADDR", "LPORT", "RADDR", "RPORT", "OLDSTATE", "NEWSTATE", "MS"];
  expect(headings(probe.columns)).toEqual(usual);
  const { columns } = await start("-T");
  expect(headings(columns)).toEqual(["TIME(s)", ...usual]);
  expect(columns[0]?.value({})).toMatch(/^\d\d:\d\d:\d\d$/);
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
