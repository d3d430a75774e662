import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { freePort } from "./harness/free-port.js";
import { RunningProcess, withTracefs } from "./harness/process.js";
import { describeWhere, requireBuild, requireRoot, requireTracefs, tsprobeEntry } from "./harness/requirements.js";

let running: RunningProcess | undefined;

/** Starts an example and waits until it is attached. */
async function start(name: string, ...flags: string[]): Promise<RunningProcess> {
  const script = fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url));
  const example = new RunningProcess(withTracefs([process.execPath, tsprobeEntry, "run", script, ...flags]));
  running = example;
  await example.until(() => /^attached/m.test(example.stderr), `${name} to attach`);
  return example;
}

/** Complete lines of standard output, split at blanks. */
function linesOf({ stdout }: RunningProcess): string[][] {
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(/\s+/));
}

/** Opens a connection to a listener of our own and closes it again: the client first. */
async function connectOnce(): Promise<{ port: number; clientPort: number }> {
  const server = net.createServer((socket) => socket.resume().on("end", () => socket.end())).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const client = net.connect(port, "127.0.0.1");
  await once(client, "connect");
  const clientPort = client.localPort as number;
  client.end();
  client.resume();
  await once(client, "close");
  await new Promise((resolve) => server.close(resolve));
  return { port, clientPort };
}

