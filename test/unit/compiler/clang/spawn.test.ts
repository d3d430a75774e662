import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { runClang } from "../../../../compiler/clang/spawn.js";
import { executable, temporaryDirectory } from "./support.js";

function program(text: string): string {
  return executable(join(temporaryDirectory(), "program"), `#!/bin/sh\n${text}\n`);
}

/** Killed and not yet waited for is not running. */
function isRunning(pid: string): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe("how a run ends", () => {
  test("exit code, output, messages and input", async () => {
    const run = await runClang(program('cat; echo "$1" >&2; exit 3'), ["a b"], "input");
    expect({ ...run, stdout: run.stdout.toString() }).toEqual({
      end: { kind: "exit", code: 3 },
      stdout: "input",
      stderr: "a b\n",
    });
  });

  test("a program that does not read its input", async () => {
    const run = await runClang(program("exit 0"), [], "x".repeat(1_000_000));
    expect(run.end).toEqual({ kind: "exit", code: 0 });
  });

  test("a crash", async () => {
    const run = await runClang(program("kill -SEGV $$"), [], "");
    expect(run.end).toEqual({ kind: "signal", signal: "SIGSEGV" });
  });

  test("a program that is not there", async () => {
    const run = await runClang(join(temporaryDirectory(), "nothing"), [], "");
    expect(run.end).toEqual({ kind: "not-started", reason: expect.stringContaining("not found") });
  });

  test("no file descriptors for its pipes", () => {
    const directory = temporaryDirectory();
    const outfile = join(directory, "run.mjs");
    const contents = `import { openSync } from "node:fs"; import { runClang } from "./compiler/clang/spawn.js";
      try { for (;;) openSync("/dev/null"); } catch {}
      process.exitCode = (await runClang("/bin/true", [], "")).end.reason === "spawn /bin/sh EMFILE" ? 42 : 1;`;
    const resolveDir = fileURLToPath(new URL("../../../../", import.meta.url));
    buildSync({ stdin: { contents, resolveDir }, bundle: true, platform: "node", format: "esm", outfile });
    const few = ["-c", 'ulimit -n 40; exec "$@"', "sh", process.execPath, outfile];
    const { status, stderr } = spawnSync("/bin/sh", few, { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 42, stderr: "" });
  });

  test("a program that hangs is stopped", async () => {
    const run = await runClang(program("exec sleep 30"), [], "", { timeLimitSeconds: 0.2 });
    expect(run.end).toEqual({ kind: "timeout", seconds: 0.2 });
  });

  test.each([
    ["its child", 'sleep 30 & echo $! > "$0.pid"; wait'],
    ["a child that has left the group", 'setsid sleep 2 & echo $! > "$0.pid"; wait'],
  ])("a wrapper that hangs is stopped in time, though %s holds the pipes", async (who, text) => {
    const path = program(text);
    const start = performance.now();
    const run = await runClang(path, [], "", { timeLimitSeconds: 0.5 });
    expect(run.end).toEqual({ kind: "timeout", seconds: 0.5 });
    expect(performance.now() - start).toBeLessThan(1_500);
    const pid = readFileSync(`${path}.pid`, "utf8").trim();
    if (who === "its child") await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s to tsprobe ends it with all it started", async (signal) => {
    const directory = temporaryDirectory();
    const path = program('sleep 30 & echo $! > "$0.pid"; wait');
    const outfile = join(directory, "run.mjs");
    const contents = `import { runClang } from "./compiler/clang/spawn.js"; await runClang(${JSON.stringify(path)}, [], "");`;
    const resolveDir = fileURLToPath(new URL("../../../../", import.meta.url));
    buildSync({ stdin: { contents, resolveDir }, bundle: true, platform: "node", format: "esm", outfile });
    const child = spawn(process.execPath, [outfile]);
    const ended = new Promise((resolve) => child.once("exit", (_, by) => resolve(by)));
    await expect.poll(() => existsSync(`${path}.pid`), { timeout: 10_000 }).toBe(true);
    await expect.poll(() => readFileSync(`${path}.pid`, "utf8")).toMatch(/\n/);
    child.kill(signal);
    expect(await ended).toBe(signal);
    await expect.poll(() => isRunning(readFileSync(`${path}.pid`, "utf8").trim())).toBe(false);
  });

  test("an abort stops it and rejects with the reason, also before the start", async () => {
    const abort = new AbortController();
    const running = runClang(program("exec sleep 30"), [], "", { signal: abort.signal });
    abort.abort(new Error("stopped by hand"));
    await expect(running).rejects.toThrow("stopped by hand");
    await expect(runClang("/bin/true", [], "", { signal: abort.signal })).rejects.toThrow("stopped by hand");
  });
});

describe("what the program runs with", () => {
  test("memory is limited", async () => {
    const run = await runClang(program("ulimit -v"), [], "");
    expect(run.stdout.toString()).toBe("2097152\n");
  });

  test("no variable that would change what clang does", async () => {
    process.env.CPATH = "/tmp";
    process.env.CCC_OVERRIDE_OPTIONS = "+-O0";
    try {
      const run = await runClang("/usr/bin/env", [], "");
      const names = run.stdout
        .toString()
        .split("\n")
        .map((line) => line.split("=", 1)[0]);
      expect(names).not.toContain("CPATH");
      expect(names).not.toContain("CCC_OVERRIDE_OPTIONS");
      expect(names).toContain("CLANG_NO_DEFAULT_CONFIG");
      expect(names).toContain("PATH");
    } finally {
      delete process.env.CPATH;
      delete process.env.CCC_OVERRIDE_OPTIONS;
    }
  });
});
