import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import type { Stack } from "../../dsl/stack.js";
import { CallChain, CHAIN_CALL, compileChain, onChainCall } from "./harness/call-chain.js";
import { collect } from "./harness/collect.js";
import { describeWhere, lacking, requireRoot, requireTool, toolEnvironment } from "./harness/requirements.js";
import { startScript } from "./harness/state.js";

const needs = [requireRoot, requireTool("gcc")];

const OUR_CALLS = ["c_func", "b_func", "a_func", "main"];

const namesOf = (stack: unknown) => (stack as Stack).map(({ symbol }) => symbol);

describeWhere(needs, "stacks", () => {
  const program = lacking(needs) === undefined ? compileChain() : undefined;
  const path = program?.path ?? "";
  afterAll(() => program?.remove());

  let chain: CallChain | undefined;
  afterEach(async () => {
    await chain?.end();
    chain = undefined;
  });

  /** Address and size of the program's functions. */
  function nm(): Map<string, { start: number; size: number }> {
    const lines = execFileSync("nm", ["-S", "--defined-only", path], { encoding: "utf8" }).split("\n");
    return new Map(
      lines
        .map((line) => line.split(" "))
        .filter((words) => words.length === 4)
        .map(([start = "", size = "", , name = ""]) => [
          name,
          { start: Number.parseInt(start, 16), size: Number.parseInt(size, 16) },
        ]),
    );
  }

  test("ustack: the calls of a C program, each frame where nm and /proc/PID/maps say", async () => {
    chain = await CallChain.start(path);
    const base = Number.parseInt(readFileSync(`/proc/${chain.pid}/maps`, "utf8"), 16);
    const { streams, counters } = await collect(onChainCall(chain.pid, "ustack", "return { stack: ustack() };"), async () => {
      await chain?.tell("call");
      await chain?.tell("call");
    });
    expect(counters).toEqual([]);
    expect(streams[0]).toHaveLength(2);
    const [first, second] = (streams[0] ?? []).map(({ stack }) => stack) as [Stack, Stack];
    expect(second).toBe(first);
    expect(namesOf(first).slice(0, 4)).toEqual(OUR_CALLS);
    const symbols = nm();
    for (const frame of first.slice(0, 4)) {
      const { start, size } = symbols.get(frame.symbol) as { start: number; size: number };
      expect(frame.module).toBe("chain");
      expect(frame.address).toBe(BigInt(base + start + frame.offset));
      expect(frame.offset).toBeGreaterThan(0);
      expect(frame.offset).toBeLessThanOrEqual(size);
    }
    expect(String(first).split("\n")[0]).toMatch(/^c_func\+0x[0-9a-f]+ \[chain\]$/);
    expect(first.folded()).toMatch(/;main;a_func;b_func;c_func$/);
  });

  test("a depth leaves out the outer frames", async () => {
    chain = await CallChain.start(path);
    const source = onChainCall(chain.pid, "ustack, kstack", "return { two: ustack(2), one: kstack(DEPTH) };", "const DEPTH = 1;");
    const { streams } = await collect(source, async () => chain?.tell("call"));
    const [event] = streams[0] ?? [];
    expect(namesOf(event?.two)).toEqual(["c_func", "b_func"]);
    expect(event?.one).toHaveLength(1);
  });

  test("kstack: each frame is in the function that /proc/kallsyms has before its address", async () => {
    chain = await CallChain.start(path);
    const { streams } = await collect(onChainCall(chain.pid, "kstack", "return { stack: kstack() };"), async () =>
      chain?.tell("call"),
    );
    const [event] = streams[0] ?? [];
    const stack = event?.stack as Stack;
    expect(stack.length).toBeGreaterThan(2);
    const symbols = readFileSync("/proc/kallsyms", "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/[ \t]/))
      .map(([address = "", , name = ""]) => ({ address: BigInt(`0x${address}`), name }))
      .filter(({ address }) => address > 2n ** 63n);
    for (const { address, symbol, offset } of stack) {
      let best = 0n;
      for (const each of symbols) if (each.address < address && each.address > best) best = each.address;
      const names = symbols.filter((each) => each.address === best).map(({ name }) => name);
      expect(names).toContain(symbol);
      expect(BigInt(offset)).toBe(address - best);
    }
    if (process.arch === "x64") expect(namesOf(stack)).toContain("do_syscall_64");
  });

  test("kstack where a process goes to sleep: schedule(), and how it came there", async () => {
    chain = await CallChain.start(path);
    const source = `import { kstack, pid, tracepoint } from "tsprobe";
export const seen = tracepoint("sched:sched_switch", () => {
  if (pid() !== ${chain.pid}) return;
  return { stack: kstack() };
});`;
    const { streams } = await collect(source, async () => chain?.tell("sleep"));
    const asleep = streams[0]?.map(({ stack }) => namesOf(stack)).filter((names) => names.includes("hrtimer_nanosleep"));
    expect(asleep).not.toEqual([]);
    for (const names of asleep ?? []) {
      expect(names).toContain("schedule");
      expect(names.indexOf("schedule")).toBeLessThan(names.indexOf("hrtimer_nanosleep"));
    }
  });

  test("both are what bpftrace shows", async ({ skip }) => {
    const missing = requireTool("bpftrace")();
    if (missing !== undefined) skip(missing);
    chain = await CallChain.start(path);
    const script = `tracepoint:raw_syscalls:sys_enter /pid == ${chain.pid} && args->id == ${CHAIN_CALL}/ {
      printf("%s", kstack); printf("--"); printf("%s", ustack); exit(); }
      BEGIN { printf("ready\\n"); }`;
    const tracer = spawn("bpftrace", ["-B", "line", "-e", script], { env: toolEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    tracer.stdout.on("data", (chunk) => {
      text += chunk;
    });
    const ended = once(tracer, "close");
    while (!text.includes("ready")) await new Promise((resolve) => setTimeout(resolve, 20));
    const { streams } = await collect(
      onChainCall(chain.pid, "kstack, ustack", "return { kernel: kstack(), user: ustack() };"),
      async () => {
        await chain?.tell("call");
        await ended;
      },
    );
    const shown = text.slice(text.indexOf("ready\n") + 6).split("--");
    const [kernel, user] = shown.map((part) => [...part.matchAll(/^\s+(.+)\+\d+/gm)].map((match) => match[1]));
    expect(kernel?.length).toBeGreaterThan(2);
    expect(namesOf(streams[0]?.[0]?.kernel)).toEqual(kernel);
    expect(namesOf(streams[0]?.[0]?.user).slice(0, 4)).toEqual(user?.slice(0, 4));
  });

  test("usym: functions and variables of the process, exported or not, and of its libraries", async () => {
    chain = await CallChain.start(path);
    const { streams } = await collect(
      onChainCall(
        chain.pid,
        "usym",
        "return { shared: usym(ctx.args[0]), hidden: usym(ctx.args[1]), library: usym(ctx.args[2]), none: usym(16n) };",
      ),
      async () => chain?.tell("call"),
    );
    expect(streams[0]).toEqual([
      { shared: "shared_value", hidden: "hidden_value", library: expect.stringMatching(/^(?:_IO_)?puts$/), none: "0x10" },
    ]);
  });

  test("ksym: the name that /proc/kallsyms has, also inside a function; an address where nothing is stays one", async () => {
    const [, address = "", name = ""] = /^([0-9a-f]{16}) T (tcp_v4_rcv)$/m.exec(readFileSync("/proc/kallsyms", "utf8")) ?? [];
    expect(name).toBe("tcp_v4_rcv");
    chain = await CallChain.start(path);
    const { streams } = await collect(
      onChainCall(
        chain.pid,
        "ksym",
        `const at = 0x${address}n;
  return { start: ksym(at), inside: ksym(at + 9n), none: ksym(0xffff000000000010n), low: ksym(ctx.args[0] & 0n) };`,
      ),
      async () => chain?.tell("call"),
    );
    expect(streams[0]).toEqual([{ start: name, inside: name, none: "0xffff000000000010", low: "0x0" }]);
  });

  test("a program that replaces itself (execve) is seen as what it is then", async () => {
    chain = await CallChain.start(path);
    const source = onChainCall(chain.pid, "ustack", "return { stack: ustack() };");
    const { streams } = await collect(source, async () => {
      for (let i = 0; i < 3; i++) {
        await chain?.tell("call");
        await new Promise((resolve) => setTimeout(resolve, 100)); // for the event to come before what it tells of is gone
        await chain?.tell("exec");
      }
    });
    const stacks = streams[0]?.map(({ stack }) => stack as Stack) ?? [];
    expect(new Set(stacks.map((stack) => stack[0]?.address)).size, "each is loaded somewhere else").toBe(3);
    for (const stack of stacks) expect(namesOf(stack).slice(0, 4)).toEqual(OUR_CALLS);
  });

  test("a process that has ended: names from its files if it was seen before, else addresses that say so", async () => {
    const seen = await CallChain.start(path);
    const { streams } = await collect(onChainCall(seen.pid, "ustack", "return { stack: ustack() };"), async () => {
      await seen.tell("call");
      await new Promise((resolve) => setTimeout(resolve, 100));
      await seen.end();
    });
    expect(namesOf(streams[0]?.[0]?.stack).slice(0, 4)).toEqual(OUR_CALLS);

    const { UserSymbols } = await import("../../runtime/symbols/user-symbols.js");
    const late = new UserSymbols().imageOf(seen.pid).find(0x5555_5555_5555n, false);
    expect(late).toEqual({ symbol: "0x555555555555", offset: 0, module: "[ended]" });
  });

  test("as keys: one entry for equal stacks, which the host can look up", async () => {
    chain = await CallChain.start(path);
    const { script, end } = await startScript(
      onChainCall(
        chain.pid,
        "count, hash, kstack, ustack",
        `const stack = ustack();
  calls.add(stack);
  const before = byStack.get({ user: stack, kernel: kstack() });
  byStack.set({ user: stack, kernel: kstack() }, before === undefined ? 1 : before + 1);
  return { stack };`,
        `const calls = count().by("ustack");
const byStack = hash({ key: { user: "ustack", kernel: "kstack" }, value: "u32" });`,
      ),
    );
    for (let i = 0; i < 5; i++) await chain.tell("call");
    await chain.tell("tree 3 0 8");
    const counters = await end(() => {
      const [counts, map] = script.state as unknown as [
        { entries(): [Stack, number][] },
        Iterable<[{ user: Stack; kernel: Stack }, number]> & { get(key: unknown): number },
      ];
      const byLength = [...counts.entries()].filter(([stack]) => stack[0]?.symbol === "c_func");
      expect(byLength.map(([, value]) => Number(value))).toEqual([5]);
      expect([...counts.entries()]).toHaveLength(1 + 8);
      const entries = [...map];
      expect(entries.map(([, value]) => value).sort()).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 5]);
      const [key] = entries.find(([, value]) => value === 5) as [{ user: Stack; kernel: Stack }, number];
      expect(map.get(key)).toBe(5);
    });
    expect(counters).toEqual([]);
  });

  test("more different stacks than fit: those that are read are all kept", async () => {
    chain = await CallChain.start(path);
    const { script, end } = await startScript(onChainCall(chain.pid, "ustack", "return { stack: ustack() };"));
    const stacks: Stack[] = [];
    script.streams[0]?.on((event) => stacks.push((event as { stack: Stack }).stack));
    for (let from = 0; from < 32_768; from += 4_096) {
      await chain.tell(`tree 15 ${from} ${from + 4_096}`);
      while (stacks.length < from + 4_096) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await end()).toEqual([]);
    expect(stacks).toHaveLength(32_768);
    expect(new Set(stacks).size).toBe(32_768);
    const way = (stack: Stack) => stack.filter(({ symbol }) => symbol === "one" || symbol === "zero").length;
    expect(stacks.every((stack) => way(stack) === 16)).toBe(true);
  });

  test("more than fit, while nobody takes them over: each one that is not kept is counted, and the total is exact", async () => {
    chain = await CallChain.start(path);
    let congested = true;
    const { script, end } = await startScript(
      onChainCall(chain.pid, "count, ustack", "calls.add(ustack());", 'const calls = count().by("ustack", { max: 40_000 });'),
      { congested: () => congested },
    );
    await chain.tell("tree 15 0 32768");
    congested = false;
    let lost = 0;
    const counters = await end(() => {
      const [calls] = script.state as unknown as [{ entries(): [Stack, number][] }];
      const entries = [...calls.entries()];
      expect(entries.reduce((sum, [, value]) => sum + Number(value), 0)).toBe(32_768);
      const notKept = entries.filter(([stack]) => !stack.isKept);
      expect(notKept).toHaveLength(1);
      expect(String(notKept[0]?.[0])).toBe("[not kept]");
      lost = Number(notKept[0]?.[1]);
    });
    expect(lost).toBe(32_768 - 16_384);
    expect(counters.map(({ site, count }) => [site.reason, count])).toEqual([["stack", BigInt(lost)]]);
  });

  test("a script that only aggregates knows the processes that ended meanwhile", async () => {
    const seen = await CallChain.start(path);
    const { script, end } = await startScript(
      onChainCall(seen.pid, "count, ustack", "calls.add(ustack());", 'const calls = count().by("ustack");'),
    );
    await seen.tell("call");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await seen.end();
    expect(
      await end(() => {
        const [calls] = script.state as unknown as [{ entries(): [Stack, number][] }];
        expect([...calls.entries()].map(([stack]) => namesOf(stack).slice(0, 4))).toEqual([OUR_CALLS]);
      }),
    ).toEqual([]);
  });

  test("functions that Node compiles while it runs, with --perf-basic-prof", async () => {
    const code = `const fs = require("fs");
function innerOfTest() { try { fs.accessSync("/nowhere/tsprobe-test"); } catch {} }
function outerOfTest() { for (let i = 0; i < 20; i++) innerOfTest(); }
process.stdin.on("data", () => { outerOfTest(); console.log("done"); }).on("end", () => process.exit());
for (let i = 0; i < 20_000; i++) innerOfTest();
console.log("ready");`;
    // V8 leaves a log where it is started.
    const folder = mkdtempSync(join(tmpdir(), "tsprobe-stacks-"));
    const node = spawn(process.execPath, ["--perf-basic-prof", "--interpreted-frames-native-stack", "--no-opt", "-e", code], {
      stdio: ["pipe", "pipe", "inherit"],
      cwd: folder,
    });
    const exited = once(node, "exit");
    try {
      await once(node.stdout, "data");
      const source = `import { pid, tracepoint, ustack } from "tsprobe";
export const seen = tracepoint("raw_syscalls:sys_enter", (ctx) => {
  if (pid() !== ${node.pid}) return;
  return { id: ctx.id, stack: ustack() };
});`;
      const { streams } = await collect(source, async () => {
        node.stdin.write("go\n");
        await once(node.stdout, "data");
        await new Promise((resolve) => setTimeout(resolve, 100));
      });
      const found = streams[0]
        ?.map(({ stack }) => namesOf(stack))
        .filter((names) => names.some((name) => /innerOfTest/.test(name)));
      expect(found).not.toEqual([]);
      const [names = []] = found ?? [];
      const at = (pattern: RegExp) => names.findIndex((name) => pattern.test(name));
      expect(at(/innerOfTest/)).toBeGreaterThan(at(/access/));
      expect(at(/outerOfTest/)).toBeGreaterThan(at(/innerOfTest/));
      expect(at(/uv_run/)).toBeGreaterThan(at(/outerOfTest/));
    } finally {
      node.stdin.end();
      await exited;
      rmSync(`/tmp/perf-${node.pid}.map`, { force: true });
      rmSync(folder, { recursive: true });
    }
  });
});
