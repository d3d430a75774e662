import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CliFolder } from "./harness/cli-folder.js";
import { RunningProcess, withTracefs } from "./harness/process.js";
import { readJsonLines } from "./harness/read-json.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";

/** A number that no system call has, and no other test takes. */
const NUMBER = 9_000_000n + BigInt(process.pid % 1_000_000);
const CALLER = fileURLToPath(new URL("./workload/caller.mjs", import.meta.url));

let folder: CliFolder;
const children: RunningProcess[] = [];
beforeEach(() => {
  folder = new CliFolder();
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.stop()));
  folder.dispose();
});

/** Starts a script whose handler sees our calls, with `i` that counts from 0, and `j` that is given. */
async function start(host: string, handler: string, ...flags: string[]): Promise<RunningProcess> {
  const source = `import * as t from "tsprobe";
import { tracepoint } from "tsprobe";
${host}
tracepoint("raw_syscalls:sys_enter", (ctx) => {
  if (ctx.id !== ${NUMBER}n) return;
  const i = ctx.args[0], j = ctx.args[1];
${handler}
});
`;
  const child = folder.start(["run", folder.write("script.ts", source), ...flags]);
  children.push(child);
  await child.until(() => /^attached/m.test(child.stderr), "the script to attach");
  return child;
}

