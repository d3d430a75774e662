import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "./harness/free-port.js";
import { readJournal, withJournal } from "./harness/journal.js";
import { type Ended, RunningProcess } from "./harness/process.js";
import { readCsv } from "./harness/read-csv.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs, tsprobeEntry } from "./harness/requirements.js";
import { withTempDir } from "./harness/temp-dir.js";
import { isAttached, readRows, spawnTsprobe } from "./harness/tracer-tsprobe.js";
import { converse } from "./workload/conversation.js";
import { Stage } from "./workload/stage.js";

interface Row {
  readonly original: "libbpf-tools" | "bcc";
  readonly option: string;
  readonly ours: string;
}
interface Ports {
  readonly v4: number;
  readonly v6: number;
}
interface Exercise {
  readonly flags: (ports: Ports) => readonly string[];
  readonly check: (shown: Ended, ports: Ports) => void;
}

const probe = new URL("../../probes/tcpstates.ts", import.meta.url).pathname;
const options = JSON.parse(readFileSync(new URL("../parity-flags/tcpstates.json", import.meta.url), "utf8")) as readonly Row[];

/** A conversation has 11 rows: the listener's two, the client's five, the child's five; less one where FIN_WAIT2 is not passed. */
const rowsOf = ({ stdout }: Ended) => readRows("table", stdout);
const tableLines = ({ stdout }: Ended) => stdout.split("\n").slice(1, -1);
const families = (shown: Ended) => new Set(rowsOf(shown).map(({ laddr }) => (laddr.includes(":") ? 6 : 4)));
const of = (shown: Ended, { v4, v6 }: Ports) =>
  rowsOf(shown).filter((row) => [v4, v6].some((port) => port === row.lport || port === row.rport));

const time: Exercise = {
  flags: () => ["-T"],
  check: (shown) => {
    expect(shown.stdout).toMatch(/^TIME +SKADDR +PID +COMM +LADDR +LPORT +RADDR +RPORT +OLDSTATE +-> NEWSTATE +MS\n/);
    for (const line of tableLines(shown)) expect(line).toMatch(/^\d\d:\d\d:\d\d [0-9a-f]{16} /);
  },
};
const wide: Exercise = {
  flags: () => ["-w"],
  check: (shown, ports) => {
    expect(shown.stdout).toMatch(/^SKADDR +PID +COMM +IP LADDR +LPORT RADDR +RPORT OLDSTATE +-> NEWSTATE +MS C-PID +C-COMM *\n/);
    // 39 characters for an address, 16 for a name: one width for all rows, and the last two columns never name an interrupted task.
    const starts = tableLines(shown).map((line) => line.indexOf(" -> "));
    expect(new Set(starts).size).toBe(1);
    expect(starts[0]).toBeGreaterThan(39 * 2 + 16);
    const opened = of(shown, ports).filter(({ to }) => to === "SYN_RECV");
    expect(opened).toHaveLength(2);
    for (const line of tableLines(shown).filter((each) => each.includes("-> SYN_RECV"))) expect(line).toMatch(/ - +-\s*$/);
    for (const line of tableLines(shown).filter((each) => each.includes("-> LISTEN"))) expect(line).toMatch(/ (\d+) +\S+\s*$/);
  },
};
const onlyFamily = (flag: string, family: 4 | 6): Exercise => ({
  flags: () => [flag],
  check: (shown, ports) => {
    expect(families(shown)).toEqual(new Set([family]));
    expect(of(shown, ports).length).toBeGreaterThanOrEqual(10);
  },
});
const localPort: Exercise = {
  flags: ({ v4 }) => ["-L", `${v4}`],
  check: (shown, { v4 }) => {
    expect(new Set(rowsOf(shown).map(({ lport }) => lport))).toEqual(new Set([v4]));
    expect(rowsOf(shown).map(({ to }) => to)).toEqual(expect.arrayContaining(["LISTEN", "SYN_RECV", "LAST_ACK"]));
  },
};
const remotePort: Exercise = {
  flags: ({ v4 }) => ["-D", `${v4}`],
  check: (shown, { v4 }) => {
    expect(new Set(rowsOf(shown).map(({ rport }) => rport))).toEqual(new Set([v4]));
    expect(rowsOf(shown).map(({ to }) => to)).toEqual(expect.arrayContaining(["SYN_SENT", "ESTABLISHED", "FIN_WAIT1"]));
    // The first row has the port that the kernel chose after it.
    expect(new Set(rowsOf(shown).map(({ lport }) => lport)).size).toBe(1);
    expect(rowsOf(shown)[0]?.lport).toBeGreaterThan(0);
  },
};

