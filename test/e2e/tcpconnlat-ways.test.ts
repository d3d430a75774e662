import { afterAll, beforeAll, expect, test } from "vitest";
import type { CProgram } from "../fixtures/c-program.js";
import { type Connected, compileConnects, playConnects, readPlayed, runConnlat, wordFor } from "./harness/connects.js";
import { RunningProcess } from "./harness/process.js";
import { describeWhere, requireBuild, requireRoot, requireSysctl, requireTool, requireTracefs } from "./harness/requirements.js";
import { isAttached } from "./harness/tracer-tsprobe.js";

const needs = [requireRoot, requireTracefs, requireBuild, requireTool("gcc"), requireTool("ip", "iproute2")];

describeWhere(needs, "tcpconnlat: connects that are not connect() of a TCP socket", () => {
  let client: CProgram;
  beforeAll(() => {
    client = compileConnects();
  });
  afterAll(() => client?.remove());

  /** Plays connects; @returns rows beside what the client says, in its order. */
  async function compare(connects: readonly string[]): Promise<(Connected & { readonly clientNs: number })[]> {
    const { rows, told, stderr, records } = await playConnects(client, connects);
    // Where functions cannot be hooked only connect() itself tells of a connect that has no route.
    const isHooked = /^attached to .*tcp_v4_connect/m.test(stderr);
    const seen = told.filter(({ errno, mode }) => isHooked || errno !== 113 || ["mptcp", "fastopen"].includes(mode));
    expect(told, stderr).toHaveLength(connects.length);
    expect(rows, stderr).toHaveLength(seen.length);
    expect(records.at(-1)).toMatchObject({ type: "summary", lost: 0, counters: [] });
    return seen.map((one, i) => {
      const row = rows[i] as Connected;
      const what = JSON.stringify({ one, row });
      const { pid, address: daddr, port: dport } = one;
      expect(row, what).toMatchObject({ pid, comm: "connects", daddr, dport, outcome: wordFor(one) });
      if (one.errno !== 113) expect(row.lport, what).toBe(one.lport);
      expect(row.ns, what).toBeLessThanOrEqual(one.ns);
      return { ...row, clientNs: one.ns };
    });
  }

  test("TCP Fast Open: by socket option the SYN waits for data, by sendto() it goes with them", { timeout: 60_000 }, async () => {
    const [first, second, sent, ...rest] = await compare([
      // The first one only asks for a cookie: connect() connects. After that data are waited for, 50 ms long.
      "fastopen:10.77.0.9:8080",
      "fastopen:10.77.0.9:8080",
      "sendto:10.77.0.9:8080",
      "fastopen:10.77.0.9:9",
      "sendto:10.77.0.9:9",
      "sendto:[fd77::9]:8080",
      "fastopen:10.78.0.1:80",
      "sendto:10.78.0.1:80",
      "sendto:10.81.0.1:80",
    ]);
    expect(first?.ns).toBeLessThan(40e6);
    expect(second?.ns).toBeGreaterThan(50e6);
    expect(sent?.ns).toBeLessThan(40e6);
    expect(rest.at(-1)).toMatchObject({ outcome: "timed out", retrans: 1 });
  });

  describeWhere([requireSysctl("net/mptcp/enabled", "1")], "Multipath TCP", () => {
    test("a connect is the row of its first subflow", { timeout: 60_000 }, async () => {
      const rows = await compare(["mptcp:10.77.0.9:8080", "mptcp:[fd77::9]:8080", "mptcp:10.77.0.9:9", "mptcp:10.78.0.1:80"]);
      expect(rows.map(({ outcome }) => outcome)).toEqual(["ok", "ok", "refused", "unreachable"]);
    });

    test("a subflow that the kernel adds is a row of the kernel thread that did it", { timeout: 60_000 }, async () => {
      const run = runConnlat(["--format", "json", "--raddr", "10.76.0.1"]);
      await run.until(() => isAttached(run), "tcpconnlat to attach", 40_000);
      const script = `ip link set lo up; ip addr add 10.76.0.1/24 dev lo; ip addr add 10.76.0.2/24 dev lo
        ip mptcp limits set subflow 2; ip mptcp endpoint add 10.76.0.2 dev lo subflow
        "$0" serve:10.76.0.1:8080 & until [ "$(ss -Htln | wc -l)" = 1 ]; do sleep 0.02; done
        "$0" join:10.76.0.1:8080; nstat -asz MPTcpExtMPJoinSynTx; kill $!`;
      const played = await new RunningProcess(["unshare", "-n", "sh", "-c", script, client.path]).ended;
      const { rows } = readPlayed((await run.stop()).stdout, "");
      const { told } = readPlayed("", played.stdout);
      expect(played.stdout, played.stderr).toMatch(/MPJoinSynTx +1 /);
      expect(rows).toMatchObject([
        { pid: told[0]?.pid, comm: "connects", saddr: "10.76.0.1", lport: told[0]?.lport, dport: 8080, outcome: "ok" },
        { comm: expect.stringMatching(/^kworker\//), saddr: "10.76.0.2", dport: 8080, outcome: "ok" },
      ]);
    });
  });

  describeWhere([requireSysctl("kernel/io_uring_disabled", "0")], "io_uring", () => {
    test("a connect counts from the change to SYN_SENT", { timeout: 60_000 }, async () => {
      const rows = await compare([
        "uring:10.77.0.9:8080",
        "uring:[fd77::9]:8080",
        "uring:10.77.0.9:9",
        "uring:10.78.0.1:80",
        "uring:10.81.0.1:80",
      ]);
      expect(rows.map(({ outcome }) => outcome)).toEqual(["ok", "ok", "refused", "timed out"]);
    });
  });
});
