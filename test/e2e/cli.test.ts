import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { CliFolder, OWN_EVENTS, redirected } from "./harness/cli-folder.js";
import { AS_NOBODY, checkoutForOthers } from "./harness/plain-user.js";
import { readCsv } from "./harness/read-csv.js";
import { readJsonLines } from "./harness/read-json.js";
import { describeWhere, requireBuild, requireRoot, requireTracefs } from "./harness/requirements.js";

const SCRIPT = `import { ip, opt, options, table, tracepoint } from "tsprobe";

const opts = options({
  localPort: opt.u16Set({ flag: "-L, --localport <list>", help: "only these local ports" }),
  limit: opt.u32({ flag: "--limit <n>", help: "highest state to show", default: 99 }),
  verbose: opt.flag({ flag: "-v, --verbose", help: "the script's own -v" }),
});

export const states = tracepoint("sock:inet_sock_set_state", (ctx) => {
  if (opts.localPort.size > 0 && !opts.localPort.has(ctx.sport)) return;
  if (ctx.newstate > opts.limit) return;
  return { port: ctx.sport, to: ctx.newstate, addr: ip(ctx.saddr) };
});

if (opts.verbose) console.error("the script's own -v");
table(states, ["port", "to"]);
`;

const ANSI = String.fromCharCode(27);

const entryForOthers = join(checkoutForOthers(), "dist/cli/main.js");
let folder: CliFolder;
beforeAll(() => {
  folder = new CliFolder();
  folder.write("script.ts", SCRIPT);
  folder.write("wrong.ts", `${SCRIPT}const broken: string = 5;\n`);
  folder.write(
    "own.ts",
    OWN_EVENTS.replace("tracepoint }", "table, tracepoint }").concat('table(states, ["port", "to"]);\ntraffic();\n'),
  );
});
afterAll(() => folder.dispose());

