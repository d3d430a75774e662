import { existsSync, mkdirSync, rmdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "./harness/free-port.js";
import { RunningProcess } from "./harness/process.js";
import { readJsonLines } from "./harness/read-json.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";
import type { Row } from "./harness/rows.js";
import { isAttached, readRows, spawnTsprobe } from "./harness/tracer-tsprobe.js";
import { converse } from "./workload/conversation.js";
import { type Actor, Stage } from "./workload/stage.js";

/**
 * A program of its own name listens, takes one connection, says which its child's end is, and waits until its input ends.
 * Another process, the test, connects.
 */
const SERVER = `
import os, socket, sys
open("/proc/self/comm", "w").write("tcpst-owner")
l = socket.socket(); l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind(("127.0.0.1", int(sys.argv[1]))); l.listen()
print("listening", os.getpid(), flush=True)
a, peer = l.accept()
print("accepted", peer[1], flush=True)
a.recv(1)
a.close(); l.close()
`;
const CLIENT = `
import socket, subprocess, sys, time
s = socket.socket(); s.connect(("127.0.0.1", int(sys.argv[1]))); time.sleep(0.2)
print(subprocess.run(["ss", "-tnpH", "sport", "=", sys.argv[1]], capture_output=True, text=True).stdout, flush=True)
s.close(); time.sleep(0.2)
`;

describeWhere(
  [requireRoot, requireTracefs, requireBuild, requireTool("python3"), requireTool("ss", "iproute2")],
  "whose socket it is: probes/tcpstates.ts",
  () => {
    let stage: Stage;
    let port: number;
    beforeAll(async () => {
      port = await freePort();
      stage = await Stage.open();
    });
    afterAll(() => stage?.close());

    /** Plays one server and one client before runs with these flags; gives each run's rows, and what `ss -p` said of the child. */
    async function play(flags: readonly (readonly string[])[], prefix: readonly string[] = []) {
      const runs = flags.map((each) => spawnTsprobe("json", [...each, "-L", `${port}`]));
      for (const run of runs) await run.until(() => isAttached(run), "tsprobe to attach", 60_000);
      const server = new RunningProcess([...prefix, "python3", "-c", SERVER, `${port}`]);
      await server.until(() => server.stdout.includes("listening"), "the server");
      const client = new RunningProcess(["python3", "-c", CLIENT, `${port}`]);
      const { stdout: told } = await client.ended;
      await server.ended;
      const pid = Number(/listening (\d+)/.exec(server.stdout)?.[1]);
      const rows: Row[][] = [];
      for (const run of runs) {
        await run.until(() => readRows("json", run.stdout).length >= 7, "seven rows", 1500).catch(() => undefined);
        rows.push(readRows("json", (await run.stop("SIGINT")).stdout));
      }
      return { pid, told, rows };
    }
    const ofListener = (row: Row) => row.rport === 0;

    test("the process that accepted, as ss says, by name and number; another one's sockets are left out", {
      timeout: 120_000,
    }, async () => {
      const { pid, told, rows } = await play([[], ["--comm", "tcpst-owner"], ["--comm", "someone-else"], ["--pid", "1"]]);
      const [all = [], named = [], others, first] = rows;
      expect(told).toContain(`("tcpst-owner",pid=${pid},`);
      const child = all.filter((row) => !ofListener(row));
      expect(child.map(({ to }) => to).slice(0, 2)).toEqual(["SYN_RECV", "ESTABLISHED"]);
      // Before accept() nobody has it. The loopback's softirq ran on the client's call: it is not named.
      for (const row of child.slice(0, 2)) expect([row.pid, row.cpid]).toEqual([0, undefined]);
      expect(child.length).toBeGreaterThanOrEqual(5);
      for (const row of [...child.slice(2), ...all.filter(ofListener)]) expect([row.pid, row.comm]).toEqual([pid, "tcpst-owner"]);
      expect(named).toHaveLength(all.length - 2);
      expect([others, first]).toEqual([[], []]);
    });

    test("--netns and --cgroup are the socket's own", { timeout: 120_000 }, async ({ skip }) => {
      const root = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].find((each) => existsSync(`${each}/cgroup.controllers`));
      if (root === undefined) return skip("cgroup 2 is not mounted");
      const made = `${root}/tsprobe-states-${process.pid}`;
      try {
        mkdirSync(`${made}/below`, { recursive: true });
      } catch (error) {
        return skip(`no cgroup can be made here (${(error as Error).message})`);
      }
      try {
        const inside = ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', `${made}/below`];
        const cgroup = made.slice(root.length + 1);
        const flags = [["--cgroup", cgroup], ["--netns", "/proc/self/ns/net"], ["--netns", "1"], []];
        const { rows } = await play(flags, inside);
        const [grouped = [], here, elsewhere, all] = rows;
        // -L: the listener and its child, which the kernel puts into the listener's cgroup. The client is none of it.
        expect(grouped.length).toBeGreaterThanOrEqual(7);
        expect(grouped).toHaveLength(all?.length ?? 0);
        expect(here).toHaveLength(all?.length ?? 0);
        expect(elsewhere).toEqual([]);
        const outside = await play([["--cgroup", cgroup]]);
        expect(outside.rows).toEqual([[]]);
      } finally {
        rmdirSync(`${made}/below`);
        rmdirSync(made);
      }
    });

    test("--summary: the time in each state, of as many changes as there were", { timeout: 120_000 }, async () => {
      const run = spawnTsprobe("json", ["--summary", "-L", `${port}`]);
      await run.until(() => isAttached(run), "tsprobe to attach", 60_000);
      const { client, server } = stage as { client: Actor; server: Actor };
      const plan = { listenOn: "127.3.4.50", connectTo: "127.3.4.50", port, closesFirst: "server", connections: 10 } as const;
      await converse(client, server, { ...plan, establishedMs: 150, halfClosedMs: 60 });
      const { stdout } = await run.stop("SIGINT");
      const records = readJsonLines(stdout) as { type: string; name?: string; data?: Record<string, number | string> }[];
      expect(records.map(({ name }) => name)).not.toContain("states");
      const states = new Map(records.flatMap(({ name, data }) => (name === "summary" ? [[data?.state, data]] : [])));
      expect(states.get("ESTABLISHED")?.count).toBe(10);
      expect(states.get("LISTEN")?.count).toBe(1);
      const { p50, p90, p99, max } = states.get("ESTABLISHED") as Record<string, number>;
      for (const value of [p50, p90, p99, max]) expect(value).toBeGreaterThanOrEqual(150 * 0.98);
      expect(p50).toBeLessThanOrEqual((p90 as number) * 1.0001);
      expect(states.get("LISTEN")?.max as number).toBeGreaterThan(210);
    });
  },
);
