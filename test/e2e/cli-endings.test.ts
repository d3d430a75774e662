import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CliFolder, OWN_EVENTS, redirected } from "./harness/cli-folder.js";
import type { RunningProcess } from "./harness/process.js";
import { describeWhere, requireBuild, requireRoot, requireTool, requireTracefs } from "./harness/requirements.js";

let folder: CliFolder;
beforeEach(() => {
  folder = new CliFolder();
});
afterEach(() => folder.dispose());

/** Ids of all BPF programs with the name of our handler that the kernel holds. */
function ownPrograms(): string[] {
  const all = JSON.parse(
    execFileSync("bpftool", ["prog", "list", "--json"], {
      encoding: "utf8",
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    }),
  ) as { id: number; name?: string }[];
  return all.filter(({ name }) => name === "p0_endingstates").map(({ id }) => String(id));
}

const ENDING = OWN_EVENTS.replace("const states", "const endingstates").concat("const states = endingstates;\n");

async function attached(process: RunningProcess): Promise<void> {
  await process.until(() => /^attached/m.test(process.stderr), "attaching");
}

/** The pid of the bundler's process, as soon as there is one and the run handles SIGINT itself. */
async function bundlerOf({ pid }: RunningProcess): Promise<number> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    const { stdout } = spawnSync("pgrep", ["--parent", String(pid), "--full", "esbuild"], { encoding: "utf8" });
    const caught = /^SigCgt:\s+([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
    // That it listens to signals shows in SIGHUP: Node itself catches SIGINT, from its beginning on, and ends by it.
    if (stdout !== "" && (BigInt(`0x${caught}`) >> BigInt(constants.signals.SIGHUP - 1)) & 1n) return Number(stdout);
    await sleep(1);
  }
  throw new Error("no process of the bundler's");
}

