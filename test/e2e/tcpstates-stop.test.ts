import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { programExists, programsHeldBy } from "./harness/bpf-programs.js";
import { freePort } from "./harness/free-port.js";
import { RunningProcess, withTracefs } from "./harness/process.js";
import { readStatesJson } from "./harness/read-states.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs, tsprobeEntry } from "./harness/requirements.js";
import { withTempDir } from "./harness/temp-dir.js";
import { isAttached, readRows, spawnTsprobe, startTsprobe } from "./harness/tracer-tsprobe.js";
import { Stage } from "./workload/stage.js";

const probe = new URL("../../probes/tcpstates.ts", import.meta.url).pathname;
const noStackTrace = /^\s+at /m;

describeWhere([requireRoot, requireTracefs, requireBuild], "how a run of probes/tcpstates.ts ends", () => {
  let stage: Stage;
  let port: number;

  beforeAll(async () => {
    stage = await Stage.open();
    port = await freePort();
  });
  afterAll(() => stage?.close());

  /** Two rows for each: CLOSE → SYN_SENT and SYN_SENT → CLOSE, both with this remote port. */
  async function knock(times: number): Promise<void> {
    const attempts = Array.from({ length: times }, () => stage.client.connect({ host: "127.0.0.1", port }));
    for (const { value } of await Promise.all(attempts)) expect(value.failure).toBe("ECONNREFUSED");
  }

  const onlyOurs = () => ["-D", `${port}`];
  const rowsOf = (stdout: string) => readRows("json", stdout).length;

  test("--events stops after that many, with exit code 0", async () => {
    const { process } = await startTsprobe("json", [...onlyOurs(), "--events", "5"]);
    await knock(10);
    const { code, stdout, stderr } = await process.ended;
    const { rows, summaries } = readStatesJson(stdout);
    expect(code).toBe(0);
    expect(rows).toHaveLength(5);
    expect(summaries[0]).toMatchObject({ delivered: 5, lost: 0 });
    expect(stderr).toMatch(/^5 events in .*\b0 lost/m);
  });

  test("--for stops after that time, with exit code 0 and all events until then", async () => {
    const { process } = await startTsprobe("json", [...onlyOurs(), "--for", "1500ms"]);
    const attached = performance.now();
    await knock(20);
    const { code, stdout } = await process.ended;
    const seconds = (performance.now() - attached) / 1000;
    expect(code).toBe(0);
    expect(rowsOf(stdout)).toBe(40);
    // Node needs some time to leave; this machine may be busy.
    expect(seconds).toBeGreaterThan(1.3);
    expect(seconds).toBeLessThan(15);
  });

  for (const [signal, exitCode] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    test(`${signal}: detached, drained, summary, exit code ${exitCode}`, async () => {
      const { process } = await startTsprobe("json", onlyOurs());
      const held = programsHeldBy(process.pid);
      expect(held.length).toBeGreaterThan(0);
      await knock(30);
      // At once: what the kernel has recorded by now must come out, though nobody waited for it.
      const { code, stdout, stderr } = await process.stop(signal);
      expect(code).toBe(exitCode);
      expect(rowsOf(stdout)).toBe(60);
      expect(stderr).toMatch(/^60 events in .*\b0 lost/m);
      expect(stderr).not.toMatch(noStackTrace);
      await eventuallyGone(held.map(({ id }) => id));
    });
  }

  test("a reader that goes away ends it by itself, with exit code 141 and in silence", async () => {
    const { process } = await startTsprobe("json", onlyOurs());
    const held = programsHeldBy(process.pid);
    await knock(1);
    await process.until(() => process.stdout.includes("\n"), "the first line");
    process.closeStdout();
    await knock(5);
    const { code, stderr } = await process.ended;
    expect(code).toBe(141);
    expect(stderr).not.toMatch(noStackTrace);
    expect(stderr).not.toMatch(/EPIPE/);
    await eventuallyGone(held.map(({ id }) => id));
  });

  test("| head -1 in a shell: the pipeline ends with its line, also when no event comes that could not be written", async () => {
    // timeout: should it not end, it is not to stay behind either.
    const command = withTracefs([
      "timeout",
      "30",
      process.execPath,
      tsprobeEntry,
      "run",
      probe,
      "--format",
      "csv",
      ...onlyOurs(),
    ]);
    const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
    const pipeline = `${command.map(quote).join(" ")} | head -1; echo "\${PIPESTATUS[0]}" >&2`;
    const { stdout, stderr } = await new RunningProcess(["bash", "-c", pipeline]).ended;
    expect(stdout).toMatch(/^SKADDR,C-PID,.*\n$/);
    expect(stderr).toMatch(/^141$/m);
    expect(stderr).not.toMatch(noStackTrace);
  });

  test("Ctrl-C works while nobody reads the output: the second one ends it at once", async () => {
    await withTempDir(async (directory) => {
      // Node's own pipes are socket pairs, which hold more; a FIFO holds 64 KiB.
      const fifo = join(directory, "out");
      execFileSync("mkfifo", [fifo]);
      const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
      const writer = openSync(fifo, constants.O_WRONLY);
      const process = spawnTsprobe("json", onlyOurs(), {}, writer);
      closeSync(writer);
      try {
        await process.until(() => isAttached(process), "tsprobe to attach");
        // 600 rows are about 120 KiB.
        await knock(400);
        await sleep(300);
        process.kill("SIGINT");
        await sleep(500);
        process.kill("SIGINT");
        const second = performance.now();
        const end = await Promise.race([process.ended, sleep(5000)]);
        if (!end) throw new Error("still running 5 s after the second Ctrl-C");
        expect(performance.now() - second).toBeLessThan(4_000);
        expect(end.code ?? end.signal).toBeOneOf([130, "SIGINT"]);
        expect(end.stderr).not.toMatch(noStackTrace);
      } finally {
        process.kill("SIGKILL");
        closeSync(reader);
      }
    });
  });

  for (const format of ["json", "csv", "table"] as const) {
    test(`SIGKILL (${format}): every row seen so far had been printed, and nothing stays attached`, async () => {
      const { process } = await startTsprobe(format, onlyOurs());
      const held = programsHeldBy(process.pid).map(({ id }) => id);
      expect(held.every(programExists)).toBe(true);
      await knock(25);
      // A tool that prints each row when it comes needs no more than a moment.
      await process.until(() => readRows(format, process.stdout).length >= 50, "50 rows", 2000);
      const { signal, stdout } = await process.stop("SIGKILL");
      expect(signal).toBe("SIGKILL");
      expect(stdout.endsWith("\n")).toBe(true);
      expect(readRows(format, stdout)).toHaveLength(50);
      await eventuallyGone(held);
    });
  }

  test("a run that is interrupted while it starts leaves nothing behind", async () => {
    const process = spawnTsprobe("json", onlyOurs());
    await sleep(150);
    const { code, signal, stderr } = await process.stop("SIGINT");
    // Before Node has installed anything the signal's own action applies, which a shell shows as 130 as well.
    expect(code === 130 || signal === "SIGINT", `code ${code}, signal ${signal}`).toBe(true);
    expect(stderr).not.toMatch(noStackTrace);
  });
});

/** The kernel frees programs a moment after their last user is gone (call_rcu). */
async function eventuallyGone(ids: readonly number[]): Promise<void> {
  for (let waited = 0; waited < 3000 && ids.some(programExists); waited += 50) await sleep(50);
  expect(ids.filter(programExists)).toEqual([]);
}

describeWhere([requireTool("bpftool")], "what these tests look with", () => {
  test("a program number that is not in use is seen as such", () => {
    expect(programExists(0x7fff_ffff)).toBe(false);
  });
});
