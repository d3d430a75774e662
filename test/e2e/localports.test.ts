import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CProgram, compileC } from "../fixtures/c-program.js";
import { RunningProcess, withTracefs } from "./harness/process.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs, tsprobeEntry } from "./harness/requirements.js";

const needs = [
  requireRoot,
  requireTracefs,
  requireBuild,
  requireTool("gcc"),
  requireTool("ss", "iproute2"),
  requireTool("nsenter", "util-linux"),
];
const pathOf = (name: string): string => new URL(name, import.meta.url).pathname;
const probe = pathOf("../../probes/localports.ts");

/** What port-steps.mjs prints. */
interface Line {
  readonly step: string;
  readonly what: string;
  readonly equal: boolean;
  readonly opened: number;
  readonly error: number;
  readonly ss: { readonly inUse: number; readonly states: Readonly<Record<string, number>> };
  readonly reading: {
    readonly inUse: number;
    readonly available: number;
    readonly even: number;
    readonly odd: number;
    readonly size: number;
  };
  readonly bytes: number;
  readonly procBytes: number;
  readonly words: string;
  readonly others: readonly {
    readonly type: string;
    readonly name?: string;
    readonly data: Readonly<Record<string, unknown>>;
    readonly lost?: number;
  }[];
  readonly noPort: number;
  readonly noPortBy: readonly { readonly owner: string; readonly count: number }[];
}

