import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { syscallName } from "../../dsl/kernel/syscalls.js";
import { CliFolder } from "./harness/cli-folder.js";
import { readJsonLines } from "./harness/read-json.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs, testWhere } from "./harness/requirements.js";

let folder: CliFolder;
beforeEach(() => {
  folder = new CliFolder();
});
afterEach(() => folder.dispose());

/** Sees every getpgid(2) on the machine: pid_t is its first argument. */
const CALLS = `import { comm, pid, tracepoint } from "tsprobe";
export const calls = tracepoint("syscalls:sys_enter_getpgid", (ctx) => ({ pid: pid(), comm: comm(), argument: ctx.pid }));
`;

/** Counts system calls. */
const NAMES = `import { count, tracepoint } from "tsprobe";
const calls = count().by("s64");
tracepoint("raw_syscalls:sys_enter", (ctx) => calls.add(ctx.id));
`;

/** A program that calls getpgid(7) now and then, until its standard input ends. Python's os.getpgid is the bare system call. */
const CALLER = "import os,sys,time\nwhile True:\n  try: os.getpgid(7)\n  except OSError: pass\n  time.sleep(0.02)\n";

interface Call {
  readonly pid: number;
  readonly comm: string;
  readonly argument: number;
}

async function run(flags: readonly string[], before: readonly string[] = []) {
  const ended = await folder.run(["run", ...before, folder.write("calls.ts", CALLS), "--format", "json", ...flags]);
  const lines = readJsonLines(ended.stdout) as { readonly type: string; readonly data: Call }[];
  return { ...ended, calls: lines.filter(({ type }) => type === "event").map(({ data }) => data) };
}

/** Runs while two callers run; gives both pids to what is to be done. */
async function besideCallers<T>(
  step: (one: number, other: number) => Promise<T>,
  wrap: readonly string[] = [],
  first = "",
): Promise<T> {
  const argv = [...wrap, "python3", "-c", first + CALLER];
  const [one, other] = [spawn(argv[0] as string, argv.slice(1)), spawn("python3", ["-c", CALLER])];
  try {
    return await step(one.pid as number, other.pid as number);
  } finally {
    one.kill("SIGKILL");
    other.kill("SIGKILL");
  }
}

const pidsOf = (calls: readonly Call[]) => [...new Set(calls.map((call) => call.pid))];