async function call(count: number, second = 0): Promise<void> {
  const child = spawn(process.execPath, [CALLER, String(NUMBER), String(count), String(second)], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin.end("go\n");
  const [code] = (await once(child, "exit")) as [number | null];
  expect(code).toBe(0);
}

/** The bars of a histogram, as printed. */
const barsOf = (text: string) => text.split("\n").filter((line) => /^[[(].*\|[@ ]{52}\|$/.test(line));

describeWhere([requireRoot, requireTracefs, requireBuild, requireTool("bpftrace")], "beside bpftrace", () => {
  test("histograms of the same data are the same, line by line", async () => {
    const program = `BEGIN { printf("ready\\n"); }
tracepoint:raw_syscalls:sys_enter / args->id == ${NUMBER} / {
  @log = hist(args->args[0] * args->args[0]); @low = hist((int64)args->args[0] - 5); @steps = lhist(args->args[0], 0, 3000, 250);
}`;
    const bpftrace = new RunningProcess(withTracefs(["stdbuf", "-oL", "bpftrace", "-e", program]));
    children.push(bpftrace);
    await bpftrace.until(() => /^ready$/m.test(bpftrace.stdout), "bpftrace to attach");
    const ours = await start(
      "const log = t.hist();\nconst low = t.hist();\nconst steps = t.linearHist({ min: 0, max: 3000, step: 250 });",
      "  log.add(i * i);\n  low.add(i - 5n);\n  steps.add(i);",
    );
    await call(3100);
    const [theirs, own] = [await bpftrace.stop(), await ours.stop()];
    const theirBars = barsOf(theirs.stdout);
    expect(theirBars.length).toBeGreaterThan(40);
    expect(barsOf(own.stdout)).toEqual(theirBars);
    expect(own.stdout).toMatch(/^log:$/m);
    expect(own.stdout).toMatch(/^count 3100, [\d.]+\/s, avg 3201783\.5, min 0, p50 \d+, p90 \d+, p99 \d+, max 9603801$/m);
  }, 60_000);
});

describeWhere([requireRoot, requireTracefs, requireBuild], "state at the end of a run", () => {
  const HOST = `const calls = t.count().by({ last: "u8" });
const all = t.stats({ unit: "ns" });
const sent = t.hash({ key: "u32", value: "u64" });
const memory = t.lruHash({ key: "u32", value: "u64" });
const looked = t.count();
const nothing = t.max();
const own = t.count({ shown: false });`;
  const HANDLER = `  calls.add({ last: Number(i & 3n) });
  all.add(i);
  sent.add(Number(i & 1n), i);
  memory.set(1, (memory.get(1) ?? 0n) + 1n);
  looked.add();
  own.add();`;
  const READ = "t.onExit(() => { console.log('looked at', looked.read(), memory.get(1)); });\n";

  test("what nobody has read is shown: aggregations, and maps that handlers only write", async () => {
    const script = await start(`${HOST}\n${READ}`, `${HANDLER}\n  if (i > 1_000_000n) nothing.add(i);`);
    await call(103);
    const { stdout, code } = await script.stop();
    expect(stdout).toMatch(
      /^looked at 103 103n\ncalls in [\d.]+ s\nLAST COUNT +PER_S\n {3}[012] {4}26 +[\d.]+\n {3}[012] {4}26 +[\d.]+\n {3}[012] {4}26 +[\d.]+\n {3}3 {4}25 +[\d.]+\nall \(ns\): count 103, [\d.]+\/s, avg 51, min 0, max 102, sum 5253\nsent\nKEY VALUE\n {2}0 {2}2652\n {2}1 {2}2601\nnothing: -\n$/,
    );
    expect(code).toBe(130);
  });

  test("as JSON", async () => {
    const script = await start(
      `const latency = t.hist({ unit: "us" }).by({ who: "u8", at: ["u8", "bool"] });\nconst sent = t.hash({ key: "u32", value: { n: "u64" } });`,
      "  latency.add({ who: 1, at: [2, true] }, i);\n  sent.add(7, { n: 18446744073709551615n });",
      "--format",
      "json",
    );
    await call(5);
    const { stdout } = await script.stop();
    const [first, second, summary] = readJsonLines(stdout);
    expect(first).toEqual({
      type: "hist",
      name: "latency",
      unit: "us",
      key: { who: 1, at: [2, true] },
      seconds: expect.any(Number),
      count: 5,
      per_s: expect.any(Number),
      avg: 2,
      min: 0,
      p50: 2,
      p90: 4,
      p99: 4,
      max: 4,
      sum: 10,
      buckets: [
        { from: 0, to: 1, count: 1 },
        { from: 1, to: 2, count: 1 },
        { from: 2, to: 4, count: 2 },
        { from: 4, to: 8, count: 1 },
      ],
    });
    expect(stdout).toContain('{"type":"map","name":"sent","key":7,"value":{"n":18446744073709551611}}');
    expect([(second as { type: string }).type, (summary as { type: string }).type]).toEqual(["map", "summary"]);
  });

  test("as CSV", async () => {
    const script = await start(
      `const calls = t.count().by(["u8", "str8"]);\nconst lengths = t.linearHist({ min: 0, max: 4, step: 2 });`,
      `  calls.add([Number(i & 1n), "a,b"]);\n  lengths.add(i);`,
      "--format",
      "csv",
    );
    await call(5);
    const { stdout } = await script.stop();
    expect(stdout).toMatch(
      /^name,key0,key1,count,per_s\ncalls,0,"a,b",3,[\d.]+\ncalls,1,"a,b",2,[\d.]+\nname,from,to,count\nlengths,0,2,2\nlengths,2,4,2\nlengths,4,,1\n$/,
    );
  });

  test("print in an interval, with a reset: the parts add up", async () => {
    const script = await start(
      `const calls = t.count();\nconst by = t.sum().by("u8");\nt.every("100ms", async () => { await t.print(calls, { reset: true }); await t.print(by, { top: 1 }); });`,
      "  calls.add();\n  by.add(Number(i & 3n), i);",
    );
    await call(400);
    const counts = () => [...script.stdout.matchAll(/^calls: (\d+) /gm)].map(([, count]) => Number(count));
    const total = () => counts().reduce((sum, count) => sum + count, 0);
    await script.until(() => total() >= 400 && /^ {2}3 20100$/m.test(script.stdout), "all calls to be printed");
    const { stdout } = await script.stop();
    expect(total()).toBe(400);
    expect(stdout).toMatch(/^by in [\d.]+ s\nKEY {3}SUM\n {2}3 20100$/m);
    // One row each time: the largest at that moment. A slow machine's first sums are short, and so are their columns.
    expect(stdout.match(/^ *\d +\d+$/gm)?.length).toBe(stdout.match(/^KEY +SUM$/gm)?.length);
  });

  test("what did not fit is counted and shown, with its place", async () => {
    const script = await start(
      `const few = t.hash({ key: "u64", value: "u32", max: 8 });
const kinds = t.count().by("u64", { max: 4 });
const open = t.stash({ key: "u64", max: 512 });
const cells = t.array({ value: "u32", length: 5 });`,
      "  few.incr(i);\n  kinds.add(i);\n  open.put(i);\n  open.put(1_000_000n + i);\n  open.put(1_000_000n + i);\n  cells.incr(Number(i));",
    );
    await call(1000);
    const { stderr, stdout } = await script.stop();
    expect(stderr).toContain('992 updates of map "few" failed at script.ts:10:3: it was full\n');
    expect(stderr).toContain('996 updates of map "kinds" failed at script.ts:11:3: it was full\n');
    expect(stderr).toMatch(/^\d+ records of stash "open" never ended: the same key was put again at script\.ts:14:3$/m);
    expect(stderr).toMatch(/^\d+ records of stash "open" \(script\.ts:12:3\) never ended: dropped to make room$/m);
    expect(stderr).toContain('995 runs of "cells" ended early at script.ts:15:14: an index or a shift count was out of range\n');
    expect(stdout.match(/^kinds in [\d.]+ s\nKEY COUNT PER_S\n((?: +\d+ +1 +[\d.]+\n){4})/m)).not.toBeNull();
  });
});

describeWhere([requireRoot, requireTracefs, requireBuild], "the host part of a script", () => {
  test("sets and deletes keys that handlers look up", async () => {
    const script = await start(
      `const wanted = t.hash({ key: ["u64", "bool"], value: "bool" });
wanted.set([3n, true], true);
const seen = t.event({ n: "u64" });
seen.on(({ n }) => {
  console.log("seen", n, wanted.size, wanted.get([n, true]), wanted.delete([n, true]), wanted.has([n, true]));
  wanted.set([n + 1n, true], false);
});
const peers = t.hash({ key: "ip", value: { port: "u16", name: "comm", at: "s64" } });
peers.set("fe80::1", { port: 80, name: "a name that is too long", at: -5n });
peers.set("::ffff:1.2.3.4", { port: 81, name: "b", at: 6n });
t.onExit(() => {
  const [a, b] = [peers.get("fe80:0::1"), peers.get("::ffff:1.2.3.4")];
  console.log(a?.port, a?.name, a?.at, b?.port, peers.get("1.2.3.4"), peers.size);
});`,
      "  if (wanted.has([i, true])) seen.emit({ n: i });\n  if (i === 1_000_000n) peers.delete(t.ip(t.kptr('in6_addr', i).in6_u.u6_addr8));",
    );
    await call(5);
    await script.until(() => script.stdout.includes("seen"), "the first event");
    await call(5);
    await script.until(() => script.stdout.includes("seen 4n"), "the second event");
    const { stdout } = await script.stop();
    expect(stdout).toBe("seen 3n 1 true true false\nseen 4n 1 false true false\n80 a name that is  -5n 81 undefined 2\n");
  });
});