describeWhere(needs, "localports", () => {
  let program: CProgram;
  beforeAll(() => {
    program = compileC(readFileSync(pathOf("workload/ports.c"), "utf8"), { name: "ports" });
  });
  afterAll(() => program?.remove());

  /** Plays the steps. @returns what was printed, after each comparison with ss has been found equal */
  async function play(
    plan: object,
  ): Promise<{ readonly lines: readonly Line[]; readonly end: Line; compared(what: string): Line }> {
    const steps = [process.execPath, pathOf("workload/port-steps.mjs"), tsprobeEntry, probe, program.path, JSON.stringify(plan)];
    const { stdout, stderr, code } = await new RunningProcess(withTracefs(steps)).ended;
    expect(code, stdout + stderr).toBe(0);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
    const compared = lines.filter(({ step }) => step === "compare");
    for (const { what, equal, ss, reading } of compared) expect(equal, `${what}: ${JSON.stringify({ ss, reading })}`).toBe(true);
    const end = lines.at(-1) as Line;
    return { lines, end, compared: (what) => compared.find((line) => line.what === what) as Line };
  }

  const rowsOf = (end: Line, name: string) => end.others.filter((record) => record.name === name).map(({ data }) => data);

  test("30,000 connections: what ss says at each step, at a cost that does not grow", { timeout: 300_000 }, async () => {
    const { lines, end, compared } = await play({
      range: "1024 65535",
      steps: [
        ["listen", 800],
        ["open", 1000, 800],
        ["compare", "1,000"],
        ["measure", 20],
        ["open", 4000, 800],
        ["compare", "5,000"],
        ["open", 5000, 800],
        ["compare", "10,000"],
        ["open", 20_000, 800],
        ["compare", "30,000"],
        ["measure", 20],
        ["close", 20_000],
        ["compare", "waiting"],
        ["abort", 10_000],
        ["compare", "reset"],
      ],
    });
    expect(compared("30,000").ss.states).toEqual({ ESTABLISHED: 30_000 });
    expect(compared("waiting").ss.states).toEqual({ ESTABLISHED: 10_000, TIME_WAIT: 20_000 });
    expect(compared("reset").ss.states).toEqual({ TIME_WAIT: 20_000 });
    const [few, many] = lines.filter(({ step }) => step === "measure");
    // What a reading has to read, rather than how long it takes: a machine that is busy with something else has no say in it.
    expect(many?.procBytes).toBeGreaterThan(20 * (few?.procBytes as number));
    expect(many?.bytes).toBeLessThan(2 * (few?.bytes as number));
    expect(many?.bytes).toBeLessThan((many?.procBytes as number) / 1000);
    expect(end.others.at(-1)).toMatchObject({ type: "summary", lost: 0 });
  });

  test("1,000 ports: warnings at the very counts, the halves, and who found no port", { timeout: 120_000 }, async () => {
    const { lines, end, compared } = await play({
      range: "20000 20999",
      steps: [
        ["listen", 8080],
        ["open", 399, 8080],
        ["compare", "399"],
        ["open", 101, 8080],
        ["compare", "half"],
        ["open", 501, 8080],
        ["compare", "all"],
        ["abort", 560],
        ["compare", "below"],
        ["open", 560, 8080],
        ["compare", "again"],
      ],
    });
    const { netns } = compared("all").reading as unknown as { netns: number };
    expect(compared("half").reading).toMatchObject({ inUse: 500, even: 500, odd: 0, available: 500 });
    expect(compared("all").reading).toMatchObject({ inUse: 1000, even: 500, odd: 500, available: 0, size: 1000 });
    // EADDRNOTAVAIL is 99.
    expect(lines.filter(({ step }) => step === "open").map(({ opened, error }) => [opened, error])).toEqual([
      [399, 0],
      [101, 0],
      [500, 99],
      [560, 0],
    ]);
    expect([end.noPort, end.noPortBy]).toEqual([1, [{ owner: expect.stringMatching(/^ports \d+$/), count: 1 }]]);
    // 440 are left in between: the share fell below 50 - 5 %, not below 40 - 5 %.
    const counts = [400, 500, 900, 500, 900];
    expect(rowsOf(end, "warnings")).toEqual(
      [40, 50, 90, 50, 90].map((percent, i) => expect.objectContaining({ netns, percent, inUse: counts[i], size: 1000 })),
    );
    expect(end.words.match(/^warning: .*$/gm)).toEqual(
      [40, 50, 90, 50, 90].map(
        (percent, i) => `warning: ${percent} % of the local ports are in use: ${counts[i]} of 1000, namespace ${netns}`,
      ),
    );
  });

  test("a second destination has all ports again", { timeout: 120_000 }, async () => {
    const { lines, end, compared } = await play({
      range: "20000 20999",
      args: ["--destinations", "3", "--owners", "1", "--warn", "50"],
      steps: [
        ["listen", 8080],
        ["also", 8081],
        ["open", 1001, 8080],
        ["open", 1001, 8081],
        ["compare", "both"],
      ],
    });
    expect(lines.filter(({ step }) => step === "open").map(({ opened, error }) => [opened, error])).toEqual([
      [1000, 99],
      [1000, 99],
    ]);
    expect(compared("both").reading).toMatchObject({ inUse: 1000, states: { ESTABLISHED: 2000 } });
    expect(rowsOf(end, "destinations").slice(-2)).toEqual(
      [8080, 8081].map((rport) =>
        expect.objectContaining({ laddr: "127.0.0.1", raddr: "127.0.0.1", rport, inUse: 1000, percent: 100 }),
      ),
    );
    expect(rowsOf(end, "owners").at(-1)).toMatchObject({ owner: expect.stringMatching(/^ports \d+$/), inUse: 2000 });
    const destinations = rowsOf(end, "warnings").map(({ destination, inUse }) => [
      (destination as { rport?: number })?.rport,
      inUse,
    ]);
    expect(destinations).toEqual([
      [undefined, 500],
      [8080, 500],
      [8081, 500],
    ]);
  });

  test("what was there before, listening sockets, connects without an answer", { timeout: 120_000 }, async () => {
    const { end, compared } = await play({
      range: "20000 20999",
      args: ["--owners", "1", "--warn", "10"],
      steps: [
        ["listen", 20_500],
        ["open", 200, 20_500],
        ["close", 50],
        ["shut", 10],
        ["trace"],
        ["compare", "seeded"],
        ["close", 40],
        ["compare", "followed"],
        ["also", 20_501],
        ["open", 10, 20_500],
        ["try", 21, 81],
        ["compare", "unanswered"],
      ],
    });
    // Accepted sockets have the port of the listening one; 10 of them are in CLOSE_WAIT.
    expect(compared("seeded").ss).toMatchObject({
      inUse: 201,
      states: { CLOSE_WAIT: 10, ESTABLISHED: 280, FIN_WAIT2: 10, LISTEN: 1, TIME_WAIT: 50 },
    });
    expect(compared("unanswered").ss.states).toMatchObject({ SYN_SENT: 20, LISTEN: 2 });
    // Of what was above the threshold at the start it says so once.
    expect(rowsOf(end, "warnings")).toEqual([expect.objectContaining({ percent: 10, inUse: 201 })]);
    expect(rowsOf(end, "owners")[0]).toMatchObject({ owner: expect.stringMatching(/^ports \d+$/) });
  });

  // An IPv6 socket can connect to an IPv4 one, and shows the addresses in its own form; both ends have their ports from the same range.
  for (const addresses of [
    ["::1", "::1"],
    ["127.0.0.1", "::ffff:127.0.0.1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::", "127.0.0.1"],
  ] as const)
    test(`listening at ${addresses[0]}, connected to ${addresses[1]}`, { timeout: 120_000 }, async () => {
      const { lines, end, compared } = await play({
        range: "20000 20499",
        addresses,
        args: ["--destinations", "1", "--warn", "50"],
        steps: [
          // On loopback the kernel else takes ports out of TIME_WAIT after a second.
          ["sysctl", "net.ipv4.tcp_tw_reuse=0"],
          ["listen", 8080],
          ["open", 100, 8080],
          ["close", 20],
          ["trace"],
          ["compare", "seeded"],
          ["open", 200, 8080],
          ["compare", "opened"],
          ["close", 40],
          ["compare", "waiting"],
          ["shut", 10],
          ["compare", "half-closed"],
          ["abort", 30],
          ["compare", "reset"],
          ["open", 500, 8080],
          ["compare", "all"],
        ],
      });
      const waits = { TIME_WAIT: 60 };
      expect(compared("seeded").ss).toMatchObject({ inUse: 100, states: { ESTABLISHED: 80, TIME_WAIT: 20 } });
      expect(compared("opened").ss).toMatchObject({ inUse: 300, states: { ESTABLISHED: 280, TIME_WAIT: 20 } });
      expect(compared("waiting").ss.states).toEqual({ ESTABLISHED: 240, ...waits });
      expect(compared("half-closed").ss.states).toEqual({ ESTABLISHED: 230, FIN_WAIT2: 10, ...waits });
      expect(compared("reset").ss.states).toEqual({ ESTABLISHED: 200, FIN_WAIT2: 10, ...waits });
      expect(lines.filter(({ step }) => step === "open").at(-1)).toMatchObject({ opened: 230, error: 99 });
      expect(compared("all").reading).toMatchObject({ inUse: 500, available: 0, even: 250, odd: 250 });
      expect(end.noPort).toBe(1);
      expect(rowsOf(end, "warnings").filter(({ destination }) => destination === undefined)).toMatchObject([{ inUse: 250 }]);
      expect(rowsOf(end, "destinations").at(-1)).toMatchObject({ raddr: addresses[1], rport: 8080, inUse: 500, percent: 100 });
    });

  test("listening sockets that share a port, each one counted", { timeout: 120_000 }, async () => {
    const { compared } = await play({
      range: "20000 20999",
      steps: [
        ["listen", 8080],
        ["share", 3, 20_100],
        ["trace"],
        ["compare", "seeded"],
        ["share", 3, 20_200],
        ["compare", "two ports"],
        ["end", 1],
        ["compare", "one less"],
        // They end without having listened: nothing of those that listen there is over.
        ["bound", 3, 20_200],
        ["compare", "bound ones are gone"],
        ["end", 1],
        ["compare", "the last of the port"],
        ["end", 1],
        ["compare", "those that were there before"],
        ["end", 2],
        ["compare", "one of them"],
        ["end", 1],
        ["compare", "none"],
      ],
    });
    const shown = (what: string) => compared(what).reading as unknown as { inUse: number; states: Record<string, number> };
    expect(shown("seeded")).toMatchObject({ inUse: 1, states: { LISTEN: 3 } });
    expect(shown("two ports")).toMatchObject({ inUse: 2, states: { LISTEN: 6 } });
    expect(shown("bound ones are gone")).toMatchObject({ inUse: 2, states: { LISTEN: 5 } });
    expect(shown("one of them")).toMatchObject({ inUse: 1, states: { LISTEN: 1 } });
    expect(shown("none")).toMatchObject({ inUse: 0, states: {} });
  });

  test("listen() without bind, of a socket that was connected before", { timeout: 120_000 }, async () => {
    const { compared } = await play({
      range: "20000 20999",
      steps: [
        ["listen", 8080],
        ["again", 0, 81],
        ["compare", "refused"],
        ["again", 1, 8080],
        ["compare", "disconnected"],
        ["end", 2],
        ["compare", "closed"],
      ],
    });
    expect(compared("refused").ss).toMatchObject({ inUse: 1, states: { LISTEN: 1 } });
    expect(compared("disconnected").ss).toMatchObject({ inUse: 2, states: { LISTEN: 2 } });
    expect(compared("closed").ss.inUse).toBe(0);
  });

  test("a connect that is given up had its port", { timeout: 120_000 }, async () => {
    const { end } = await play({
      range: "20000 20999",
      steps: [
        ["listen", 8080],
        ["try", 1, 81],
        ["cancel", 5000, 81],
        ["cancel", 20_500, 81],
        ["cancel", 0, 81],
        ["compare", "cancelled"],
      ],
    });
    expect([end.noPort, end.noPortBy]).toEqual([0, []]);
  });

  test("after losses the sockets are read anew", { timeout: 120_000 }, async () => {
    const { end } = await play({
      range: "20000 29999",
      args: ["--ring-size", "4096"],
      steps: [
        ["listen", 800],
        ["open", 3000, 800],
        ["pause", 2],
        ["compare", "opened"],
        ["close", 2000],
        ["pause", 2],
        ["compare", "closed"],
      ],
    });
    expect(end.words).toMatch(/\d+ events were lost: the sockets have been read anew/);
  });

  describe("the command", () => {
    const run = (...args: string[]) =>
      new RunningProcess(withTracefs([process.execPath, tsprobeEntry, "run", probe, ...args]), { NO_COLOR: "1" }).ended;

    test("--once ends after a reading", { timeout: 60_000 }, async () => {
      const { stdout, code } = await run("--once", "--no-check");
      const [low, high] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
      expect(code).toBe(0);
      const [heading, ...lines] = stdout.trimEnd().split("\n");
      expect(heading?.trim().split(/\s+/).slice(0, 5)).toEqual(["NETNS", "PORTS", "USED", "FREE", "USE%"]);
      const [, size, used, free] = (lines[0] as string).trim().split(/\s+/).map(Number);
      expect((used as number) + (free as number)).toBe(size);
      expect(size).toBeLessThanOrEqual((high as number) - (low as number) + 1);
    });

    test.each([
      ["csv", /^NETNS,PORTS,[^\n]+\n$/],
      ["table", /^ *NETNS +PORTS [^\n]+\n$/],
    ])("a run without a reading has a heading and no more: %s", { timeout: 60_000 }, async (format, heading) => {
      const { stdout, code } = await run("--for", "0.3s", "--interval", "60", "--format", format, "--no-check");
      expect([stdout, code]).toEqual([expect.stringMatching(heading), 0]);
    });

    test("--help has the flags and examples", { timeout: 60_000 }, async () => {
      const { stdout, code } = await run("--help");
      expect(code).toBe(0);
      for (const text of [
        "--destinations <n>",
        "--owners <n>",
        "--warn <list>",
        "--once",
        "--netns <name>",
        "--interval <s>",
        "--warn 25,50,75",
      ])
        expect(stdout).toContain(text);
    });
  });
});
