import { existsSync, mkdirSync, rmdirSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { freePort } from "./harness/free-port.js";
import { RunningProcess, withTracefs } from "./harness/process.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";
import { type Block, blocksOf, resetConnections, startTcprtt, startTraffic, tcprtt } from "./tcprtt-harness.js";

const needs = [requireRoot, requireTracefs, requireBuild, requireTool("ss", "iproute2")];
const total = (blocks: readonly Block[]) => blocks.reduce((sum, { count }) => sum + count, 0);

describeWhere([...needs, requireTool("bpftrace")], "tcprtt beside bpftrace's count of tcp_probe", () => {
  test("has every packet in one of its readings, with the times that the tracepoint's records have", {
    timeout: 90_000,
  }, async () => {
    const port = await freePort();
    const program = `tracepoint:tcp:tcp_probe /args->sport == ${port} || args->dport == ${port}/ { @n = count(); @s = sum(args->srtt); @h = lhist(args->srtt, 0, 1000000, 1000000); }
      BEGIN { printf("ready\\n"); } END { print(@n); print(@s); clear(@h); clear(@n); clear(@s); }`;
    const witness = new RunningProcess(withTracefs(["stdbuf", "-oL", "bpftrace", "-e", program]));
    await witness.until(() => /^ready$/m.test(witness.stdout), "bpftrace to attach", 40_000);
    const [local, remote] = [
      await startTcprtt("--format", "json", "-p", `${port}`, "-i", "0.2"),
      await startTcprtt("--format", "json", "-P", `${port}`, "-i", "100ms"),
    ];
    const traffic = await startTraffic(port, { count: 1500 });
    await traffic.askSs();
    await traffic.close();
    await sleep(300);
    const [known, ...both] = await Promise.all([witness.stop(), local.stop(), remote.stop()]);
    const blocks = both.flatMap(({ stdout }) => blocksOf(stdout));
    const count = Number(/@n: (\d+)/.exec(known.stdout)?.[1]);
    expect(count).toBeGreaterThan(3000);
    expect(total(blocks)).toBe(count);
    expect(blocks.length).toBeGreaterThan(3);
    const sum = blocks.reduce((all, block) => all + Math.round(block.avg * block.count), 0);
    expect(sum).toBe(Number(/@s: (\d+)/.exec(known.stdout)?.[1]));
    for (const { count: all, buckets } of blocks) expect(buckets.reduce((n, bucket) => n + bucket.count, 0)).toBe(all);
  });
});

describeWhere(needs, "tcprtt beside ss", () => {
  test("shows the socket's time, minimum and deviation to the microsecond", { timeout: 60_000 }, async () => {
    const port = await freePort();
    const tools = await Promise.all(
      [[], ["--min"], ["--mdev"]].map((flags) => startTcprtt("--format", "json", "-P", `${port}`, "-i", "0.5", ...flags)),
    );
    const traffic = await startTraffic(port, { count: 50, pause: 2 });
    // Quiet meanwhile, so that what comes then is in a reading of its own.
    await sleep(1500);
    const known = await traffic.askSs();
    await traffic.close();
    await sleep(1200);
    const ended = await Promise.all(tools.map((tool) => tool.stop()));
    const [rtt, min, mdev] = ended.map(({ stdout }) => blocksOf(stdout).at(-1) as Block);
    // The first packet after ss looked; each is looked at before what it says is taken into account.
    expect([rtt?.min, rtt?.max].map(Number)).toContain(known.rtt);
    expect(Number(min?.max)).toBe(known.min);
    expect([mdev?.min, mdev?.max].map(Number)).toContain(known.mdev);
  });

  test("a line for a connection has its ends, its packets and what the socket knew when it closed", {
    timeout: 60_000,
  }, async () => {
    const port = await freePort();
    const [lines, histogram] = await Promise.all([
      startTcprtt("--format", "json", "-P", `${port}`, "--per-connection"),
      startTcprtt("--format", "json", "-P", `${port}`),
    ]);
    const began = performance.now();
    const traffic = await startTraffic(port, { count: 100 });
    const known = await traffic.askSs();
    await traffic.close();
    const lived = performance.now() - began;
    await lines.until(() => lines.stdout.includes('"event"'), "the connection's line");
    const [row, ...others] = blocksOf((await lines.stop()).stdout) as unknown as Record<string, number>[];
    const [block] = blocksOf((await histogram.stop()).stdout);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ laddr: "127.0.0.1", lport: traffic.client, raddr: "127.0.0.1", rport: port, retransmits: 0 });
    expect(row).toMatchObject({ samples: block?.count, leastUs: block?.min, mostUs: block?.max });
    // The last packets may have been faster still.
    expect(row?.minUs).toBeLessThanOrEqual(known.min);
    expect(row?.minUs).toBeGreaterThan(0);
    // 100 bytes there and back, "q", and what the kernel counts as a byte: SYN and FIN.
    expect(row?.sent).toBe(103);
    expect(row?.received).toBe(101);
    expect((row?.lifeNs as number) / 1e6).toBeGreaterThan(1);
    expect((row?.lifeNs as number) / 1e6).toBeLessThan(lived + 1000);
  });
});