describeWhere([requireRoot, requireTracefs, requireBuild], "the command line", () => {
  describe("help", () => {
    test("of the program, by flag and by command, on standard output", async () => {
      const [byFlag, byCommand, bare] = await Promise.all([folder.run(["--help"]), folder.run(["help"]), folder.run([])]);
      expect(byFlag).toMatchObject({ code: 0, stderr: "" });
      expect(byFlag.stdout).toMatch(/^tsprobe runs kernel probes written in TypeScript\.\n\nUsage: tsprobe <command>/);
      expect(byCommand.stdout).toBe(byFlag.stdout);
      expect(bare).toMatchObject({ code: 0, stdout: byFlag.stdout });
    });

    test("of a command, with flags and exit codes", async () => {
      const { code, stdout } = await folder.run(["help", "run"]);
      expect(code).toBe(0);
      for (const text of ["--for <duration>", "--events <n>", "Exit codes", " 13  not enough privilege"])
        expect(stdout).toContain(text);
      expect((await folder.run(["run", "--help"])).stdout).toBe(stdout);
    });

    test("of a script: its flags; nothing is loaded, so anybody may ask", async () => {
      const open = new CliFolder(entryForOthers);
      onTestFinished(() => open.dispose());
      open.write("script.ts", SCRIPT);
      for (const path of [open.path, open.cache]) chmodSync(path, 0o777);
      const { code, stdout, stderr } = await open.run(["run", "script.ts", "--help"], {}, AS_NOBODY);
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Usage: tsprobe run script\.ts \[flags\]\n/);
      expect(stdout).toMatch(/-L, --localport <list> +only these local ports\n/);
      expect(stdout).toMatch(/ {4}--limit <n> +highest state to show \(default: 99\)\n/);
    });

    test("a fault of tsprobe itself: one line, and with -v where in the sources", async () => {
      const fault = 'Object.defineProperty(process.stdout, "isTTY", { get() { throw new Error("a fault") } })';
      const NODE_OPTIONS = `--import ${JSON.stringify(`data:text/javascript,${encodeURIComponent(fault)}`)}`;
      const plain = await folder.run(["help"], { NODE_OPTIONS });
      expect(plain.stderr).toMatch(/^error\[TSP9001\]: tsprobe itself failed: a fault\nhint: .*bug in tsprobe.*\n/);
      expect(plain.stderr).not.toContain(" at ");
      const { stderr, code } = await folder.run(["help", "-v"], { NODE_OPTIONS });
      const [, line, column] = /^ +at dispatch \(cli\/program\.ts:(\d+):(\d+)\)$/m.exec(stderr) ?? [];
      const source = readFileSync(new URL("../../cli/program.ts", import.meta.url), "utf8").split("\n");
      expect(source[Number(line) - 1]?.slice(Number(column) - 1), stderr).toMatch(/^isTTY/);
      expect(stderr).not.toContain("code.cjs");
      expect(code).toBe(plain.code);
    });

    test("version", async () => {
      const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
      expect(await folder.run(["--version"])).toMatchObject({ code: 0, stdout: `tsprobe ${version}\n`, stderr: "" });
    });
  });

  describe("show and check", () => {
    test("show c prints C that names the script's lines, and nothing else", async () => {
      const { code, stdout, stderr } = await folder.run(["show", "c", "script.ts"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain('SEC("tracepoint/sock/inet_sock_set_state")');
      expect(stdout).toMatch(/#line \d+ ".*\/script\.ts"/);
    });

    test("show ir prints the handlers", async () => {
      const { code, stdout, stderr } = await folder.run(["show", "ir", "script.ts"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("sock:inet_sock_set_state");
    });

    test("show does not mind wrong types: unfinished scripts can be looked at", async () => {
      expect(await folder.run(["show", "c", "wrong.ts"])).toMatchObject({ code: 0, stderr: "" });
      expect((await folder.run(["check", "wrong.ts"])).code).toBe(5);
    });

    test("check says so, and -q does not", async () => {
      expect(await folder.run(["check", "script.ts"])).toMatchObject({
        code: 0,
        stdout: "",
        stderr: "script.ts: 1 probe, no errors\n",
      });
      expect(await folder.run(["check", "-q", "script.ts"])).toMatchObject({ code: 0, stdout: "", stderr: "" });
    });

    test("-v tells the stages, their times and the compiler", async () => {
      const { stderr } = await folder.run(["check", "-v", "script.ts"]);
      for (const stage of ["bundle", "evaluate", "lower", "compile", "check"])
        expect(stderr).toMatch(new RegExp(`^time ${stage} [0-9.]+ ms`, "m"));
      expect(stderr).toMatch(/^compiler clang \d+/m);
    });

    test("a closed reader and a full disk", async () => {
      const piped = await folder.run(["help", "run"], {}, ["bash", "-c", 'set -o pipefail; "$@" | true', "bash"]);
      expect(piped).toMatchObject({ code: 141, stderr: "" });
      const full = await folder.run(["show", "c", "script.ts"], {}, redirected("> /dev/full"));
      expect(full.code).toBe(15);
      expect(full.stderr).toMatch(
        /^error\[TSP1301\]: standard output cannot be written: no space is left on the device \(ENOSPC\)\nhint: .*\n$/,
      );
    });
  });

  describe("colours", () => {
    const wrong = ["check", "wrong.ts"];
    test("none in a pipe or with NO_COLOR, on demand with --color or FORCE_COLOR", async () => {
      const plain = (await folder.run(wrong, { NO_COLOR: undefined })).stderr;
      expect(plain).not.toContain(ANSI);
      expect((await folder.run([...wrong, "--color", "never"], { FORCE_COLOR: "1" })).stderr).toBe(plain);
      const colored = (await folder.run([...wrong, "--color", "always"])).stderr;
      expect(colored).toContain(`${ANSI}[31m`);
      expect(colored.replaceAll(new RegExp(`${ANSI}\\[\\d+m`, "g"), "")).toBe(plain);
      expect((await folder.run(wrong, { NO_COLOR: undefined, FORCE_COLOR: "1" })).stderr).toBe(colored);
    });
  });

  describe("run", () => {
    test("--for ends it: heading, notes, exit code 0", async () => {
      const { code, stdout, stderr } = await folder.run(["run", "script.ts", "-L", "1", "--for", "300ms"]);
      expect(stdout).toBe("PORT  TO\n");
      expect(stderr).toMatch(/^attached to sock:inet_sock_set_state\n0 events in \d+ ms, 0 lost\n$/);
      expect(code).toBe(0);
    });

    test("-q prints no notes, --no-header no heading", async () => {
      expect(await folder.run(["run", "-q", "--no-header", "script.ts", "-L", "1", "--for", "50ms"])).toMatchObject({
        code: 0,
        stdout: "",
        stderr: "",
      });
    });

    test("--events 1 prints one", async () => {
      const { code, stdout, stderr } = await folder.run(["run", "own.ts", "--events", "1"]);
      expect(stdout).toMatch(/^PORT {2}TO\n\d+ +(7|10)\n$/);
      expect(stderr).toMatch(/^1 event in /m);
      expect(code).toBe(0);
    });

    test("--format csv and json: the same events, as programs read them", async () => {
      const csv = readCsv((await folder.run(["run", "own.ts", "--events", "6", "--format", "csv"])).stdout);
      expect(csv[0]).toEqual(["PORT", "TO"]);
      expect(csv.slice(1)).toHaveLength(6);
      for (const [port, to] of csv.slice(1))
        expect([Number(port) >= 0, ["7", "10"].includes(to as string)]).toEqual([true, true]);
      const lines = readJsonLines((await folder.run(["run", "own.ts", "--events", "6", "--format", "json"])).stdout) as Record<
        string,
        unknown
      >[];
      const events = lines.filter(
        ({ type, data }) => type === "event" && ["7", "10"].includes(String((data as { to: number }).to)),
      );
      expect(events).toHaveLength(6);
      expect(lines.at(-1)).toMatchObject({ type: "summary", delivered: 6, lost: 0 });
    });

    test("-v tells the stages up to attached", async () => {
      const { stderr } = await folder.run(["run", "-v", "script.ts", "-L", "1", "--for", "50ms"]);
      for (const stage of ["load", "attach", "attached"]) expect(stderr).toMatch(new RegExp(`^time ${stage} [0-9.]+ ms`, "m"));
    });

    test("what stands behind -- is the script's", async () => {
      const ours = await folder.run(["check", "script.ts", "-v"]);
      expect(ours.stderr).not.toContain("the script's own -v");
      const theirs = await folder.run(["check", "script.ts", "--", "-v"]);
      expect(theirs).toMatchObject({ code: 0, stderr: "the script's own -v\nscript.ts: 1 probe, no errors\n" });
    });

    test("the script's flags in every spelling", async () => {
      for (const flags of [["-L80"], ["-L", "80,443"], ["--localport=80"], ["--localport", "1-5", "-L", "9"]])
        expect(await folder.run(["check", "-q", "script.ts", ...flags])).toMatchObject({ code: 0, stderr: "" });
    });
  });
});
