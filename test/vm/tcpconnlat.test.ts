import { afterAll, beforeAll, expect, it } from "vitest";
import { type Connected, compileConnects, connectNets, connectProbe, readPlayed, wordFor } from "../e2e/harness/connects.js";
import { tsprobeEntry } from "../e2e/harness/requirements.js";
import type { CProgram } from "../fixtures/c-program.js";
import { describeInVms, runInVm, scriptPath, TOOL_KERNELS } from "./harness/vm.js";

/** Bound ports are odd: of its own the kernel takes even ones first. */
const connects = [
  "wait:10.77.0.9:8080",
  "wait:[fd77::9]:8080",
  "wait:[::ffff:10.77.0.9]:8080",
  "wait:10.77.0.9:9",
  "poll:10.80.0.1:80",
  "wait:10.81.0.1:80",
  "close:10.81.0.1:80",
  "wait:10.78.0.1:80",
  "wait:[2001:db8::1]:80",
  "from:10.77.0.9:8080:40061",
  "from:10.77.0.9:8080:40061",
  // Other ways than connect() of a TCP socket.
  "mptcp:10.77.0.9:8080",
  "sendto:[fd77::9]:8080",
  "uring:10.77.0.9:8080",
];
/** Those that a packet answered, at 20 ms each way. */
const ANSWERED = ["ok", "refused"];

/** As it is, with kprobes instead of fentry, with tracepoints only: a minute each, so not all of them every time. */
const FORMS = process.env.TSPROBE_VMS === "all" ? ["as-it-is", "kprobes", "tracepoints"] : ["as-it-is", "tracepoints"];

describeInVms((version) => {
  let client: CProgram;
  beforeAll(() => {
    client = compileConnects();
  });
  afterAll(() => client?.remove());

  it("tcpconnlat through fentry, kprobes and tracepoints tells the same, and as libbpf-tools' does", {
    timeout: 600_000,
  }, async () => {
    const { stdout, status } = await runInVm(
      version,
      [
        "env",
        `FORMS=${FORMS.join(" ")}`,
        scriptPath("tcpconnlat.sh"),
        tsprobeEntry,
        connectProbe,
        client.path,
        connectNets,
        ...connects,
      ],
      560_000,
    );
    expect(status, stdout).toBe(0);
    const [, ...forms] = stdout.split(/^\{"form":.*$/m);
    expect(forms, stdout).toHaveLength(FORMS.length);
    const told: string[] = [];
    for (const [i, text] of forms.entries()) {
      const played = readPlayed(text, text);
      const pid = played.told[0]?.pid;
      const rows = played.rows.filter((row) => row.pid === pid);
      expect(played.told, text).toHaveLength(connects.length);
      expect(rows, text).toHaveLength(connects.length);
      expect(played.records.at(-1), text).toMatchObject({ type: "summary", lost: 0, counters: [] });
      for (const [k, one] of played.told.entries()) {
        const row = rows[k] as Connected;
        const what = JSON.stringify({ one, row });
        expect(row, what).toMatchObject({ comm: "connects", daddr: one.address, dport: one.port, outcome: wordFor(one) });
        if (ANSWERED.includes(row.outcome)) {
          // Two ways of 20 ms; the machine is slow, and netem never early.
          expect(row.ns, what).toBeGreaterThanOrEqual(40e6);
          expect(row.ns, what).toBeLessThanOrEqual(one.ns);
        }
        // The port search is measured where functions can be hooked.
        const isByFunctions = FORMS[i] !== "tracepoints";
        const searched =
          isByFunctions && (ANSWERED.includes(row.outcome) || row.outcome === "timed out" || row.outcome === "no port");
        if (searched) expect(row.search ?? 0, what).toBeGreaterThan(0);
        if (!isByFunctions) expect(row.search, what).toBeUndefined();
        if (row.search !== undefined) expect(row.search, what).toBeLessThan(row.ns);
      }
      expect(played.rows.reduce((sum, { retrans = 0 }) => sum + retrans, 0)).toBe(played.retrans);
      told.push(rows.map(({ outcome, retrans, ipv, dport }) => `${outcome} ${retrans} ${ipv} ${dport}`).join("\n"));
      if (i === 0) compareWithTheirs(text, rows);
    }
    expect(told[0]).toContain("timed out 1 4 80");
    for (const other of told) expect(other).toBe(told[0]);
    expect(forms[0]).toMatch(/^attached to .*fentry|^attached to .*tcp_v4_connect/m);
  });
}, TOOL_KERNELS);

/** libbpf-tools' rows are those of ours that a packet answered, with the same columns and latencies. */
function compareWithTheirs(text: string, rows: readonly Connected[]): void {
  const lines = [...text.matchAll(/^theirs: (.*)$/gm)].map((match) => (match[1] as string).trim().split(/ +/));
  if (lines.length === 0) {
    console.warn("libbpf-tools' tcpconnlat is not there: not compared");
    return;
  }
  const pid = String(rows[0]?.pid);
  const theirs = lines.filter(([, who]) => who === pid);
  const ours = rows.filter(({ outcome }) => ANSWERED.includes(outcome));
  expect(theirs.map((cells) => cells.slice(2, 8))).toEqual(
    ours.map(({ comm, ipv, saddr, lport, daddr, dport }) => [comm, ipv, saddr, lport, daddr, dport].map(String)),
  );
  // Both begin and end in the same functions of the kernel. The machine is emulated, and now and then does something else in between.
  const apart = theirs.map((cells, i) => Math.abs(Number(cells[8]) - (ours[i] as Connected).ns / 1e6)).sort((a, b) => a - b);
  expect(apart[Math.floor(apart.length / 2)], apart.join()).toBeLessThan(5);
}