describeWhere(needs, "tcprtt's choice of connections", () => {
  test("an IPv6 socket with an IPv4 peer is found by IPv4 filters, and shown as what it is", { timeout: 90_000 }, async () => {
    const port = await freePort();
    const flags = ["--format", "json", "-p", `${port}`, "-b", "-B"];
    const tools = await Promise.all(
      [["-a", "127.0.0.0/8"], ["-4"], ["-6"], ["-A", "127.0.0.2,::1"]].map((more) => startTcprtt(...flags, ...more)),
    );
    const traffic = await startTraffic(port, { count: 20, listen: "::" });
    await traffic.askSs();
    await traffic.close();
    const [network, ipv4, ipv6, others] = (await Promise.all(tools.map((tool) => tool.stop()))).map(({ stdout }) =>
      blocksOf(stdout),
    );
    expect(network).toMatchObject([{ laddr: "::ffff:127.0.0.1", raddr: "::ffff:127.0.0.1" }]);
    expect(network?.[0]?.count).toBeGreaterThanOrEqual(20);
    expect(ipv4).toMatchObject([{ laddr: "::ffff:127.0.0.1", count: network?.[0]?.count }]);
    expect(ipv6).toEqual([]);
    expect(others).toEqual([]);
  });

  test("sockets by owner and namespace, several keys, percentiles, CSV, and keys without room", {
    timeout: 120_000,
  }, async () => {
    const port = await freePort();
    const ofPort = ["-p", `${port}`, "--format", "json"];
    const own = `${statSync("/proc/self/ns/net").ino}`;
    const [mine, others, here, elsewhere, all, csv, text, full] = (await Promise.all(
      [
        [...ofPort, "--uid", "0"],
        [...ofPort, "--uid", "54321"],
        [...ofPort, "--netns", own],
        [...ofPort, "--netns", "1"],
        [...ofPort, "--byconnection"],
        ["-p", `${port}`, "--format", "csv", "-B", "--bylport"],
        ["-p", `${port}`, "--percentiles", "-m"],
        [...ofPort, "--byrport", "--keys", "1"],
      ].map((flags) => startTcprtt(...flags)),
    )) as [
      RunningProcess,
      RunningProcess,
      RunningProcess,
      RunningProcess,
      RunningProcess,
      RunningProcess,
      RunningProcess,
      RunningProcess,
    ];
    const clients: number[] = [];
    for (let i = 0; i < 2; i++) {
      const traffic = await startTraffic(port, { count: 20, listen: "127.0.0.1" });
      clients.push(traffic.client);
      await traffic.askSs();
      await traffic.close();
    }
    const blocks = async (tool: RunningProcess) => blocksOf((await tool.stop()).stdout);
    const [block] = await blocks(mine);
    expect(block?.count).toBeGreaterThanOrEqual(40);
    expect(await blocks(others)).toEqual([]);
    expect(await blocks(here)).toMatchObject([{ count: block?.count }]);
    expect(await blocks(elsewhere)).toEqual([]);
    const both = await blocks(all);
    expect(total(both)).toBe(block?.count);
    const ends = { laddr: "127.0.0.1", raddr: "127.0.0.1", lport: port, netns: Number(own) };
    for (const client of clients) expect(both).toContainEqual(expect.objectContaining({ ...ends, rport: client }));
    const [heading, row, ...more] = (await csv.stop()).stdout.trimEnd().split("\n");
    expect(heading).toBe("TIME,LPORT,RADDR,UNIT,COUNT,MIN,P50,P90,P99,MAX,AVG");
    expect(row).toMatch(
      new RegExp(`^\\d\\d:\\d\\d:\\d\\d,${port},127.0.0.1,usecs,${block?.count},${block?.min},\\d+,\\d+,\\d+,${block?.max},`),
    );
    expect(more).toEqual([]);
    expect((await text.stop()).stdout).toMatch(/^p50 = \d+, p90 = \d+, p99 = \d+, min = \d+, max = \d+ msecs$/m);
    const { stdout, stderr } = await full.stop();
    expect(blocksOf(stdout)).toHaveLength(1);
    // What found no room is said, and with what did it is all.
    const refused = Number(/(\d+) (?:values?|updates?)[^\n]*/.exec(stderr)?.[1]);
    expect(total(blocksOf(stdout)) + refused, stderr).toBe(block?.count);
  });

  test("--cgroup: the socket's own, not that of whoever runs when a packet comes", { timeout: 60_000 }, async ({ skip }) => {
    const root = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].find((each) => existsSync(`${each}/cgroup.controllers`));
    if (root === undefined) return skip("cgroup 2 is not mounted");
    const made = `${root}/tsprobe-rtt-${process.pid}`;
    try {
      mkdirSync(`${made}/below`, { recursive: true });
    } catch (error) {
      return skip(`no cgroup can be made here (${(error as Error).message})`);
    }
    try {
      const port = await freePort();
      const flags = ["--format", "json", "--bylport", "--byrport", "--cgroup", made];
      const [near, far] = [await startTcprtt(...flags, "-P", `${port}`), await startTcprtt(...flags, "-p", `${port}`)];
      const traffic = await startTraffic(port, { count: 20, cgroup: `${made}/below` });
      await traffic.askSs();
      await traffic.close();
      const [client, server] = [blocksOf((await near.stop()).stdout), blocksOf((await far.stop()).stdout)];
      expect(client).toMatchObject([{ lport: traffic.client, rport: port }]);
      expect(client[0]?.count).toBeGreaterThanOrEqual(20);
      expect(server).toEqual([]);
    } finally {
      for (const each of [`${made}/below`, made]) rmdirSync(each);
    }
  });

  test("networks: the smallest that has the peer, and other", { timeout: 60_000 }, async () => {
    const port = await freePort();
    const tool = await startTcprtt("--format", "json", "-p", `${port}`, "--bycidr", "127.0.0.0/8,127.0.1.0/24,127.0.1.7");
    for (const [host, from] of [
      ["127.0.0.1", "127.0.0.1"],
      ["127.0.0.1", "127.0.1.6"],
      ["127.0.0.1", "127.0.1.7"],
      ["::1", "::1"],
    ] as const) {
      const traffic = await startTraffic(port, { count: 10, listen: "::", host, from });
      await traffic.askSs();
      await traffic.close();
    }
    const blocks = blocksOf((await tool.stop()).stdout);
    expect(blocks.map(({ network }) => network).sort()).toEqual(["127.0.0.0/8", "127.0.1.0/24", "127.0.1.7", "other"]);
    for (const { count } of blocks) expect(count).toBeGreaterThanOrEqual(10);
  });

  test.each([
    [["--pid", "1"], "error[TSP1101]: --pid would mislead here\nhint: packets arrive in whichever process is running"],
    [["-c", "true"], "error[TSP1101]: -c would mislead here"],
    [["--comm", "x"], "error[TSP1101]: --comm would mislead here"],
    [["--live", "--per-connection"], "error[TSP1120]: --live and --per-connection exclude each other"],
    [["--min", "--mdev"], "error[TSP1120]: --min and --mdev exclude each other"],
    [["-a", "127.0.0.256"], '"127.0.0.256" is no address and no network'],
    [["-p", "65536"], "65536"],
  ])("refuses %j", { timeout: 30_000 }, async (flags, message) => {
    const { code, stderr } = await tcprtt(...flags).ended;
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describeWhere([...needs, requireTool("script", "bsdutils"), requireTool("taskset", "util-linux")], "tcprtt --live", () => {
  test("lists connections that had packets, and is appended where there is no terminal", { timeout: 60_000 }, async () => {
    const port = await freePort();
    const [text, json] = await Promise.all([
      startTcprtt("-p", `${port}`, "--live", "-i", "0.5"),
      startTcprtt("--format", "json", "-P", `${port}`, "--live", "-i", "0.5", "--busiest"),
    ]);
    const traffic = await startTraffic(port, { count: 300, pause: 10 });
    const known = await traffic.askSs();
    await sleep(1200);
    await traffic.close();
    const [shown, rows] = await Promise.all([text.stop(), json.stop()]);
    expect(shown.stdout).not.toContain("\x1b");
    expect(shown.stdout).toMatch(
      new RegExp(`^127.0.0.1:${port} +127.0.0.1:${traffic.client} +\\d+ +\\d+ +\\d+ +\\d+ +\\d+$`, "m"),
    );
    const events = blocksOf(rows.stdout) as unknown as { packets: number; lport: number; minUs: number }[];
    expect(events.length).toBeGreaterThan(2);
    expect(new Set(events.map(({ lport }) => lport))).toEqual(new Set([traffic.client]));
    // All packets but those at the end: when a connection closes it is forgotten.
    expect(events.reduce((sum, { packets }) => sum + packets, 0)).toBeGreaterThanOrEqual(300);
    expect(events.at(-1)?.minUs).toBeLessThanOrEqual(known.min);
    expect(events.at(-2)?.minUs).toBeGreaterThanOrEqual(known.min);
  });

  test("counts each connection by itself where sockets come to the places of others", { timeout: 90_000 }, async () => {
    const port = await freePort();
    // Both ends of each connection: mostly one gets the place that the other had before.
    const tool = await startTcprtt("-a", "127.0.0.1", "--top", "1000", "--live", "-i", "0.5", "--format", "json");
    const asked = await resetConnections(port, 700, [50, 60, 80, 200, 90, 300]);
    const events = blocksOf((await tool.stop()).stdout) as unknown as Record<"packets" | "lport" | "rport" | "avgUs", number>[];
    for (const { avgUs } of events) expect(avgUs).toBeGreaterThanOrEqual(0);
    const packetsOf = (from: number, to: number) =>
      events.filter(({ lport, rport }) => lport === from && rport === to).reduce((sum, { packets }) => sum + packets, 0);
    for (const { client, asked: count } of asked)
      for (const packets of [packetsOf(client, port), packetsOf(port, client)]) {
        expect(packets).toBeGreaterThanOrEqual(count);
        // Beside one for each question or answer: those that only acknowledge, the last answer and what was slow.
        expect(packets).toBeLessThan(count * 1.2);
      }
  });

  test("takes the terminal's other screen, and gives the first one back", { timeout: 60_000 }, async () => {
    const port = await freePort();
    const [command, ...args] = tcprtt.command("-p", `${port}`, "--live", "-d", "2");
    const line = [command, ...args].map((word) => `'${word}'`).join(" ");
    const terminal = new RunningProcess(withTracefs(["script", "-qec", line, "/dev/null"]), { TERM: "xterm" });
    const { stdout } = await terminal.ended;
    const [enter, leave] = ["\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"].map((code) => stdout.indexOf(code)) as [
      number,
      number,
    ];
    expect(enter).toBeGreaterThanOrEqual(0);
    expect(stdout.slice(enter)).toContain("\x1b[H\x1b[J");
    expect(leave).toBeGreaterThan(enter);
    expect(stdout.slice(leave)).toContain("LOCAL ");
  });
});
