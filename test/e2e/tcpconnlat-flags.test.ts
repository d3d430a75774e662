import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CProgram } from "../fixtures/c-program.js";
import { compileConnects, connectCommand, connectProbe, jsonLines, playConnects, runConnlat } from "./harness/connects.js";
import { freePort } from "./harness/free-port.js";
import { RunningProcess } from "./harness/process.js";
import {
  describeWhere,
  requireBuild,
  requireRoot,
  requireTool,
  requireTracefs,
  toolEnvironment,
  tsprobeEntry,
} from "./harness/requirements.js";

interface Parity {
  readonly original: string;
  readonly option: string;
  readonly accepted: boolean;
  readonly effective: boolean;
  readonly output: "equal" | "differs" | "none";
  readonly why?: string;
}
const rows = JSON.parse(readFileSync(new URL("../parity-flags/tcpconnlat.json", import.meta.url), "utf8")) as Parity[];

const needs = [requireRoot, requireTracefs, requireBuild, requireTool("gcc"), requireTool("ip", "iproute2")];

describeWhere(needs, "tcpconnlat: flags", () => {
  let client: CProgram;
  beforeAll(() => {
    client = compileConnects();
  });
  afterAll(() => client?.remove());

  const both = ["wait:10.77.0.9:8080", "wait:[fd77::9]:9"];
  const play = (flags: readonly string[], connects: readonly string[] = both) => playConnects(client, connects, flags);
  /** The lines of the table: heading, then rows, cells apart. */
  async function lines(flags: readonly string[]): Promise<string[]> {
    const { stdout } = await runConnlat([...flags, "-c", connectCommand(client, both)]).ended;
    return stdout.trimEnd().split("\n");
  }

  const timestamp = async () => {
    const [heading, ...shown] = await lines(["-t"]);
    // The originals' columns, widths included.
    expect(heading?.startsWith("TIME(s)   PID    COMM         IP SADDR            DADDR            DPORT LAT(ms)")).toBe(true);
    expect(shown).toHaveLength(2);
    expect(shown[0]).toMatch(/^0\.000 {5}\d+ +connects {5}4 {2}10\.77\.0\.1 {8}10\.77\.0\.9 {8}8080 {2}\d+\.\d\d /);
    expect(shown[1]).toMatch(/^\d+\.\d{3} +\d+ +connects {5}6 {2}fd77::1 {10}fd77::9 {10}9 {5}\d+\.\d\d /);
  };
  const lport = async () => {
    const [heading, ...shown] = await lines(["-L"]);
    expect(heading?.startsWith("PID    COMM         IP SADDR            LPORT  DADDR            DPORT LAT(ms)")).toBe(true);
    for (const row of shown) expect(Number(row.split(/ +/)[4])).toBeGreaterThanOrEqual(40_000);
  };
  const pid = async () => {
    const own = await play(["-p", String(process.pid)]);
    expect(own.told).toHaveLength(2);
    expect(own.rows).toEqual([]);
    const run = runConnlat(["--format", "json", "-p", String(process.pid), "--for", "4s"]);
    await run.until(() => /^attached/m.test(run.stderr), "tcpconnlat to attach");
    const socket = net.connect(await freePort(), "127.0.0.1");
    await once(socket, "error");
    const { stdout } = await run.ended;
    expect(stdout).toContain(`"pid":${process.pid}`);
    expect(stdout).toContain('"outcome":"refused"');
  };
  const ipv4 = async () => expect((await play(["-4"])).rows.map(({ ipv }) => ipv)).toEqual([4]);
  const ipv6 = async () => {
    expect((await play(["-6"])).rows.map(({ ipv }) => ipv)).toEqual([6]);
    expect((await play(["-4", "-6"])).rows.map(({ ipv }) => ipv)).toEqual([4, 6]);
  };
  const least = async () => {
    const { told, rows } = await play(["20.5"], [...both, "close:10.81.0.1:80"]);
    expect(told).toHaveLength(3);
    expect(rows.map(({ outcome }) => outcome)).toEqual(["cancelled"]);
    expect(rows[0]?.ns).toBeGreaterThan(20.5e6);
  };
  const verbose = async () => {
    const { stderr, rows } = await play(["-v"]);
    expect(rows).toHaveLength(2);
    expect(stderr).toMatch(/tcp_v4_connect/);
  };
  const showC = async () => {
    const c = execFileSync(process.execPath, [tsprobeEntry, "show", "c", connectProbe], {
      encoding: "utf8",
      env: toolEnvironment(),
    });
    expect(c).toContain("SEC(");
    expect(c).toContain("inet_sock_set_state");
  };

  const exercises: Readonly<Record<string, () => Promise<void>>> = {
    "libbpf-tools -t, --timestamp": timestamp,
    "libbpf-tools -p, --pid": pid,
    "libbpf-tools -L, --lport": lport,
    "libbpf-tools -v, --verbose": verbose,
    "libbpf-tools <min_ms>": least,
    "bcc -t, --timestamp": timestamp,
    "bcc -p, --pid": pid,
    "bcc -L, --lport": lport,
    "bcc -4, --ipv4": ipv4,
    "bcc -6, --ipv6": ipv6,
    "bcc -v, --verbose": showC,
    "bcc --ebpf": showC,
    "bcc <duration_ms>": least,
  };

  test("each option of the originals has an exercise, and each exercise an option", () => {
    expect(rows.map(({ original, option }) => `${original} ${option}`).sort()).toEqual(Object.keys(exercises).sort());
    for (const { output, why } of rows) if (output !== "equal") expect(why).toBeTruthy();
  });
  const done = new Map<() => Promise<void>, Promise<void>>();
  for (const [name, exercise] of Object.entries(exercises))
    test(name, { timeout: 60_000 }, async () => {
      // Both originals have most options: once is enough.
      if (!done.has(exercise)) done.set(exercise, exercise());
      await done.get(exercise);
    });

  test("filters by ports, addresses, user, name and outcome", { timeout: 120_000 }, async () => {
    // An odd port: of its own the kernel takes even ones first.
    const connects = [...both, "from:10.77.0.9:8080:40051"];
    const dports = async (flags: readonly string[]) => (await play(flags, connects)).rows.map(({ dport }) => dport);
    expect(await dports(["--remoteport", "9,10"])).toEqual([9]);
    expect(await dports(["--localport", "40051"])).toEqual([8080]);
    expect(await dports(["--raddr", "fd77::/16"])).toEqual([9]);
    expect(await dports(["--laddr", "10.77.0.0/24"])).toEqual([8080, 8080]);
    expect(await dports(["--failed"])).toEqual([9]);
    expect(await dports(["--uid", "12345"])).toEqual([]);
    expect(await dports(["--comm", "connects"])).toEqual([8080, 9, 8080]);
  });

  test("--histogram counts each connect once, by what is asked", { timeout: 60_000 }, async () => {
    const connects = [...Array<string>(5).fill("wait:10.77.0.9:8080"), "wait:10.77.0.9:9", "wait:[fd77::9]:9"];
    const readings = async (flags: readonly string[]) =>
      (await play(["--histogram", ...flags], connects)).records
        .filter(({ type }) => type === "event")
        .map(({ data }) => data as Readonly<Record<string, unknown>>);
    const byOutcome = await readings([]);
    expect(byOutcome.map(({ outcome, count }) => [outcome, count]).sort()).toEqual([
      ["ok", 5],
      ["refused", 2],
    ]);
    const byBoth = await readings(["--by", "raddr,outcome"]);
    expect(byBoth.map(({ outcome, raddr, count }) => [outcome, raddr, count]).sort()).toEqual([
      ["ok", "10.77.0.9", 5],
      ["refused", "10.77.0.9", 1],
      ["refused", "fd77::9", 1],
    ]);
    const { stdout } = await runConnlat(["--histogram", "--by", "comm,rport", "-c", connectCommand(client, connects)]).ended;
    expect(stdout).toMatch(/rport = 8080, comm = connects\n {5}usecs {15}: count {4}distribution\n/);
    expect(stdout).toMatch(/count = 5, p50 = \d+, p90 = \d+, p99 = \d+, min = \d+, max = \d+ usecs/);
    expect((await play(["--histogram", "--by", "colour"])).stderr).toContain('--by: there is no "colour"');
  });

  test.each([
    ["--by", "comm"],
    ["--by", "outcome"],
    ["--interval", "1"],
  ])(
    "%s %s without --histogram is refused",
    {
      timeout: 30_000,
    },
    async (flag, value) => {
      const { code, stderr } = await runConnlat([flag, value]).ended;
      expect(stderr).toContain(`error[TSP1120]: ${flag} is for --histogram\nhint: give --histogram too`);
      expect(code).toBe(2);
    },
  );

  test("a heading has no control characters of a process's name", { timeout: 60_000 }, async () => {
    const port = await freePort();
    const run = runConnlat(["--histogram", "--by", "comm", "--remoteport", String(port)]);
    await run.until(() => /^attached/m.test(run.stderr), "tcpconnlat to attach");
    const script = `printf '\\033[2Jevil\\rx' > /proc/$$/comm; exec 3<> /dev/tcp/127.0.0.1/${port}`;
    const { code } = await new RunningProcess(["bash", "-c", script]).ended;
    expect(code).toBe(1); // refused
    const { stdout } = await run.stop();
    expect(stdout).toContain("\ncomm = ␛[2Jevil␍x\n");
    expect(stdout).not.toContain("\x1b");
  });

  test("--histogram --interval: a reading each time, and each connect in one of them", { timeout: 60_000 }, async () => {
    const port = await freePort();
    const flags = ["--histogram", "--interval", "0.7", "--by", "comm,rport", "--remoteport", String(port), "--format", "json"];
    const run = runConnlat(flags);
    await run.until(() => /^attached/m.test(run.stderr), "tcpconnlat to attach");
    const TIMES = 25;
    for (let i = 0; i < TIMES; i++) {
      await new RunningProcess([client.path, `wait:127.0.0.1:${port}`]).ended;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { stdout } = await run.stop();
    const counts = jsonLines(stdout)
      .filter(({ type }) => type === "event")
      .map(({ data }) => data as Readonly<Record<string, unknown>>);
    expect(counts.length).toBeGreaterThan(2);
    for (const reading of counts) expect(reading).toMatchObject({ comm: "connects", rport: port });
    expect(counts.reduce((sum, { count }) => sum + (count as number), 0)).toBe(TIMES);
  });

  test("--netns and --cgroup: of who connects", { timeout: 60_000 }, async (context) => {
    const cgroups = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .find((line) => line.includes(" - cgroup2 "))
      ?.split(" ")[4];
    if (cgroups === undefined) return context.skip("cgroup v2 is not mounted");
    const group = join(cgroups, `tsprobe-connlat-${process.pid}`);
    mkdirSync(group);
    try {
      const port = await freePort();
      const target = `wait:127.0.0.1:${port}`;
      const apart = new RunningProcess(["unshare", "--net", "sh", "-c", "ip link set lo up; echo up; exec sleep 60"]);
      await apart.until(() => apart.stdout.includes("up"), "a namespace");
      const connect: Readonly<Record<string, readonly string[]>> = {
        here: [client.path, target],
        apart: ["nsenter", "--target", String(apart.pid), "--net", client.path, target],
        grouped: ["sh", "-c", 'echo $$ > "$1"/cgroup.procs; exec "$2" "$3"', "sh", group, client.path, target],
      };
      const seen = async (flags: readonly string[]) => {
        const run = runConnlat([...flags, "--remoteport", String(port), "--format", "json"]);
        await run.until(() => /^attached/m.test(run.stderr), "tcpconnlat to attach");
        const pids = new Map<unknown, string>();
        for (const [name, argv] of Object.entries(connect)) {
          const { stdout } = await new RunningProcess(argv).ended;
          pids.set(jsonLines(stdout)[0]?.pid, name);
        }
        const { stdout } = await run.stop();
        return jsonLines(stdout)
          .filter(({ type }) => type === "event")
          .map(({ data }) => pids.get((data as { pid: number }).pid));
      };
      expect(await seen([])).toEqual(["here", "apart", "grouped"]);
      expect(await seen(["--netns", `/proc/${apart.pid}/ns/net`])).toEqual(["apart"]);
      expect(await seen(["--cgroup", group])).toEqual(["grouped"]);
    } finally {
      rmdirSync(group);
    }
  });

  test("--help has examples", () => {
    const help = execFileSync(process.execPath, [tsprobeEntry, "run", connectProbe, "--help"], {
      encoding: "utf8",
      env: toolEnvironment(),
    });
    expect(help).toContain("--histogram --by raddr,outcome");
    expect(help).toContain("<min-ms>");
  });
});