/** A connection that nobody answers. */
async function connectInVain(): Promise<number> {
  const port = await freePort();
  const [error] = (await once(net.connect(port, "127.0.0.1"), "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNREFUSED");
  return port;
}

afterEach(async () => {
  await running?.stop("SIGKILL");
  running = undefined;
});

describeWhere([requireRoot, requireTracefs, requireBuild], "examples", () => {
  test("first-probe: one row for our connection, with our pid and name", async () => {
    const example = await start("first-probe");
    const { port } = await connectOnce();
    const ours = () => linesOf(example).filter((cells) => cells.at(-1) === String(port));
    await example.until(() => ours().length > 0, "our connection");
    const { code, stderr } = await example.stop();
    expect(code).toBe(130);
    expect(stderr).toContain("0 lost");
    // The thread that calls connect() is one of ours, whatever Node has named it.
    expect(ours()).toHaveLength(1);
    expect(ours()[0]?.[0]).toBe(String(process.pid));
    expect(ours()[0]?.at(-2)).toBe("127.0.0.1");
  });

  test("state: an answered connection and a refused one, each with its time", async () => {
    const example = await start("state");
    const { port } = await connectOnce();
    const refused = await connectInVain();
    const rowOf = (wanted: number) => linesOf(example).filter((cells) => cells[1] === String(wanted));
    await example.until(() => rowOf(refused).length > 0, "the refused connection");
    for (const [wanted, answered] of [
      [port, "true"],
      [refused, "false"],
    ] as const) {
      expect(rowOf(wanted)).toHaveLength(1);
      const [to, , shown, us] = rowOf(wanted)[0] as string[];
      expect([to, shown]).toEqual(["127.0.0.1", answered]);
      expect(Number(us)).toBeGreaterThan(0);
      expect(Number(us)).toBeLessThan(1_000_000);
    }
  });

  test("aggregation: counts and latencies of one process, by the interval and at the end", async () => {
    const sleeper = spawn("sh", ["-c", "while :; do sleep 0.2; done"], { stdio: "ignore" });
    try {
      const example = await start("aggregation", "--process", String(sleeper.pid), "--least", "150");
      const shown = () => [...example.stdout.matchAll(/^sh +(\d+) +(\d+) +[\d.]+$/gm)];
      await example.until(() => shown().length >= 2, "two intervals");
      // The shell waits for its sleep: a wait4 of about 200 ms is an event of its own.
      await example.until(() => new RegExp(`^${sleeper.pid} +sh +\\d+ +[12]\\d\\d$`, "m").test(example.stdout), "a slow call");
      const { stdout } = await example.stop();
      for (const [, pid, count] of shown()) expect([Number(pid), Number(count) > 0]).toEqual([sleeper.pid, true]);
      expect(stdout).toMatch(/^latency\[sh\] \(us\):\n(?:[[(].*\|[@ ]{52}\|\n)+count \d+, .*\n/m);
    } finally {
      sleeper.kill();
    }
  });

  test("packet-sizes: a large packet on the loopback interface", async () => {
    const example = await start("packet-sizes", "--least", "20000");
    const server = net.createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
    client.end(Buffer.alloc(300_000));
    await once(client, "close");
    await new Promise((resolve) => server.close(resolve));
    const { stdout } = await example.stop();
    const found = /^lo: (\d+) packets of (?:16384|32768|65536) bytes and more, together (\d+) bytes$/m.exec(stdout);
    expect(Number(found?.[2]), stdout).toBeGreaterThanOrEqual(20_000 * Number(found?.[1]));
  });

  test("options: its flags decide in the kernel what is shown", async () => {
    const [shown, hidden] = [await freePort(), await freePort()];
    const example = await start("options", "--ports", String(shown), "--closes");
    for (const port of [hidden, shown]) await once(net.connect(port, "127.0.0.1"), "error");
    const rows = () => linesOf(example).slice(1);
    await example.until(() => rows().length >= 2, "both events of our connection");
    await example.stop();
    expect(rows().map((cells) => [cells[0], cells.at(-1)])).toEqual([
      ["open", String(shown)],
      ["close", String(shown)],
    ]);
  });

  test("stacks: where a command of ours sleeps, and how often", async () => {
    const example = await start("stacks", "-c", "sleep 0.1; sleep 0.1; sleep 0.1");
    const { stdout, stderr } = await example.ended;
    expect(stderr).toContain("0 lost");
    // A row with the count, then the functions, the innermost first.
    const places = stdout.split(/^(?= *\d+ +[\d.]+$)/m).slice(1);
    const asleep = places.filter((text) => text.includes("    hrtimer_nanosleep+0x"));
    expect(asleep).toHaveLength(1);
    expect(asleep[0]).toMatch(/^ *3 /);
    expect(asleep[0]).toMatch(/^ {4}schedule\+0x[0-9a-f]+\n[\s\S]*^ {4}hrtimer_nanosleep\+0x/m);
  });

  test("user-stack: the functions of a program that opens a file", async () => {
    // It lives long enough for its functions to be named: those of a process that ended at once may stay addresses.
    const example = await start("user-stack", "-c", "sleep 2");
    const { stdout, stderr } = await example.ended;
    expect(stderr).toContain("0 lost");
    const opens = stdout.split(/^(?=\d+ +sleep)/m).slice(1);
    expect(opens.length).toBeGreaterThan(0);
    for (const text of opens) expect(text).toMatch(/^\d+ +sleep *\n( {4}\S.*\n)+$/);
    expect(stdout).toMatch(/^ {4}\S*open\S*\+0x[0-9a-f]+ \[(?:libc\.so\.6|ld-linux\S+)\]$/m);
  });

  test("channel: both probes feed one stream", async () => {
    const example = await start("channel");
    const child = spawn("sleep", ["0.2"], { stdio: "ignore" });
    await once(child, "exit");
    const end = new RegExp(`^sleep \\(${child.pid}\\) has ended; it began ([0-9.]+) ms ago$`, "m");
    await example.until(() => end.test(example.stdout), "the end of our sleep");
    const ms = Number(end.exec(example.stdout)?.[1]);
    expect(ms).toBeGreaterThan(190);
    expect(ms).toBeLessThan(10_000);
  });

  test("for-await: takes three connections, prints a count and ends by itself", async () => {
    const port = await freePort();
    const example = await start("for-await", "--count", "3", "--port", String(port));
    for (let i = 0; i < 3; i++) await once(net.connect(port, "127.0.0.1"), "error");
    const { code, stdout, stderr } = await example.ended;
    expect({ code, stderr: stderr.trim().split("\n").at(-1) }).toEqual({ code: 0, stderr: expect.stringContaining("0 lost") });
    expect(stdout).toMatch(/^\S+ opened 3\n$/);
  });

  test("helper: kernel functions of another file", async () => {
    const example = await start("helper");
    const { port } = await connectOnce();
    const rows = () => linesOf(example).filter(([shown]) => shown === String(port));
    await example.until(() => rows().some((cells) => cells[2] === "CLOSE"), "the end of our connection");
    expect(rows()[0]).toEqual([String(port), "false", "SYN_SENT"]);
    expect(rows()[1]).toEqual([String(port), "false", "ESTABLISHED"]);
  });
});