describeWhere([requireRoot, requireTracefs, requireBuild], "which tasks handlers see", () => {
  test("without a flag both, with --pid one, also in front of the script's path", async () => {
    await besideCallers(async (one, other) => {
      const all = await run(["--for", "1s"]);
      expect(pidsOf(all.calls), all.stderr).toEqual(expect.arrayContaining([one, other]));
      const only = await run(["--pid", String(one), "--for", "1s"]);
      expect(pidsOf(only.calls), only.stderr).toEqual([one]);
      const before = await run(["--for", "1s"], ["-p", String(other)]);
      expect(pidsOf(before.calls), before.stderr).toEqual([other]);
    });
  });

  test("--comm", async () => {
    await besideCallers(
      async (one) => {
        const { calls, stderr } = await run(["--comm", "tsp-filter-test", "--for", "1s"]);
        expect(pidsOf(calls), stderr).toEqual([one]);
        expect(calls.every(({ comm }) => comm === "tsp-filter-test")).toBe(true);
      },
      [],
      "open('/proc/self/comm', 'w').write('tsp-filter-test')\n",
    );
  });

  test("--uid", async () => {
    await besideCallers(
      async (one) => {
        const { calls, stderr } = await run(["--uid", "54321", "--for", "1s"]);
        expect(pidsOf(calls), stderr).toEqual([one]);
      },
      [],
      "import os\nos.setuid(54321)\n",
    );
  });

  test("--netns by number and by path", async () => {
    await besideCallers(
      async (one, other) => {
        const own = readlinkSync("/proc/self/ns/net");
        while (readlinkSync(`/proc/${one}/ns/net`) === own) await new Promise((resolve) => setTimeout(resolve, 20));
        const namespace = /\d+/.exec(readlinkSync(`/proc/${one}/ns/net`))?.[0] as string;
        const byNumber = await run(["--netns", namespace, "--for", "1s"]);
        expect(pidsOf(byNumber.calls), byNumber.stderr).toEqual([one]);
        const byPath = await run(["--netns", `/proc/${other}/ns/net`, "--for", "1s"]);
        expect(pidsOf(byPath.calls), byPath.stderr).toContain(other);
        expect(pidsOf(byPath.calls)).not.toContain(one);
      },
      ["unshare", "--net"],
    );
  });

  test("--cgroup: the cgroup and those below it", async (context) => {
    const root = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .find((line) => line.includes(" - cgroup2 "))
      ?.split(" ")[4];
    if (root === undefined) return context.skip("cgroup v2 is not mounted");
    const outer = join(root, `tsprobe-test-${process.pid}`);
    const inner = join(outer, "inner");
    mkdirSync(inner, { recursive: true });
    try {
      await besideCallers(async (one, other) => {
        writeFileSync(join(inner, "cgroup.procs"), String(one));
        for (const path of [outer, inner]) {
          const { calls, stderr } = await run(["--cgroup", path, "--for", "1s"]);
          expect(pidsOf(calls), stderr).toEqual([one]);
        }
        const all = await run(["--cgroup", root, "--for", "1s"]);
        expect(pidsOf(all.calls), all.stderr).toEqual(expect.arrayContaining([one, other]));
      });
    } finally {
      await emptied(inner);
      rmdirSync(inner);
      rmdirSync(outer);
    }
  });

  describe("--command", () => {
    test("sees the command and what it starts from the first moment, not others; ends with it", async () => {
      const command = `python3 -c "import os
os.getpgid(1)
if os.fork() == 0:
  os.getpgid(2)
  os._exit(0)
os.wait()
os.system('python3 -c \\"import os; os.getpgid(3)\\"')
"; exit 3`;
      await besideCallers(async () => {
        const { calls, code, stderr } = await run(["-c", command]);
        const own = calls.map(({ argument }) => argument).filter((argument) => argument < 4);
        expect(own.sort(), stderr).toEqual([1, 2, 3]);
        expect(calls.some(({ argument }) => argument === 7)).toBe(false);
        expect(new Set(calls.map((call) => call.pid)).size).toBe(3);
        expect(stderr).toContain("the command ended with exit code 3");
        expect(code).toBe(0);
      });
    });

    testWhere([requireTool("strace")], "sees its system calls, and none of the shell that waits for the attaching", async () => {
      const command = "/bin/cat /dev/null";
      const seen = await folder.run(["run", folder.write("calls.ts", NAMES), "-c", command, "--format", "json"]);
      const counts = new Map(
        (readJsonLines(seen.stdout) as { readonly type: string; readonly key?: bigint; readonly value?: number }[])
          .filter(({ type }) => type === "count")
          .map(({ key, value }) => [syscallName(BigInt(key ?? 0)), value]),
      );
      const trace = join(folder.path, "trace");
      execFileSync("strace", ["-f", "-o", trace, "/bin/sh", "-c", command]);
      const calls = readFileSync(trace, "utf8").matchAll(/^\d+ +(\w+)\(/gm);
      const expected = new Map<string, number>();
      for (const [, name = ""] of calls) expected.set(name, (expected.get(name) ?? 0) + 1);
      // What it makes of itself, by the execve that begins it: only its end is the command's.
      expected.set("execve", (expected.get("execve") as number) - 1);
      for (const name of ["execve", "read", "openat", "mmap", "getpid"])
        expect([name, counts.get(name) ?? 0]).toEqual([name, expected.get(name) ?? 0]);
    });

    test("what it prints goes to standard error; it ends with the run", async () => {
      const started = Date.now();
      const { stdout, stderr } = await folder.run([
        "run",
        folder.write("calls.ts", `${CALLS}calls.on(() => {});\n`),
        "-c",
        "echo hello; exec sleep 60",
        "--for",
        "1s",
      ]);
      expect(stdout).toBe("");
      expect(stderr).toContain("hello\n");
      expect(Date.now() - started).toBeLessThan(30_000);
    });
  });

  test.each([
    [["--pid", "x"], '--pid: "x" is not a whole number'],
    [["--comm", "sixteen-bytes-it"], '--comm: "sixteen-bytes-it" is longer than the 15 bytes the kernel keeps of a name'],
    [["--netns", "no-such-namespace"], "--netns: there is no network namespace no-such-namespace"],
    [["--netns", "/etc/passwd"], "--netns: /etc/passwd is no network namespace"],
    [["--netns", "/proc/self/ns/uts"], "--netns: /proc/self/ns/uts is no network namespace"],
    [["--cgroup", "/no/such/group"], "--cgroup: there is no cgroup"],
    [["--cgroup", ".."], "is no cgroup (v2)"],
    [["--pid"], "--pid needs a value"],
  ])("%j is refused", async (flags, message) => {
    const { code, stderr } = await run(flags);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

async function emptied(group: string): Promise<void> {
  for (let i = 0; i < 100 && readFileSync(join(group, "cgroup.procs"), "utf8") !== ""; i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
}
