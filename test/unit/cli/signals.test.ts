import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** A process that takes a while to stop in order, and says what happens on standard error. */
const source = `
  import { handleSignals } from "./signals.ts";
  import { signalExits } from "./exit.ts";
  const idle = setInterval(() => {}, 1000);
  const handling = handleSignals(async (signal) => {
    process.stderr.write("stopping " + signal + "\\n");
    await new Promise((resolve) => setTimeout(resolve, Number(process.argv[2])));
    process.stderr.write("stopped\\n");
    clearInterval(idle);
    process.exitCode = signalExits[handling.stoppedBy];
    handling.dispose();
  });
  if (process.argv[3] === "print") setInterval(() => console.log("x".repeat(1000)), 1).unref();
  process.stderr.write("ready\\n");`;

let folder: string;
let script: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tsprobe-signals-"));
  script = join(folder, "child.mjs");
  await build({
    stdin: { contents: source, resolveDir: join(import.meta.dirname, "../../../cli") },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: script,
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(
  stopMs: number,
  mode = "",
): Promise<{ child: ChildProcess; end: Promise<{ code: number | null; said: string }> }> {
  const child = spawn(process.execPath, [script, String(stopMs), mode], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const end = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, said })),
  );
  await new Promise<void>((resolve) => {
    child.stderr?.on("data", (text: Buffer) => {
      said += text;
      if (said.includes("ready\n")) resolve();
    });
  });
  return { child, end };
}

describe("handleSignals", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s stops in order and exits with %d", async (signal, code) => {
    const { child, end } = await start(50);
    child.kill(signal);
    expect(await end).toEqual({ code, said: `ready\nstopping ${signal}\nstopped\n` });
  });

  test("a second signal ends at once", async () => {
    const { child, end } = await start(60_000);
    child.kill("SIGINT");
    await sleep(400);
    child.kill("SIGTERM");
    expect(await end).toEqual({ code: 143, said: "ready\nstopping SIGINT\n" });
  });

  test("an echo of the first signal does not count as a second one", async () => {
    const { child, end } = await start(300);
    child.kill("SIGINT");
    await sleep(30);
    child.kill("SIGINT");
    expect(await end).toEqual({ code: 130, said: "ready\nstopping SIGINT\nstopped\n" });
  });

  test("a script's console.log into a closed pipe stops in order", async () => {
    const { child, end } = await start(10, "print");
    child.stdout?.destroy();
    expect(await end).toEqual({ code: 141, said: "ready\nstopping SIGPIPE\nstopped\n" });
  });
});
