import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openTracefs } from "../../kernel/tracefs.js";
import { openLibbpf } from "../../runtime/libbpf/library.js";
import { BPF_FIXTURES, buildObject } from "../fixtures/bpf/build.js";
import { CANNOT_TRACE, FIRST_ARGUMENT, getpgid, waitUntil } from "../fixtures/bpf/tracing.js";

let folder: string;
let script: string;
let object: string;

beforeAll(async () => {
  if (CANNOT_TRACE !== undefined) return;
  openTracefs(); // the processes below may lack the right to mount it
  folder = mkdtempSync(join(tmpdir(), "tsprobe-process-"));
  script = join(folder, "traced.mjs");
  object = join(folder, "calls.o");
  writeFileSync(object, buildObject("calls.c"));
  await build({
    entryPoints: [join(BPF_FIXTURES, "traced-process.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    alias: { "ffi-rs": fileURLToPath(import.meta.resolve("ffi-rs")) },
    external: ["*/ffi-rs/index.js"],
  });
});
afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** A traced process, with what it printed. */
class Traced {
  readonly child: ChildProcess;
  output = "";
  errors = "";

  constructor(action = "", prefix: readonly string[] = []) {
    const [command = process.execPath, ...rest] = [...prefix, process.execPath, script, String(process.pid), object, action];
    this.child = spawn(command, rest, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TSPROBE_LIBBPF: openLibbpf().path },
    });
    this.child.stdout?.on("data", (text) => {
      this.output += text;
    });
    this.child.stderr?.on("data", (text) => {
      this.errors += text;
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  ready(): Promise<void> {
    return waitUntil(() => this.output.includes("ready"));
  }

  async exit(): Promise<number | NodeJS.Signals> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
    return this.child.exitCode ?? (this.child.signalCode as NodeJS.Signals);
  }
}

let traced: Traced;
afterEach(async () => {
  if (CANNOT_TRACE !== undefined) return;
  traced.child.kill("SIGKILL");
  await traced.exit();
});

/** BPF programs a process holds, by their numbers. */
function programsOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/fdinfo`).flatMap((fd) => {
    const id = readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8").match(/^prog_id:\s*(\d+)/m)?.[1];
    return id === undefined ? [] : [Number(id)];
  });
}

function bpftool(...words: string[]): { id?: number; pid?: number }[] {
  return JSON.parse(execFileSync("bpftool", ["-j", ...words], { encoding: "utf8" }));
}

const hasBpftool = (() => {
  try {
    execFileSync("bpftool", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    console.log("not shown with bpftool: it is not installed");
    return false;
  }
})();

/** Wake-ups and clock ticks of all threads of a process so far. */
function activityOf(pid: number): { wakeups: number; ticks: number } {
  let wakeups = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${task}/status`, "utf8");
    wakeups += Number(status.match(/^voluntary_ctxt_switches:\s*(\d+)/m)?.[1]);
  }
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return { wakeups, ticks: Number(fields[11]) + Number(fields[12]) };
}

describe.skipIf(CANNOT_TRACE !== undefined)("a tracing process", () => {
  test("while idle it neither wakes up nor uses a CPU, and then shows an event at once", async () => {
    traced = new Traced();
    await traced.ready();
    await sleep(1000); // V8 tidies up for a while
    const before = activityOf(traced.pid);
    await sleep(2000);
    const after = activityOf(traced.pid);
    console.log(`idle for 2 s: ${after.wakeups - before.wakeups} wake-ups, ${after.ticks - before.ticks} ticks`);
    expect(after.wakeups - before.wakeups).toBeLessThanOrEqual(4);
    expect(after.ticks - before.ticks).toBeLessThanOrEqual(1);
    const sent = performance.now();
    getpgid(FIRST_ARGUMENT + 7);
    await waitUntil(() => traced.output.includes(`event ${FIRST_ARGUMENT + 7}`));
    expect(performance.now() - sent).toBeLessThan(2_000);
  });

  test("SIGSTOP and SIGCONT (EINTR in epoll_wait) do not end the sleep", async () => {
    traced = new Traced();
    await traced.ready();
    await sleep(50);
    for (let round = 0; round < 3; round++) {
      traced.child.kill("SIGSTOP");
      await sleep(30);
      traced.child.kill("SIGCONT");
      await sleep(30);
    }
    const before = activityOf(traced.pid);
    await sleep(1000);
    expect(activityOf(traced.pid).wakeups - before.wakeups).toBeLessThanOrEqual(4); // asleep again, not spinning
    getpgid(FIRST_ARGUMENT + 8);
    await waitUntil(() => traced.output.includes(`event ${FIRST_ARGUMENT + 8}`));
    traced.child.kill("SIGTERM");
    expect(await traced.exit()).toBe(0);
    expect(traced.output).toContain("stopped 1");
    expect(traced.errors).toBe("");
  });

  test.each([
    ["exit", 3],
    ["throw", 1],
  ] as const)("a process that ends by %s does not hang on the sleeping thread", async (action, code) => {
    traced = new Traced(action);
    await traced.ready();
    const began = performance.now();
    expect(await traced.exit()).toBe(code);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test("after SIGKILL nothing stays attached or loaded", async () => {
    traced = new Traced();
    await traced.ready();
    const programs = programsOf(traced.pid);
    expect(programs.length).toBeGreaterThanOrEqual(2);
    const loaded = () => bpftool("prog", "show").filter(({ id }) => programs.includes(id as number));
    const attached = () => bpftool("perf", "show").filter(({ pid }) => pid === traced.pid);
    if (hasBpftool) {
      expect(loaded().length).toBe(new Set(programs).size);
      expect(attached().length).toBe(2);
    }
    traced.child.kill("SIGKILL");
    expect(await traced.exit()).toBe("SIGKILL");
    if (hasBpftool) {
      await waitUntil(() => loaded().length === 0);
      expect(attached()).toEqual([]);
    }
  });

  test("without capabilities it says which are missing", async () => {
    traced = new Traced("", ["setpriv", "--bounding-set=-bpf,-perfmon,-sys_admin", "--inh-caps=-bpf,-perfmon,-sys_admin"]);
    await traced.exit();
    const [diagnostic] = JSON.parse(traced.output);
    expect(diagnostic).toMatchObject({
      code: "TSP6003",
      failure: "permission",
      message: expect.stringMatching(/^no permission to (create BPF maps|load BPF programs): CAP_BPF and CAP_PERFMON missing$/),
    });
    expect(diagnostic.hints[0]).toContain("sudo");
    expect(traced.errors).toBe(""); // libbpf's own words do not reach the terminal
  });

  test("with CAP_BPF alone it says that CAP_PERFMON is missing", async () => {
    traced = new Traced("", ["setpriv", "--bounding-set=-perfmon,-sys_admin", "--inh-caps=-perfmon,-sys_admin"]);
    await traced.exit();
    expect(JSON.parse(traced.output)[0]).toMatchObject({
      code: "TSP6003",
      message: "no permission to load BPF programs: CAP_PERFMON missing",
    });
  });

  test("as root of a user namespace, which has every capability but none that counts, it says so", async () => {
    traced = new Traced("", ["unshare", "--user", "--map-root-user"]);
    await traced.exit();
    expect(JSON.parse(traced.output)[0]).toEqual({
      code: "TSP6003",
      failure: "permission",
      message: expect.stringMatching(
        /^no permission to (create BPF maps|load BPF programs): this process is root in a user namespace only \(a rootless container\), which gives no right to probe the kernel$/,
      ),
      hints: [
        "run tsprobe on the host with sudo, or in a container without user namespace: docker run --privileged --pid=host …",
      ],
    });
  });
});
