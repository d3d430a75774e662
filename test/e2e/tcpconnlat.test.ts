import { afterAll, beforeAll, expect, test } from "vitest";
import type { CProgram } from "../fixtures/c-program.js";
import {
  type Connected,
  compileConnects,
  connectCommand,
  playConnects,
  readPlayed,
  runConnlat,
  wordFor,
} from "./harness/connects.js";
import { RunningProcess } from "./harness/process.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";
import { isAttached } from "./harness/tracer-tsprobe.js";

const needs = [
  requireRoot,
  requireTracefs,
  requireBuild,
  requireTool("gcc"),
  requireTool("ip", "iproute2"),
  requireTool("nstat", "iproute2"),
];

describeWhere(needs, "tcpconnlat: how connects end", () => {
  let client: CProgram;
  beforeAll(() => {
    client = compileConnects();
  });
  afterAll(() => client?.remove());

  test("each connect of TCP has a row with its outcome, owner, ports, latency and SYNs sent again", {
    timeout: 60_000,
  }, async () => {
    const { rows, told, retrans, stderr, records } = await playConnects(client, [
      "wait:10.77.0.9:8080",
      "poll:10.77.0.9:8080",
      "wait:[fd77::9]:8080",
      "wait:[::ffff:10.77.0.9]:8080",
      "wait:10.77.0.9:9",
      "poll:10.77.0.9:9",
      "wait:[fd77::9]:9",
      "wait:[::ffff:10.77.0.9]:9",
      "again:10.77.0.9:9",
      "udp:10.77.0.9:8080",
      "udp:10.75.0.1:80",
      // Without a way: before a packet, and by ICMP.
      "wait:10.78.0.1:80",
      "poll:10.78.0.1:80",
      "wait:10.79.0.1:80",
      "wait:10.75.0.1:80",
      "wait:[2001:db8::1]:80",
      "wait:[::ffff:10.78.0.1]:80",
      "poll:10.80.0.1:80",
      // Nobody answers.
      "wait:10.81.0.1:80",
      "close:10.81.0.1:80",
      "unspec:10.81.0.1:80",
      "reset:10.81.0.1:80",
      "kill:10.81.0.1:80",
      // A socket that connects to itself: SYN_SENT, SYN_RECV, ESTABLISHED.
      "from:127.0.0.1:40063:40063",
      // The same four numbers twice.
      "from:10.77.0.9:8080:40061",
      "from:10.77.0.9:8080:40061",
    ]);
    const tcp = told.filter(({ mode }) => mode !== "udp");
    expect(tcp, stderr).toHaveLength(24);
    expect(rows).toHaveLength(24);
    // The client says of itself: one row each, in its order. Of those that are closed the row may come after the client's words.
    for (const [i, one] of tcp.entries()) {
      const row = rows[i] as Connected;
      const what = JSON.stringify({ one, row });
      expect(row, what).toMatchObject({
        pid: one.pid,
        comm: "connects",
        daddr: one.address,
        dport: one.port,
        outcome: wordFor(one),
      });
      expect(row.ipv, what).toBe(one.address.includes(":") ? 6 : 4);
      // A port that was given back in the meantime the client cannot tell.
      if (one.lport !== 0 || one.errno === 101) expect(row.lport, what).toBe(one.lport);
      const isShut = ["close", "unspec", "reset", "kill"].includes(one.mode);
      // The client's clock runs around connect(): what the kernel saw lies in it.
      if (isShut) expect(row.ns, what).toBeGreaterThan(20e6);
      // An ICMP error that only the program was told of: the socket stays in SYN_SENT until it is closed.
      else if (row.outcome !== "unreachable" || row.error !== undefined) expect(row.ns, what).toBeLessThanOrEqual(one.ns);
      if (row.outcome === "timed out") expect(row.ns, what).toBeGreaterThan(0.95 * one.ns);
      if (row.retrans !== undefined && row.retrans > 0) expect(["timed out", "unreachable"]).toContain(row.outcome);
    }
    expect(rows.map(({ outcome }) => outcome)).toContain("timed out");
    expect(rows.find(({ outcome }) => outcome === "timed out")?.retrans).toBe(1);
    expect(retrans).toBeGreaterThan(0);
    expect(rows.reduce((sum, row) => sum + (row.retrans ?? 0), 0)).toBe(retrans);
    expect(records.at(-1)).toMatchObject({ type: "summary", lost: 0, counters: [] });
  });

  test("when a destination has taken all ports, the next connect has no port", { timeout: 60_000 }, async () => {
    const { rows, told } = await playConnects(client, Array<string>(70).fill("hold:10.77.0.9:8080"));
    const refused = told.filter(({ errno }) => errno === 99);
    // 64 ports: 40000 to 40063.
    expect(refused).toHaveLength(6);
    expect(rows).toHaveLength(70);
    expect(rows.slice(64).map(({ outcome, lport, error }) => ({ outcome, lport, error }))).toEqual(
      Array(6).fill({ outcome: "no port", lport: 0, error: "EADDRNOTAVAIL" }),
    );
    expect(rows.slice(0, 64).every(({ outcome }) => outcome === "ok")).toBe(true);
    expect(rows.slice(0, 64).map(({ lport }) => lport)).toEqual(told.slice(0, 64).map(({ lport }) => lport));
  });

  test("a host without an address of its own", { timeout: 30_000 }, async () => {
    const script =
      "ip link add a0 type veth peer name b0; ip link set a0 addrgenmode none; ip link set a0 up; ip link set b0 up;" +
      ` ip -6 route add fd75::/64 dev a0; ${client.path} wait:[fd75::1]:80`;
    const run = await runConnlat(["--format", "json", "-c", `unshare -n sh -c '${script}'`]).ended;
    const { rows, told } = readPlayed(run.stdout, run.stderr);
    expect(told[0]?.errno, run.stderr).toBe(99);
    expect(rows).toMatchObject([{ outcome: "no address", error: "EADDRNOTAVAIL", daddr: "fd75::1", lport: 0 }]);
  });

  test("connects that are not decided when the run ends are shown as pending", { timeout: 60_000 }, async () => {
    const run = runConnlat(["--format", "json", "--raddr", "10.81.0.0/16"]);
    await run.until(() => isAttached(run), "tcpconnlat to attach", 40_000);
    // The client ends when its standard input does.
    const connects = ["wait:10.77.0.9:8080", "stay:10.81.0.7:80", "stay:[::ffff:10.81.0.8]:81"];
    const other = new RunningProcess(["sh", "-c", `sleep 4 | ${connectCommand(client, connects)}`]);
    await other.until(() => readPlayed("", other.stdout).told.length === 3, "the client to connect");
    const { stdout } = await run.stop();
    const { told } = readPlayed("", (await other.ended).stdout);
    const rows = readPlayed(stdout, "").rows;
    expect(rows).toMatchObject([
      { outcome: "pending", pid: told[1]?.pid, comm: "connects", daddr: "10.81.0.7", dport: 80, ipv: 4, saddr: "10.77.0.1" },
      { outcome: "pending", pid: told[1]?.pid, daddr: "::ffff:10.81.0.8", dport: 81, ipv: 6 },
    ]);
    for (const { ns, lport } of rows) {
      expect(ns).toBeGreaterThan(0);
      expect(lport).toBeUndefined();
    }
  });
});