const needs = [requireRoot, requireTracefs, requireBuild, requireTool("bpftool"), requireTool("pgrep", "procps")];
describeWhere(needs, "how runs end", () => {
  describe("by an error of the script", () => {
    test("thrown in a callback: its place, exit code 1, nothing stays in the kernel", async () => {
      folder.write(
        "script.ts",
        `${ENDING}traffic();\nstates.on((e) => {\n  if (e.to > 0) throw new RangeError("too much");\n});\n`,
      );
      const { code, stderr } = await folder.run(["run", "script.ts"]);
      expect(stderr).toMatch(/error\[TSP2005\]: the script failed: RangeError: too much\n --> script\.ts:19:23\n/);
      expect(code).toBe(1);
      expect(ownPrograms()).toEqual([]);
    });

    test("-v shows the script's stack, and only that", async () => {
      folder.write(
        "script.ts",
        `${ENDING}traffic();\nfunction check(to: number): void {\n  if (to > 0) throw new RangeError("too much");\n}\nstates.on((e) => check(e.to));\n`,
      );
      const { stderr } = await folder.run(["run", "-v", "script.ts"]);
      const details = stderr.slice(stderr.indexOf("details:"));
      expect(details).toMatch(/^ +at check \(.*script\.ts:19:\d+\)\n +at .*script\.ts:21:18/m);
      expect(details).not.toMatch(/dist\/|node:/);
    });
  });

  describe("by a signal", () => {
    test.each([
      ["SIGINT", 130],
      ["SIGTERM", 143],
      ["SIGHUP", 129],
    ] as const)("%s: summary, exit code %i, detached", async (signal, expected) => {
      folder.write("script.ts", `${ENDING}states.on(() => {});\n`);
      const process = folder.start(["run", "script.ts"]);
      await attached(process);
      expect(ownPrograms()).toHaveLength(1);
      const { code, stderr } = await process.stop(signal);
      expect(stderr).toMatch(/\n\d+ events? in .*, 0 lost\n$/);
      expect(code).toBe(expected);
      expect(ownPrograms()).toEqual([]);
    });

    test("SIGINT ends a for await loop, and the script's last lines run", async () => {
      folder.write("script.ts", `${ENDING}for await (const _ of states) {}\nconsole.log("last line");\n`);
      const process = folder.start(["run", "script.ts"]);
      await attached(process);
      expect(await process.stop("SIGINT")).toMatchObject({ code: 130, stdout: "last line\n" });
    });

    test("SIGINT before it is attached: at once, without a word", async () => {
      folder.write("script.ts", `${ENDING}console.log("evaluated");\nstates.on(() => {});\n`);
      const process = folder.start(["run", "script.ts"]);
      await process.until(() => process.stdout.includes("evaluated"), "the script's module");
      const start = performance.now();
      const { code, stderr } = await process.stop("SIGINT");
      expect(performance.now() - start).toBeLessThan(8_000);
      expect({ code, stderr: stderr.replace(/^attached[\s\S]*$/, "") }).toEqual({ code: 130, stderr: "" });
      expect(ownPrograms()).toEqual([]);
    });

    // Again and again: whether the run hears of the bundler's end before its own signal depends on what they were at.
    test("a terminal's Ctrl-C while it bundles, which ends the bundler first: without a word", { repeats: 7 }, async () => {
      const lines = Array.from({ length: 20_000 }, (_, i) => `export const value${i} = ${i};\n`);
      folder.write("script.ts", `${ENDING}states.on(() => {});\n${lines.join("")}`);
      const running = folder.start(["run", "script.ts"]);
      const bundler = await bundlerOf(running);
      running.kill("SIGSTOP");
      process.kill(bundler, "SIGINT");
      while (!/^State:\s+Z/m.test(readFileSync(`/proc/${bundler}/status`, "utf8"))) await sleep(1);
      running.kill("SIGINT");
      expect(await running.stop("SIGCONT")).toMatchObject({ code: 130, stdout: "", stderr: "" });
    });

    test("SIGINT while the script's module waits for something else", async () => {
      folder.write(
        "script.ts",
        `console.log("evaluated");\nawait new Promise(() => setInterval(() => {}, 1000));\n${ENDING.replace(/^import.*\n/gm, "")}`.replace(
          /^/,
          'import { createServer } from "node:net";\nimport { pid, tracepoint } from "tsprobe";\n',
        ),
      );
      const process = folder.start(["run", "script.ts"]);
      await process.until(() => process.stdout.includes("evaluated"), "the script's module");
      expect(await process.stop("SIGINT")).toMatchObject({ code: 130, stderr: "" });
    });

    test("a second SIGINT ends a script that does not come to its end", async () => {
      folder.write(
        "script.ts",
        `${ENDING}for await (const _ of states) {}\nawait new Promise(() => setInterval(() => {}, 1000));\n`,
      );
      const process = folder.start(["run", "script.ts"]);
      await attached(process);
      process.kill("SIGINT");
      setTimeout(() => process.kill("SIGINT"), 400);
      expect((await process.ended).code).toBe(130);
      expect(ownPrograms()).toEqual([]);
    });
  });

  describe("by what takes the output", () => {
    const printing = `${ENDING}traffic();\nstates.on((e) => console.log(e.to));\n`;
    const table = ENDING.replace("tracepoint }", "table, tracepoint }").concat('traffic();\ntable(states, ["port"]);\n');

    test.each([
      ["a table", table, []],
      ["the script's own lines", printing, []],
      ["JSON", table, ["--format", "json"]],
      ["CSV", table, ["--format", "csv"]],
    ])("a full disk, with %s: one error, exit code 15", async (_, text, flags) => {
      folder.write("script.ts", text);
      const { code, stderr } = await folder.run(["run", "-q", "script.ts", ...flags], {}, redirected("> /dev/full"));
      expect(stderr).toMatch(
        /^error\[TSP1301\]: standard output cannot be written: no space is left on the device \(ENOSPC\)\nhint: .*\n$/,
      );
      expect(code).toBe(15);
      expect(ownPrograms()).toEqual([]);
    });

    test("no standard output at all: it runs", async () => {
      folder.write("script.ts", table);
      expect(await folder.run(["run", "script.ts", "--events", "2"], {}, redirected(">&-"))).toMatchObject({
        code: 0,
        stdout: "",
      });
    });

    test("a full disk behind standard error does not matter", async () => {
      folder.write("script.ts", table);
      const { code, stdout } = await folder.run(["run", "script.ts", "--events", "2"], {}, redirected("2> /dev/full"));
      expect(stdout).toMatch(/^PORT\n\d+\n\d+\n$/);
      expect(code).toBe(0);
    });
  });
});
