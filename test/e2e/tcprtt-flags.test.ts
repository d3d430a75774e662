import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "./harness/free-port.js";
import type { Ended, RunningProcess } from "./harness/process.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs, tsprobeEntry } from "./harness/requirements.js";
import { blocksOf, startTcprtt, startTraffic, tcprtt } from "./tcprtt-harness.js";

interface Row {
  readonly original: "libbpf-tools" | "bcc";
  readonly option: string;
  readonly ours: string;
  readonly accepted: boolean;
  readonly effective: boolean;
  readonly output: "equal" | "differs" | "none";
  readonly why?: string;
}

const table = JSON.parse(readFileSync(new URL("../parity-flags/tcprtt.json", import.meta.url), "utf8")) as readonly Row[];
const keyOf = ({ original, option }: Row) => `${original} ${option}`;

/** What a run with some flags beside the traffic's port showed. */
interface Exercise {
  /** Given with the short names for the rows of libbpf-tools, with the long ones for those of BCC. */
  readonly flags: readonly (readonly [name: string, value?: string])[];
  readonly check: (shown: Ended, plain: Ended, port: number) => void;
}

const ALL = /^All Addresses = \*{6} $/m;
const HEADING = "     usecs               : count    distribution";
const ROW = /^ +\d+ -> \d+ +: \d+ +\|\*{0,40} *\|$/;
const countsIn = (text: string) => [...text.matchAll(/^ +\d+ -> \d+ +: (\d+)/gm)].map((match) => Number(match[1]));
const total = (text: string) => countsIn(text).reduce((sum, count) => sum + count, 0);

/** A summary whose histogram has all packets, under a line of its own. */
function expectHistogram({ stdout }: Ended, title: RegExp, packets: number, heading = HEADING): void {
  const lines = stdout.split("\n");
  expect(lines[0]).toBe("Tracing TCP RTT... Hit Ctrl-C to end.");
  expect(lines[1]).toBe("");
  expect(lines[2]).toMatch(title);
  expect(lines[3]).toBe(heading);
  for (const line of lines.slice(4, -1)) expect(line).toMatch(ROW);
  expect(total(stdout)).toBe(packets);
}

const nothing = ({ stdout }: Ended) => expect(stdout).toBe("Tracing TCP RTT... Hit Ctrl-C to end.\n\n");
const shows = (title: RegExp) => (shown: Ended, plain: Ended) => expectHistogram(shown, title, total(plain.stdout));

/** By the option's long name of ours. */
const EXERCISES: Readonly<Record<string, Exercise>> = {
  interval: {
    flags: [
      ["-i", "1"],
      ["-d", "3"],
    ],
    check: ({ stdout }) => {
      // A heading, and one empty line before each of three summaries.
      expect(stdout).toMatch(/^Tracing TCP RTT for 3 secs\.\n/);
      expect(stdout.split("\n").filter((line) => line === "")).toHaveLength(4);
      expect(total(stdout)).toBeGreaterThan(0);
    },
  },
  duration: {
    flags: [["-d", "3"]],
    check: ({ stdout, code }) => {
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Tracing TCP RTT for 3 secs\.\n\n/);
      expect(stdout).toMatch(ALL);
    },
  },
  timestamp: {
    flags: [["-T"]],
    check: ({ stdout }) => expect(stdout).toMatch(/^Tracing.*\n\n\d\d:\d\d:\d\d\nAll Addresses = \*{6} \n {5}usecs/),
  },
  milliseconds: {
    flags: [["-m"]],
    check: (shown, plain) => expectHistogram(shown, ALL, total(plain.stdout), "     msecs               : count    distribution"),
  },
  lport: { flags: [], check: shows(ALL) },
  rport: { flags: [["-P", "1"]], check: nothing },
  laddr: { flags: [["-a", "127.0.0.1"]], check: shows(ALL) },
  raddr: { flags: [["-A", "127.0.0.2"]], check: nothing },
  byladdr: { flags: [["-b"]], check: shows(/^Local Address = 127\.0\.0\.1 $/) },
  byraddr: { flags: [["-B"]], check: shows(/^Remote Address = 127\.0\.0\.1 $/) },
  extension: { flags: [["-e"]], check: shows(/^All Addresses = \*{6} \[AVG \d+\]$/) },
  verbose: {
    flags: [["-v"]],
    check: ({ stderr }) =>
      expect(stderr).toMatch(/uses (fentry:tcp_rcv_established|kprobe:tcp_rcv_established|rawTracepoint:tcp_probe)/),
  },
  ipv4: { flags: [["-4"]], check: shows(ALL) },
  ipv6: { flags: [["-6"]], check: nothing },
};

const LONG: Readonly<Record<string, string>> = {
  "-i": "--interval",
  "-d": "--duration",
  "-T": "--timestamp",
  "-m": "--milliseconds",
  "-p": "--lport",
  "-P": "--rport",
  "-a": "--laddr",
  "-A": "--raddr",
  "-b": "--byladdr",
  "-B": "--byraddr",
  "-e": "--extension",
  "-v": "--verbose",
  "-4": "--ipv4",
  "-6": "--ipv6",
};

