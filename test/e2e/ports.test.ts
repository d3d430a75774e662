import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CliFolder } from "./harness/cli-folder.js";
import { freePort } from "./harness/free-port.js";
import { readJsonLines } from "./harness/read-json.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";

// The ports of well-known bpftrace one-liners and tools under examples/bpftrace: each with traffic of its own, against what is known of it.

let folder: CliFolder;
beforeEach(() => {
  folder = new CliFolder();
});
afterEach(() => folder.dispose());

const example = (name: string) => new URL(`../../examples/bpftrace/${name}.ts`, import.meta.url).pathname;

interface Line {
  readonly type: string;
  readonly name?: string;
  readonly data?: Record<string, unknown>;
}

/** Runs an example on what a command and its descendants do. */
async function runOn(name: string, command: string, ...flags: string[]) {
  const ended = await folder.run(["run", example(name), "--format", "json", "-c", command, ...flags]);
  const lines = readJsonLines(ended.stdout) as Line[];
  return {
    ...ended,
    lines,
    events: lines.filter(({ type }) => type === "event").map(({ data }) => data as Record<string, unknown>),
  };
}

/** Calls of Python's, with nothing of the interpreter's start among them that matters. */
const python = (code: string) => `exec python3 -c '${code}'`;

describeWhere([requireRoot, requireTracefs, requireBuild, requireTool("python3")], "ports of bpftrace's tools", () => {
  test("syscount: a known number of calls by a thread of a known name", async () => {
    const code = 'import os; open("/proc/self/comm", "w").write("tsp-count"); [os.getppid() for _ in range(1000)]; os._exit(0)';
    const { stdout, stderr } = await folder.run(["run", example("syscount"), "-c", python(code)]);
    const row = stdout.split("\n").find((line) => line.startsWith("tsp-count"));
    const count = Number(row?.trim().split(/\s+/)[1]);
    // write's own end, close of that file, exit_group, and the interpreter's between them.
    expect(count, stdout + stderr).toBeGreaterThanOrEqual(1000);
    expect(count).toBeLessThan(1020);
  });

  test("readsize: as many reads of each size as were made", async () => {
    const code =
      'import os; open("/proc/self/comm", "w").write("tsp-read"); fd = os.open("/dev/zero", os.O_RDONLY); [os.read(fd, 100) for _ in range(50)]; [os.read(fd, 5000) for _ in range(7)]; os._exit(0)';
    const { stdout, stderr } = await folder.run(["run", example("readsize"), "-c", python(code)]);
    const mine = stdout.split(/(?=sizes\[)/).find((block) => block.startsWith("sizes[tsp-read]"));
    expect(mine, stdout + stderr).toMatch(/\[64, 128\)\s+50 \|@+/);
    expect(mine).toMatch(/\[4K, 8K\)\s+7 \|@+/);
  });

  test("opensnoop: paths, descriptors and errors", async () => {
    const path = join(folder.path, "a file with a long name to be opened");
    writeFileSync(path, "");
    const { events, stderr } = await runOn("opensnoop", `cat '${path}' '${path}-not'; true`);
    const of = (wanted: string) => events.find((event) => event.path === wanted);
    expect(of(path), stderr).toMatchObject({ comm: "cat", error: "0" });
    expect(Number(of(path)?.fd)).toBeGreaterThan(2);
    expect(of(`${path}-not`)).toMatchObject({ comm: "cat", fd: -2, error: "ENOENT" });
  });

  test("execsnoop: who started what", async () => {
    const { events, stderr } = await runOn("execsnoop", "env true; exit 0");
    const run = events.find(({ comm }) => comm === "true");
    const parent = events.find(({ comm }) => comm === "sh");
    expect(run?.filename, stderr).toMatch(/\/true$/);
    expect(run?.ppid).toBe(parent?.pid);
  });

  test("killsnoop: signal, target and result", async () => {
    const { events, stderr } = await runOn("killsnoop", "sleep 30 & kill -USR1 $!; wait $!; kill -0 4194303; true");
    expect(events, stderr).toEqual([
      expect.objectContaining({ comm: "sh", signal: "SIGUSR1", result: "0" }),
      expect.objectContaining({ comm: "sh", target: 4194303, result: "ESRCH" }),
    ]);
  });

  test("runqlat: threads that outnumber the CPUs wait for them", async () => {
    const cpus = availableParallelism();
    const command = `for i in $(seq ${2 * cpus}); do timeout 1 sh -c 'while :; do :; done' & done; wait`;
    const { stdout, stderr } = await folder.run(["run", example("runqlat"), "-c", command, "--for", "20s"]);
    expect(stdout, stderr).toMatch(/^\[\S+, \S+\)\s+\d+ \|@+/m);
    const [, count] = /^count (\d+)/m.exec(stdout) ?? [];
    expect(Number(count)).toBeGreaterThan(2 * cpus);
    // A slice of the scheduler's is a millisecond and more: somebody waited as long.
    expect(Number(/max (\d+)/.exec(stdout)?.[1])).toBeGreaterThan(900);
  });

  test("cpuwalk: a loop that is bound to a CPU is found there", async () => {
    const last = availableParallelism() - 1;
    const { stdout, stderr } = await folder.run([
      "run",
      example("cpuwalk"),
      "-c",
      `taskset -c ${last} timeout 2 sh -c 'while :; do :; done'`,
    ]);
    const bar = new RegExp(`^\\[${last}\\]\\s+(\\d+) \\|@+`, "m").exec(stdout);
    const total = Number(/^count (\d+)/m.exec(stdout)?.[1]);
    expect(Number(bar?.[1]), stdout + stderr).toBeGreaterThan(30);
    expect(Number(bar?.[1]) / total).toBeGreaterThan(0.8);
  });

  test("profile: reading /dev/zero is seen in the kernel's stacks", async () => {
    const { stdout, stderr } = await folder.run([
      "run",
      example("profile"),
      "-c",
      "timeout 2 dd if=/dev/zero of=/dev/null bs=64M",
    ]);
    expect(stdout, stderr).toMatch(/read_zero|clear_user|rep_stos|zero/);
    expect(stdout).toMatch(/^ {2}\d+$/m);
  });

  test("faults: memory that is touched for the first time", async () => {
    const code =
      'open("/proc/self/comm", "w").write("tsp-fault"); import mmap; m = mmap.mmap(-1, 400 * 4096); m.madvise(15); [m.__setitem__(i * 4096, 1) for i in range(400)]';
    const { stdout, stderr } = await folder.run(["run", example("faults"), "-c", python(code)]);
    const row = stdout.split("\n").find((line) => line.startsWith("tsp-fault"));
    const count = Number(row?.trim().split(/\s+/)[1]);
    expect(count, stdout + stderr).toBeGreaterThanOrEqual(400);
    expect(count).toBeLessThan(1500);
  });

  test("gethostlatency: the names that are asked for", async () => {
    const { events, stderr } = await runOn(
      "gethostlatency",
      "getent ahosts localhost >/dev/null; getent ahosts no-such-name.invalid; true",
    );
    expect(events, stderr).toEqual([
      expect.objectContaining({ comm: "getent", host: "localhost", ok: true }),
      expect.objectContaining({ comm: "getent", host: "no-such-name.invalid", ok: false }),
    ]);
    for (const { us } of events) expect(Number(us)).toBeGreaterThan(0);
  });

  test("tcpconnect: the connection that is opened, by the hook that this kernel has", async () => {
    const port = await freePort();
    const code = `import socket; socket.socket().connect_ex(("127.0.0.1", ${port}))`;
    const { events, stderr } = await runOn("tcpconnect", python(code), "-v");
    expect(events, stderr).toEqual([expect.objectContaining({ comm: "python3", raddr: "127.0.0.1", rport: port })]);
    expect(stderr).toMatch(/connects: uses \S+/);
  });

  test("skbdrop: a datagram to a port where nobody listens", async () => {
    const port = await freePort();
    const running = folder.start(["run", example("skbdrop"), "--format", "json"]);
    await running.until(() => running.stderr.includes("attached"), "the start");
    spawnSync("python3", ["-c", `import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", ${port}))`]);
    await running.until(() => running.stdout.includes("SKB_DROP_REASON_NO_SOCKET"), "the drop");
    const { stdout } = await running.stop();
    const drop = (readJsonLines(stdout) as Line[]).find(({ data }) => data?.reason === "SKB_DROP_REASON_NO_SOCKET");
    expect(drop?.data?.at).toMatch(/^\w*(udp|icmp)\w*(\+0x[0-9a-f]+)?$/);
  });

  test("tcpretrans: a segment whose answers are kept away", async (context) => {
    const namespace = `tsp-retrans-${process.pid}`;
    const ip = (...args: string[]) => spawnSync("ip", args, { encoding: "utf8" });
    if (ip("netns", "add", namespace).status !== 0) return context.skip("network namespaces cannot be made here");
    try {
      const inside = (...args: string[]) => ip("netns", "exec", namespace, ...args);
      inside("ip", "link", "set", "lo", "up");
      // The other end of the pair has no address: what is sent there is never answered.
      inside("ip", "link", "add", "near", "type", "veth", "peer", "name", "far");
      inside("ip", "addr", "add", "203.0.113.1/24", "dev", "near");
      inside("ip", "link", "set", "near", "up");
      inside("ip", "link", "set", "far", "up");
      inside("ip", "neigh", "add", "203.0.113.2", "lladdr", "02:00:00:00:00:02", "dev", "near");
      const running = folder.start(["run", example("tcpretrans"), "--format", "json"]);
      await running.until(() => running.stderr.includes("attached"), "the start");
      const client = spawn(
        "ip",
        [
          "netns",
          "exec",
          namespace,
          "timeout",
          "4",
          "python3",
          "-c",
          'import socket; socket.socket().connect(("203.0.113.2", 4242))',
        ],
        { stdio: "ignore" },
      );
      await running.until(() => running.stdout.includes('"rport":4242'), "the segment sent again", 30_000);
      client.kill("SIGKILL");
      const { stdout } = await running.stop();
      const event = (readJsonLines(stdout) as Line[]).find(({ data }) => data?.rport === 4242);
      expect(event?.data).toMatchObject({ laddr: "203.0.113.1", raddr: "203.0.113.2", state: "SYN_SENT" });
      expect(Math.abs(Number(event?.data?.time) / 1e6 - Date.now())).toBeLessThan(60_000);
    } finally {
      ip("netns", "delete", namespace);
    }
  });
});