/** By original and option; those that are run with the conversations. */
const EXERCISES: Readonly<Record<string, Exercise>> = {
  "libbpf-tools -v, --verbose": {
    flags: () => ["-v"],
    check: ({ stderr }) => expect(stderr).toMatch(/^libbpf \d/m),
  },
  "libbpf-tools -T, --timestamp": time,
  "libbpf-tools -4, --ipv4": onlyFamily("-4", 4),
  "libbpf-tools -6, --ipv6": onlyFamily("-6", 6),
  "libbpf-tools -w, --wide": wide,
  "libbpf-tools -L, --localport": localPort,
  "libbpf-tools -D, --remoteport": remotePort,
  "bcc -T, --time": { ...time, flags: () => ["--time"] },
  "bcc -t, --timestamp": {
    flags: () => ["--timestamp"],
    check: (shown) => {
      expect(shown.stdout).toMatch(/^TIME\(s\) +SKADDR /);
      const seconds = tableLines(shown).map((line) => line.split(" ")[0] ?? "");
      expect(seconds[0]).toBe("0.000000");
      for (const text of seconds) expect(text).toMatch(/^\d+\.\d{6}$/);
      // The first conversation stands for 20 ms and waits for 20 more.
      expect(Number(seconds.at(-1))).toBeGreaterThan(0.04);
    },
  },
  "bcc -w, --wide": { ...wide, flags: () => ["--wide"] },
  "bcc -s, --csv": {
    flags: () => ["--csv"],
    check: ({ stdout }, { v4 }) => {
      const [header, ...lines] = readCsv(stdout);
      expect(header).toEqual("SKADDR,C-PID,C-COMM,IP,LADDR,LPORT,RADDR,RPORT,OLDSTATE,NEWSTATE,MS,PID,COMM".split(","));
      const listen = lines.find((line) => line[5] === `${v4}` && line[9] === "LISTEN");
      expect(listen?.[1]).toMatch(/^\d+$/);
      expect(listen?.[11]).toBe(listen?.[1]);
      const child = lines.find((line) => line[5] === `${v4}` && line[9] === "SYN_RECV");
      expect([child?.[1], child?.[2], child?.[3], child?.[11], child?.[12]]).toEqual(["", "", "4", "", ""]);
    },
  },
  "bcc -L, --localport": { ...localPort, flags: ({ v4 }) => ["--localport", `${v4}`] },
  "bcc -D, --remoteport": { ...remotePort, flags: ({ v4 }) => ["--remoteport", `${v4}`] },
  "bcc -4, --ipv4": onlyFamily("--ipv4", 4),
  "bcc -6, --ipv6": onlyFamily("--ipv6", 6),
};
/** Those that have a test of their own below. */
const APART = ["bcc -Y, --journal", "bcc --ebpf"];

describeWhere([requireRoot, requireTracefs, requireBuild], "each option of the originals of tcpstates", () => {
  let stage: Stage;
  let ports: Ports;
  beforeAll(async () => {
    ports = { v4: await freePort(), v6: await freePort() };
    stage = await Stage.open();
  });
  afterAll(() => stage?.close());

  async function playBoth(): Promise<void> {
    const common = { closesFirst: "client", establishedMs: 20, halfClosedMs: 20 } as const;
    await converse(stage.client, stage.server, { ...common, listenOn: "127.3.4.40", connectTo: "127.3.4.40", port: ports.v4 });
    await converse(stage.client, stage.server, { ...common, listenOn: "::1", connectTo: "::1", port: ports.v6 });
  }

  test("every row of the table has its exercise, and every exercise its row", () => {
    const rows = options.map(({ original, option }) => `${original} ${option}`);
    expect([...Object.keys(EXERCISES), ...APART].sort()).toEqual([...rows].sort());
  });

  const all = Object.entries(EXERCISES);
  // In groups: each is a Node process.
  for (let from = 0; from < all.length; from += 4) {
    const group = all.slice(from, from + 4);
    test(group.map(([name]) => name).join(" | "), { timeout: 120_000 }, async () => {
      const runs = group.map(([, { flags }]) => spawnTsprobe("table", flags(ports)));
      for (const run of runs) await run.until(() => isAttached(run), "tsprobe to attach", 60_000);
      await playBoth();
      for (const [at, run] of runs.entries()) {
        // What -D and the like hide does not come; a row of the last conversation's end, or one second.
        await run.until(() => run.stdout.split("\n").length > 22, "rows", 1000).catch(() => undefined);
        const ended = await run.stop("SIGINT");
        expect(ended.code, group[at]?.[0]).toBe(130);
        group[at]?.[1].check(ended, ports);
      }
    });
  }

  test("bcc --ebpf: tsprobe show c", async () => {
    const { stdout, code } = await new RunningProcess([process.execPath, tsprobeEntry, "show", "c", probe]).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/SEC\("tracepoint\/sock\/inet_sock_set_state"\)/);
  });

  describeWhere([requireTool("unshare", "util-linux"), requireTool("python3")], "with a journal", () => {
    test("bcc -Y, --journal: a record for each row, with BCC's field names", { timeout: 90_000 }, async () => {
      await withTempDir(async (folder) => {
        const file = join(folder, "journal");
        const flags = ["run", probe, "--no-check", "-Y", "--format", "json", "-L", `${ports.v4},${ports.v6}`, "--events", "12"];
        const run = new RunningProcess(withJournal([process.execPath, tsprobeEntry, ...flags], file));
        await run.until(() => isAttached(run), "tsprobe to attach", 60_000);
        await playBoth();
        const { code, stdout, stderr } = await run.ended;
        expect(code, stderr).toBe(0);
        const rows = readRows("json", stdout);
        expect(rows).toHaveLength(12);
        const records = readJournal(file);
        expect(records).toHaveLength(12);
        for (const [at, row] of rows.entries()) {
          const family = row.laddr.includes(":") ? "IPV6" : "IPV4";
          expect(records[at]).toMatchObject({
            SYSLOG_IDENTIFIER: "tcpstates",
            PRIORITY: "6",
            [`OBJECT_${family}_SOURCE_ADDRESS`]: row.laddr,
            OBJECT_TCP_SOURCE_PORT: `${row.lport}`,
            [`OBJECT_${family}_DESTINATION_ADDRESS`]: row.raddr,
            OBJECT_TCP_DESTINATION_PORT: `${row.rport}`,
            OBJECT_TCP_OLD_STATE: row.from,
            OBJECT_TCP_NEW_STATE: row.to,
            OBJECT_TCP_SPAN_TIME: `${Math.round((row.ms ?? 0) * 1000)}`,
          });
          expect(records[at]?.OBJECT_PID).toBe(row.pid === 0 ? undefined : `${row.pid}`);
          expect(records[at]?.MESSAGE).toContain(`${row.from} -> ${row.to}`);
        }
      });
    });
  });
});