/** Those that are no run beside traffic. */
const OTHERS: Readonly<Record<string, () => void | Promise<void>>> = {
  "bcc -D, --debug": () => showsC("-D"),
  "bcc --ebpf": () => showsC("--ebpf"),
};

async function isRefused(flag: string): Promise<void> {
  const { code, stderr } = await tcprtt(flag).ended;
  expect(code).toBe(2);
  expect(stderr).toContain(`the script has no flag ${flag}`);
}

async function showsC(flag: string): Promise<void> {
  await isRefused(flag);
  const probe = new URL("../../probes/tcprtt.ts", import.meta.url).pathname;
  expect(execFileSync(process.execPath, [tsprobeEntry, "show", "c", probe], { encoding: "utf8" })).toContain("srtt_us");
}

const longName = ({ ours }: Row) => /--([a-z0-9]+)/.exec(ours)?.[1]?.replace(/^millisecond$/, "milliseconds") ?? "";

function flagsOf({ original, option }: Row, { flags }: Exercise): string[] {
  return flags.flatMap(([name, value]) => {
    // The name that the row is about.
    const long = option.includes(name) ? (/--[a-z0-9]+/.exec(option)?.[0] ?? LONG[name]) : LONG[name];
    return [original === "bcc" ? (long as string) : name, ...(value === undefined ? [] : [value])];
  });
}

const needs = [requireRoot, requireTracefs, requireBuild, requireTool("ss", "iproute2")];

test("help names what the table says is ours", { timeout: 30_000 }, async () => {
  const { stdout, code } = await tcprtt("--help").ended;
  expect(code).toBe(0);
  for (const { ours } of table.filter((row) => !/verbose|show/.test(row.ours)))
    for (const name of ours.split(", ")) expect(stdout).toMatch(new RegExp(`(^|[ ,])${name}[ ,\\n]`, "m"));
  expect(stdout).toContain("Examples");
});

test("every row of the table has an exercise, and every exercise a row", () => {
  const keys = table.map(keyOf);
  expect(new Set(keys).size).toBe(keys.length);
  expect(table.filter((row) => OTHERS[keyOf(row)] === undefined && EXERCISES[longName(row)] === undefined).map(keyOf)).toEqual(
    [],
  );
  expect(Object.keys(OTHERS).filter((key) => !keys.includes(key))).toEqual([]);
  expect(Object.keys(EXERCISES).filter((name) => table.every((row) => longName(row) !== name))).toEqual([]);
  // What differs, or is not taken, says why.
  expect(table.filter(({ accepted, output, why }) => (!accepted || output !== "equal") && why === undefined).map(keyOf)).toEqual(
    [],
  );
});

describeWhere(needs, "tcprtt's flags, on one connection", () => {
  const shown = new Map<string, Ended>();
  let plain: Ended;
  let port = 0;

  beforeAll(async () => {
    port = await freePort();
    const json = await startTcprtt("--format", "json", "-p", `${port}`);
    const text = await startTcprtt("-p", `${port}`);
    const runs = table.flatMap((row) => {
      const exercise = OTHERS[keyOf(row)] === undefined ? EXERCISES[longName(row)] : undefined;
      if (exercise === undefined) return [];
      const flags = [row.original === "bcc" ? "--lport" : "-p", `${port}`, ...flagsOf(row, exercise)];
      return [{ row, flags, endsItself: flags.some((flag) => flag === "-d" || flag === "--duration") }];
    });
    const tools: { readonly row: Row; readonly tool: RunningProcess }[] = [];
    // One after the other: all at once would take a small machine longer.
    for (const { row, flags } of runs.filter(({ endsItself }) => !endsItself))
      tools.push({ row, tool: await startTcprtt(...flags) });
    // Long enough for those that end by themselves to begin and end meanwhile.
    const started = startTraffic(port, { count: 5000, pause: 5 }, () => {});
    const timed = runs.filter(({ endsItself }) => endsItself);
    await Promise.all(timed.map(async ({ row, flags }) => shown.set(keyOf(row), await (await startTcprtt(...flags)).ended)));
    const traffic = await started;
    await traffic.askSs();
    await traffic.close();
    for (const { row, tool } of tools) shown.set(keyOf(row), await tool.stop());
    plain = await text.stop();
    const [block] = blocksOf((await json.stop()).stdout);
    // The text has what JSON has.
    expect(total(plain.stdout)).toBe(block?.count);
    expect(block?.count).toBeGreaterThanOrEqual(100);
  }, 400_000);

  afterAll(() => {
    shown.clear();
  });

  for (const row of table) {
    const other = OTHERS[keyOf(row)];
    const exercise = EXERCISES[longName(row)];
    test(`${keyOf(row)}: ${row.ours}`, { timeout: 60_000 }, async () => {
      if (other !== undefined) return await other();
      const found = shown.get(keyOf(row));
      expect(found?.stderr).toMatch(/^attached/m);
      exercise?.check(found as Ended, plain, port);
    });
  }
});
